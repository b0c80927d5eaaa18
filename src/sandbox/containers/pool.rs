//! Warm containers, so that a job need not wait for one to boot.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::activity::Activity;
use super::container::Container;
use super::engine::Share;
use super::fleet::Fleet;
use super::reap::Reaper;
use crate::domain::limits::Limits;
use crate::sandbox::{SandboxError, Tally};

/// First and longest pause after a boot that failed.
const RETRY: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));

/// Pause when there is no room for a boot.
const PAUSE: Duration = Duration::from_millis(20);

/// How often idle containers are looked at.
const HEALTH: Duration = Duration::from_secs(2);

/// Idle containers of one image, and what makes more of them.
pub struct Pool {
    fleet: Arc<Fleet>,
    reaper: Reaper,
    activity: Activity,
    idle: Mutex<VecDeque<Container>>,
    taken: Notify,
    healthy: AtomicBool,
    pub(super) tally: Tally,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Pool {
    /// An empty pool.
    pub fn new(
        fleet: Arc<Fleet>,
        reaper: Reaper,
        activity: Activity,
        stop: CancellationToken,
        tasks: TaskTracker,
    ) -> Arc<Self> {
        Arc::new(Self {
            fleet,
            reaper,
            activity,
            idle: Mutex::default(),
            taken: Notify::new(),
            healthy: AtomicBool::new(true),
            tally: Tally::default(),
            stop,
            tasks,
        })
    }

    fn idle(&self) -> MutexGuard<'_, VecDeque<Container>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are idle.
    pub fn idle_count(&self) -> usize {
        self.idle().len()
    }

    /// Whether the last boot succeeded.
    pub fn is_healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }

    /// A container for a job with these limits: a warm one, or else one that is booted for it.
    ///
    /// # Errors
    ///
    /// Why none could be booted.
    pub async fn take(self: &Arc<Self>, limits: &Limits) -> Result<Container, SandboxError> {
        let idle = self.take_idle(limits);
        self.tally.job(idle.is_some());
        if let Some(container) = idle {
            container.promote();
            self.taken.notify_one();
            return Ok(container);
        }
        // In a task of its own: when the job is cancelled meanwhile, the boot goes on and the pool keeps the container.
        let (pool, limits) = (self.clone(), *limits);
        let work = self.activity.begin_boot();
        let boot = self.tasks.spawn(async move {
            let booted = pool.boot(limits, Share::Grading).await;
            drop(work);
            booted
        });
        let boot = Rescue { boot: Some(boot), pool: self.clone() };
        boot.container().await
    }

    fn take_idle(&self, limits: &Limits) -> Option<Container> {
        let mut idle = self.idle();
        // The oldest first, so that none gets old.
        while let Some(mut container) = idle.pop_front() {
            if !container.suits(limits) {
                idle.push_front(container);
                return None;
            }
            if container.is_waiting() {
                return Some(container);
            }
        }
        None
    }

    /// Boots one, unless the sandbox stops. A boot that has begun is never cut off: the engine would go on with what it
    /// was asked for, and a container that appears after everything was cleaned up is nobody's.
    async fn boot(&self, limits: Limits, share: Share) -> Result<Container, SandboxError> {
        if self.stop.is_cancelled() {
            return Err(SandboxError::ShuttingDown);
        }
        let begun = Instant::now();
        let booted = Container::boot(&self.fleet, &self.reaper, limits, share).await;
        self.tally.boot(begun.elapsed(), booted.is_ok());
        // Said once when it changes, not once for each attempt.
        let was_healthy = self.healthy.swap(booted.is_ok(), Ordering::Relaxed);
        match &booted {
            Ok(_) if !was_healthy => tracing::info!("containers can be booted again"),
            Err(error) if was_healthy => tracing::error!(%error, "containers cannot be booted"),
            _ => {}
        }
        booted
    }

    /// Keeps a container for later, if it is wanted.
    fn keep(&self, container: Container) {
        let mut idle = self.idle();
        let wanted = idle.len() < self.fleet.settings.pool_size
            && container.suits(&self.fleet.settings.limits)
            && !self.stop.is_cancelled();
        if wanted {
            idle.push_back(container);
        }
    }

    /// Keeps the pool full until the sandbox stops; then empties it.
    pub async fn tend(self: Arc<Self>) {
        let mut pause = RETRY.0;
        while !self.stop.is_cancelled() {
            self.retire();
            if self.lacks() == 0 {
                tokio::select! {
                    () = self.stop.cancelled() => break,
                    () = self.taken.notified() => continue,
                    () = tokio::time::sleep(HEALTH) => continue,
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => break,
                () = self.activity.quiet() => {}
            }
            if self.fill().await {
                pause = RETRY.0;
            } else {
                tokio::select! {
                    () = self.stop.cancelled() => break,
                    () = tokio::time::sleep(pause) => {}
                }
                pause = (pause * 2).min(RETRY.1);
            }
        }
        self.idle().clear();
    }

    fn lacks(&self) -> usize {
        self.fleet.settings.pool_size.saturating_sub(self.idle_count() + self.activity.booting())
    }

    /// Boots as many as may boot at once; whether all of them did.
    async fn fill(self: &Arc<Self>) -> bool {
        let count = self.lacks().min(self.fleet.settings.max_boots.saturating_sub(self.activity.booting()));
        let mut boots = Vec::new();
        for _ in 0..count {
            let Some(work) = self.activity.begin_spare_boot() else {
                break;
            };
            let pool = self.clone();
            boots.push(self.tasks.spawn(async move {
                let booted = pool.boot(pool.fleet.settings.limits, Share::Boot).await;
                drop(work);
                booted.map(|container| pool.keep(container)).is_ok()
            }));
        }
        if boots.is_empty() {
            // A job has come, or jobs boot their own.
            tokio::time::sleep(PAUSE).await;
        }
        let mut all = true;
        for boot in boots {
            all &= boot.await.unwrap_or(false);
        }
        all
    }

    /// Drops those that are too old or have ended.
    fn retire(&self) {
        let oldest = self.fleet.settings.recycle_after;
        self.idle().retain_mut(|container| container.age() < oldest && container.is_waiting());
    }
}

/// A boot that some job waits for; when the job goes, its container is kept for another.
struct Rescue {
    boot: Option<tokio::task::JoinHandle<Result<Container, SandboxError>>>,
    pool: Arc<Pool>,
}

impl Rescue {
    async fn container(mut self) -> Result<Container, SandboxError> {
        let Some(boot) = &mut self.boot else {
            return Err(SandboxError::ShuttingDown);
        };
        let booted = boot.await;
        self.boot = None;
        booted.unwrap_or_else(|panic| Err(SandboxError::Boot(panic.to_string())))
    }
}

impl Drop for Rescue {
    fn drop(&mut self) {
        if let Some(boot) = self.boot.take() {
            let pool = self.pool.clone();
            self.pool.tasks.spawn(async move {
                if let Ok(Ok(container)) = boot.await {
                    pool.keep(container);
                }
            });
        }
    }
}
