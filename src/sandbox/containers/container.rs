//! One single-use container: booted, given one job, destroyed.

use std::time::{Duration, Instant};

use futures_util::{FutureExt as _, StreamExt as _};
use tokio::io::AsyncWriteExt as _;

use super::cgroup::Cgroup;
use super::engine::{Chunk, Chunks, Fate, Input, Recipe, Share, State, Vessel};
use super::fleet::Fleet;
use super::kind::Kind;
use super::reap::{Channel, Reaper};
use crate::domain::job::Job;
use crate::domain::limits::Limits;
use crate::domain::report::{End, Report};
use crate::sandbox::driver::Driver;
use crate::sandbox::protocol::{self, Decoder, Incoming, Outgoing};
use crate::sandbox::{EventSink, SandboxError};

/// Bytes that a container may send before it is ready.
const READY_BYTES: usize = 4096;

/// A container that has booted and waits for its job.
pub struct Container {
    input: Input,
    output: Option<Chunks>,
    fate: Box<dyn Fate>,
    cgroup: Option<Cgroup>,
    grave: Grave,
    booted: Instant,
    kind: Kind,
    limits: Limits,
}

/// Hands the container to the reaper, whatever becomes of the future that holds it.
pub(super) struct Grave {
    name: String,
    reaper: Reaper,
    /// Code that nobody trusts may still be running in it.
    urgent: bool,
    /// Held open until it is removed.
    channel: Option<Channel>,
}

impl Grave {
    /// For a container of this name, which need not be there yet.
    pub(super) const fn new(name: String, reaper: Reaper) -> Self {
        Self { name, reaper, urgent: false, channel: None }
    }

    /// Says that code which nobody trusts may be running in it from now on.
    pub(super) const fn is_urgent(&mut self) {
        self.urgent = true;
    }
}

impl Drop for Grave {
    fn drop(&mut self) {
        self.reaper.bury(std::mem::take(&mut self.name), self.urgent, self.channel.take());
    }
}

impl Container {
    /// Boots one and waits until it is ready.
    ///
    /// # Errors
    ///
    /// Whatever was in the way. The container, if there is one by then, goes to the reaper.
    pub async fn boot(
        fleet: &Fleet,
        reaper: &Reaper,
        kind: Kind,
        limits: Limits,
        share: Share,
    ) -> Result<Self, SandboxError> {
        let timeout = fleet.settings.boot_timeout;
        match tokio::time::timeout(timeout, Self::boot_unbounded(fleet, reaper, kind, limits, share)).await {
            Ok(container) => container,
            Err(_) => Err(SandboxError::BootTimeout(timeout)),
        }
    }

    async fn boot_unbounded(
        fleet: &Fleet,
        reaper: &Reaper,
        kind: Kind,
        limits: Limits,
        share: Share,
    ) -> Result<Self, SandboxError> {
        let name = fleet.next_name();
        // From here on something may exist, even if the engine's answer never comes.
        let grave = Grave::new(name.clone(), reaper.clone());
        let image = fleet.images.get(kind.image.as_ref()).await?;
        let recipe = Recipe { environment: kind.environment(), ..fleet.recipe(&image, &limits, share) };
        let Vessel { input, output, fate, cgroup } = fleet.engine.boot(&name, &recipe).await?;
        let (output, booted) = (Some(output), Instant::now());
        let mut container = Self { input, output, fate, cgroup, grave, booted, kind, limits };
        container.wait_until_ready().await?;
        container.booted = Instant::now();
        Ok(container)
    }

    async fn wait_until_ready(&mut self) -> Result<(), SandboxError> {
        let mut decoder = Decoder::new(READY_BYTES, READY_BYTES);
        let mut said = String::new();
        let bad = |error: protocol::FrameError| SandboxError::Boot(error.to_string());
        while let Some(output) = &mut self.output {
            match output.next().await {
                Some(Ok(Chunk::Out(bytes))) => decoder.push(&bytes).map_err(bad)?,
                Some(Ok(Chunk::Err(bytes))) => {
                    said.push_str(&String::from_utf8_lossy(&bytes));
                    if said.len() > READY_BYTES {
                        break;
                    }
                }
                Some(Err(error)) => return Err(SandboxError::Boot(error.to_string())),
                None => break,
            }
            let Some(content) = decoder.next_frame().map_err(bad)? else {
                continue;
            };
            return match Incoming::parse(content).map_err(bad)? {
                Incoming::Ready { v, .. } if v == protocol::VERSION => Ok(()),
                Incoming::Ready { v, .. } => Err(SandboxError::ProtocolVersion { theirs: v, ours: protocol::VERSION }),
                other => Err(SandboxError::Boot(format!("it began with {other:?}"))),
            };
        }
        Err(SandboxError::Boot(format!("it ended before it was ready, and said: {}", said.trim())))
    }

