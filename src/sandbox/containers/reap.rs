//! Removes used containers: in the background, yielding to jobs, and never giving up.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::activity::Activity;
use super::fleet::Fleet;

/// First and longest pause after an attempt that failed.
const RETRY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

/// How often a removal is tried, in all, when the sandbox stops.
const LAST_TRIES: u32 = 6;

/// Takes containers that are no longer needed.
#[derive(Debug, Clone)]
pub struct Reaper {
    sender: mpsc::UnboundedSender<Corpse>,
    waiting: Arc<AtomicUsize>,
}

/// A container's open channel. While it is held the VM waits; closed, the VM ends by itself.
pub type Channel = Box<dyn std::any::Any + Send>;

/// How long a channel is held at most. Ending a VM costs more CPU than a verdict: a burst is answered first.
const HOLD: Duration = Duration::from_millis(700);

/// How many are removed together: while one is waited for the others go on, and a job that comes meanwhile waits for no more.
const BATCH: usize = 4;

struct Corpse {
    name: String,
    urgent: bool,
    channel: Option<Channel>,
    since: Instant,
    failures: u32,
    /// Not to be tried again before.
    next: Instant,
}

/// The other end of a [`Reaper`].
pub struct Graveyard {
    receiver: mpsc::UnboundedReceiver<Corpse>,
    waiting: Arc<AtomicUsize>,
    backlog: VecDeque<Corpse>,
}

impl Reaper {
    /// A reaper, and what [`Graveyard::tend`] is called on.
    #[must_use]
    pub fn new() -> (Self, Graveyard) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let graveyard = Graveyard { receiver, waiting: waiting.clone(), backlog: VecDeque::new() };
        (Self { sender, waiting }, graveyard)
    }

    /// Has a container removed: at the next quiet moment, or at once when code may still be running in it. `channel` is
    /// held open until then.
    pub fn bury(&self, name: String, urgent: bool, channel: Option<Channel>) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let since = Instant::now();
        if self.sender.send(Corpse { name, urgent, channel, since, failures: 0, next: since }).is_err() {
            // Nobody tends the graveyard any more: the next worker finds it by its labels.
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }
}

impl Graveyard {
    /// Removes what comes, until `stop`, and then what is left.
    pub async fn tend(mut self, fleet: Arc<Fleet>, activity: Activity, stop: CancellationToken) {
        loop {
            if self.backlog.is_empty() {
                match self.receiver.recv().await {
                    Some(corpse) => self.backlog.push_back(corpse),
                    None => return,
                }
            }
            while let Ok(corpse) = self.receiver.try_recv() {
                self.backlog.push_back(corpse);
            }
            self.stop_urgent(&fleet).await;
            self.wait_for_quiet(&fleet, &activity, &stop).await;
            let now = Instant::now();
            if !self.backlog.iter().any(|corpse| corpse.next <= now) {
                self.wait_for_next().await;
                continue;
            }
            let Some(work) = activity.begin_removal() else {
                activity.shared().await;
                continue;
            };
            let batch = self.take_due(now);
            self.remove(&fleet, batch, &stop).await;
            drop(work);
        }
    }

    /// The first of those that may be tried.
    fn take_due(&mut self, now: Instant) -> Vec<Corpse> {
        let mut batch = Vec::new();
        while batch.len() < BATCH
            && let Some(due) = self.backlog.iter().position(|corpse| corpse.next <= now)
        {
            batch.extend(self.backlog.remove(due));
        }
        batch
    }

    /// Removes them. What could not be removed goes to the end of the line, so that it holds up nobody else.
    async fn remove(&mut self, fleet: &Fleet, mut batch: Vec<Corpse>, stop: &CancellationToken) {
        // All channels are closed before the first is waited for, so that the VMs end side by side.
        let leaving: Vec<bool> = batch.iter_mut().map(|corpse| corpse.channel.take().is_some()).collect();
        let removals = batch.iter().zip(leaving).map(|(corpse, leaving)| fleet.remove(&corpse.name, leaving));
        let results = join_all(removals).await;
        for (mut corpse, result) in batch.into_iter().zip(results) {
            if let Err(error) = result {
                corpse.failures += 1;
                tracing::warn!(container = corpse.name, %error, failures = corpse.failures, "could not remove a container, and will try again");
                if !stop.is_cancelled() || corpse.failures < LAST_TRIES {
                    let pause = (RETRY.0 * 2_u32.saturating_pow(corpse.failures.min(10))).min(RETRY.1);
                    corpse.next = Instant::now() + pause;
                    self.backlog.push_back(corpse);
                    continue;
                }
                tracing::error!(container = corpse.name, "a container is left behind; the next worker removes it");
            }
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Waits for a container that may be tried again, or for another one.
    async fn wait_for_next(&mut self) {
        let Some(next) = self.backlog.iter().map(|corpse| corpse.next).min() else {
            return;
        };
        tokio::select! {
            () = tokio::time::sleep_until(next.into()) => {}
            Some(corpse) = self.receiver.recv() => self.backlog.push_back(corpse),
        }
    }

    /// Ends the processes of containers in which code may still be running, so that it takes no more CPU.
    async fn stop_urgent(&mut self, fleet: &Fleet) {
        for corpse in self.backlog.iter_mut().filter(|corpse| corpse.since.elapsed() >= HOLD) {
            corpse.channel = None;
        }
        for corpse in self.backlog.iter_mut().filter(|corpse| corpse.urgent) {
            corpse.urgent = false;
            if let Err(error) = fleet.engine.kill(&corpse.name).await {
                tracing::debug!(container = corpse.name, %error, "could not kill a container; it will be removed by force");
            }
        }
    }

    /// Waits until a channel has been held for long enough.
    fn hold_is_over(backlog: &VecDeque<Corpse>) -> impl Future<Output = ()> + use<> {
        let end = backlog.iter().filter(|corpse| corpse.channel.is_some()).map(|corpse| corpse.since + HOLD).min();
        async move {
            match end {
                Some(end) => tokio::time::sleep_until(end.into()).await,
                None => std::future::pending().await,
            }
        }
    }

    async fn wait_for_quiet(&mut self, fleet: &Fleet, activity: &Activity, stop: &CancellationToken) {
        loop {
            let full = self.backlog.len() > fleet.settings.removal_backlog;
            let Some(oldest) = self.backlog.front() else {
                return;
            };
            let left = fleet.settings.removal_age.saturating_sub(oldest.since.elapsed());
            if full || left.is_zero() || stop.is_cancelled() {
                return;
            }
            let hold_is_over = Self::hold_is_over(&self.backlog);
            tokio::select! {
                () = activity.quiet() => return,
                () = stop.cancelled() => return,
                () = tokio::time::sleep(left) => return,
                () = hold_is_over => {}
                corpse = self.receiver.recv() => match corpse {
                    Some(corpse) => self.backlog.push_back(corpse),
                    None => return,
                },
            }
            self.stop_urgent(fleet).await;
        }
    }
}
