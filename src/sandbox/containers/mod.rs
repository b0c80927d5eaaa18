//! The sandbox of containers: each job in one of its own, taken from a warm pool and destroyed after it.

mod activity;
pub mod cgroup;
mod consoles;
mod container;
pub(super) mod engine;
mod fleet;
pub(super) mod identity;
mod images;
mod kind;
mod pool;
pub mod programs;
mod reap;
pub(super) mod seccomp;
mod settings;
mod start;
mod stock;
mod sweep;
mod warmth;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, debug_span};

use activity::Activity;
use consoles::ContainerConsoles;
use fleet::Fleet;
use kind::Kind;
use pool::Pool;
use programs::ContainerPrograms;
use reap::Reaper;
pub use settings::{ContainerSettings, EngineSettings};
pub use start::Prepared;

use super::{Consoles, Counts, Event, EventSink, Programs, Sandbox, SandboxError, Status};
use crate::domain::ids::ImageName;
use crate::domain::job::{Flavour, Job};
use crate::domain::report::Report;

/// How long a shutdown may take.
const SHUTDOWN: Duration = Duration::from_secs(30);

/// Runs jobs in containers.
pub struct ContainerSandbox {
    fleet: Arc<Fleet>,
    pool: Arc<Pool>,
    reaper: Reaper,
    activity: Activity,
    slots: Semaphore,
    programs: Option<Arc<ContainerPrograms>>,
    consoles: Arc<ContainerConsoles>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl ContainerSandbox {
    /// Connects to the engine, checks what it has, removes what dead workers left there, and begins to fill the pool.
    ///
    /// # Errors
    ///
    /// The engine cannot be reached, or lacks the runtime or the image.
    pub async fn start(settings: ContainerSettings) -> Result<Self, SandboxError> {
        Prepared::new(settings).await?.start().await
    }

    /// Waits until the pool is full.
    pub async fn warm(&self) {
        while !self.pool.is_full() && !self.stop.is_cancelled() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ids of the containers that exist and are this sandbox's: none after a shutdown.
    ///
    /// # Errors
    ///
    /// The engine cannot be reached.
    pub async fn containers(&self) -> Result<Vec<String>, SandboxError> {
        Ok(self.fleet.engine.own().await?.into_iter().map(|found| found.id).collect())
    }

    /// Looks for containers that nobody sees to, and has them removed. It is done now and then anyway.
    pub async fn sweep(&self) {
        sweep::once(&self.fleet, &self.reaper).await;
    }

    async fn perform(&self, job: Job, events: &EventSink) -> Result<Report, SandboxError> {
        if self.stop.is_cancelled() {
            return Err(SandboxError::ShuttingDown);
        }
        let waiting = self.activity.begin_waiting();
        let entered = Instant::now();
        let permits = if job.alone { self.fleet.settings.max_jobs } else { 1 };
        let _permits = self
            .slots
            .acquire_many(u32::try_from(permits).unwrap_or(u32::MAX))
            .instrument(debug_span!("slot"))
            .await
            .map_err(|_| SandboxError::ShuttingDown)?;
        let _alone = if job.alone {
            let alone = self.activity.begin_alone();
            self.activity.calm().await;
            Some(alone)
        } else {
            None
        };
        let slot = entered.elapsed();
        let image = self.fleet.images.get(job.image.as_ref()).await?;
        let kind = Kind::of(&job, self.fleet.settings.flavour, &image);
        let container = self.pool.take(kind, &job.limits).instrument(debug_span!("container")).await?;
        let work = self.activity.begin_job();
        drop(waiting);
        let taken = entered.elapsed();
        events.tell(Event::Started);
        let mut report = container.run(job, events).instrument(debug_span!("run")).await?;
        report.contended = work.contended();
        report.timings.slot_us = micros(slot);
        report.timings.container_us = micros(taken.saturating_sub(slot));
        Ok(report)
    }

    async fn close(&self) {
        self.stop.cancel();
        self.slots.close();
        self.tasks.close();
        self.tasks.wait().await;
        self.activity.over().await;
        self.buried().await;
        // What was created by a request whose answer never came is known only by its label.
        sweep::all(&self.fleet, &self.reaper).await;
        self.buried().await;
    }

    /// Waits until no container waits to be removed.
    async fn buried(&self) {
        while self.reaper.waiting() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Sandbox for ContainerSandbox {
    fn run<'a>(&'a self, job: Job, events: &'a EventSink) -> BoxFuture<'a, Result<Report, SandboxError>> {
        async move {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => Err(SandboxError::ShuttingDown),
                report = self.perform(job, events) => report,
            }
        }
        .boxed()
    }

    fn image_digest(&self) -> &str {
        &self.fleet.images.usual.id
    }

    fn digest_of<'a>(&'a self, image: Option<&'a ImageName>) -> BoxFuture<'a, Result<String, SandboxError>> {
        async move { Ok(self.fleet.images.get(image).await?.id) }.boxed()
    }

    fn flavour(&self) -> Option<Flavour> {
        Kind::usual(self.fleet.settings.flavour, &self.fleet.images.usual).flavour
    }

    fn status(&self) -> Status {
        Status {
            idle: self.pool.idle_count(),
            booting: self.activity.booting(),
            running: self.activity.running(),
            removing: self.reaper.waiting(),
            healthy: self.pool.is_healthy(),
        }
    }

    fn counts(&self) -> Counts {
        self.pool.tally.counts()
    }

    fn programs(&self) -> Option<Arc<dyn Programs>> {
        self.programs.clone().map(|programs| programs as Arc<dyn Programs>)
    }

    fn consoles(&self) -> Option<Arc<dyn Consoles>> {
        Some(self.consoles.clone())
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        async move {
            if tokio::time::timeout(SHUTDOWN, self.close()).await.is_err() {
                tracing::error!("containers are left behind after {SHUTDOWN:?}; the next worker removes them");
            }
        }
        .boxed()
    }
}

impl Drop for ContainerSandbox {
    /// Without a [shutdown](Sandbox::shutdown) the containers still go, as long as the runtime lives.
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