    /// How long it has been ready.
    pub fn age(&self) -> Duration {
        self.booted.elapsed()
    }

    /// Where the kernel accounts for it, if that can be seen from here.
    pub const fn cgroup(&self) -> Option<&Cgroup> {
        self.cgroup.as_ref()
    }

    /// What it was booted for.
    pub fn kind(&self) -> Kind {
        self.kind.clone()
    }

    /// Whether its limits are those of this job.
    pub fn suits(&self, limits: &Limits) -> bool {
        let part = |l: &Limits| (l.memory_bytes, l.pids, l.cpu_millis, l.tmp_bytes, l.open_files);
        part(&self.limits) == part(limits)
    }

    /// Whether it still waits quietly. One that ended or says anything unasked is of no use.
    pub fn is_waiting(&mut self) -> bool {
        self.output.as_mut().is_some_and(|output| output.next().now_or_never().is_none())
    }

    /// From now on it has the share of the CPU that a grading has.
    pub fn promote(&self) {
        if let Some(cgroup) = &self.cgroup
            && let Err(error) = cgroup.set_share(Share::Grading)
        {
            tracing::debug!(container = self.grave.name, %error, "its share of the CPU could not be set");
        }
    }

    /// Gives it a job and stays until the report is complete. The container is used up.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Lost`] when the engine failed, or the container ended through no fault of the code.
    pub async fn run(mut self, job: Job, events: &EventSink) -> Result<Report, SandboxError> {
        self.grave.urgent = true;
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| SandboxError::Lost(error.to_string()))?;
        let (mut driver, first) = Driver::new(job, Instant::now(), secret);
        self.fate.engage();
        if self.fate.has_ended() {
            return Err(SandboxError::Lost("it ended before it was given the code".to_owned()));
        }
        let mut pending = first;
        let mut written = 0;
        while !driver.is_done() {
            let Some(output) = &mut self.output else {
                break;
            };
            tokio::select! {
                biased;
                chunk = output.next() => match chunk {
                    Some(Ok(Chunk::Out(bytes))) => {
                        if let Some(next) = driver.received(&bytes, Instant::now(), events) {
                            (pending, written) = (next, 0);
                        }
                    }
                    Some(Ok(Chunk::Err(bytes))) => driver.received_stray(&bytes),
                    Some(Err(_)) | None => {
                        // Read to its end; the engine knows the rest.
                        self.output = None;
                        driver.ended(how_it_ended(self.fate.settled().await?));
                    }
                },
                result = self.input.write(&pending[written..]), if written < pending.len() => match result {
                    Ok(0) | Err(_) => {
                        self.output = None;
                        driver.ended(how_it_ended(self.fate.settled().await?));
                    }
                    Ok(n) => {
                        written += n;
                        if written == pending.len() && self.input.flush().await.is_err() {
                            written = pending.len();
                        }
                    }
                },
                () = tokio::time::sleep_until(driver.deadline().into()) => {
                    driver.ended(how_it_is(self.fate.now().await?));
                }
            }
        }
        // A pause shows as a time-out that the harness itself reports.
        self.fate.undisturbed()?;
        Self::collect_stray(&mut self.output, &mut driver);
        let report = driver.into_report().ok_or_else(|| SandboxError::Lost("no end".to_owned()))?;
        if report.end == End::Finished {
            // The harness ends what the code left running and then waits for its standard input to close, which ends
            // the VM. Until then it costs nothing, so that a burst has its verdicts before anything is cleaned up.
            let farewell = protocol::encode(&Outgoing::End);
            let _ = self.input.write(&farewell).now_or_never();
            let _ = self.input.flush().now_or_never();
            let Self { input, output, mut grave, .. } = self;
            grave.urgent = false;
            grave.channel = Some(Box::new((input, output)));
        }
        Ok(report)
    }

    /// Takes what is there already of the standard error.
    fn collect_stray(output: &mut Option<Chunks>, driver: &mut Driver) {
        while let Some(Some(Some(Ok(chunk)))) = output.as_mut().map(|output| output.next().now_or_never()) {
            if let Chunk::Err(bytes) = chunk {
                driver.received_stray(&bytes);
            }
        }
    }
}

/// What a channel that ended means.
const fn how_it_ended(state: State) -> End {
    if state.out_of_memory { End::OutOfMemory } else { End::Exited { code: state.exit_code } }
}

/// What silence at a deadline means.
const fn how_it_is(state: State) -> End {
    if state.out_of_memory { End::OutOfMemory } else { End::Deadline }
}
