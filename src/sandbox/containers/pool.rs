//! Warm containers, so that a job need not wait for one to boot.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::activity::Activity;
use super::cgroup::Cgroup;
use super::container::Container;
use super::engine::Share;
use super::fleet::Fleet;
use super::kind::Kind;
use super::reap::Reaper;
use super::stock::{Count, Stock};
use crate::domain::limits::Limits;
use crate::sandbox::memory::Taken;
use crate::sandbox::{SandboxError, Tally};

/// First and longest pause after a boot that failed.
const RETRY: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));

/// How long none of a kind are made for later whose packages cannot be booted.
const REST: Duration = Duration::from_secs(300);

/// Pause when there is no room for a boot.
const PAUSE: Duration = Duration::from_millis(20);

/// How often idle containers are looked at.
const HEALTH: Duration = Duration::from_secs(2);

/// Idle containers of one image, and what makes more of them.
pub struct Pool {
    fleet: Arc<Fleet>,
    reaper: Reaper,
    activity: Activity,
    stock: Mutex<Stock<Container>>,
    arrived: Mutex<BTreeMap<Kind, usize>>,
    changed: Notify,
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
        let usual = Kind::usual(fleet.settings.flavour, &fleet.images.usual);
        let stock = Mutex::new(Stock::new(BTreeMap::from([(usual, fleet.settings.pool_size)])));
        Arc::new(Self {
            fleet,
            reaper,
            activity,
            stock,
            arrived: Mutex::default(),
            changed: Notify::new(),
            healthy: AtomicBool::new(true),
            tally: Tally::default(),
            stop,
            tasks,
        })
    }

    fn stock(&self) -> MutexGuard<'_, Stock<Container>> {
        self.stock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are idle.
    pub fn idle_count(&self) -> usize {
        self.stock().idle()
    }

    /// Whether as many are idle as are wanted.
    pub fn is_full(&self) -> bool {
        self.stock().is_full()
    }

    /// From now on so many of each kind are wanted.
    pub fn want(&self, targets: BTreeMap<Kind, usize>) {
        self.stock().want(targets);
        self.changed.notify_one();
    }

    /// How many of each kind are idle, and are wanted.
    pub fn counts(&self) -> BTreeMap<Kind, Count> {
        self.stock().counts()
    }

    /// How many jobs of each kind have come since this was last asked.
    pub fn arrivals(&self) -> BTreeMap<Kind, usize> {
        std::mem::take(&mut *self.arrived.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where the kernel accounts for those that are idle.
    pub fn idle_groups(&self) -> Vec<Cgroup> {
        self.stock().all().filter_map(|container| container.cgroup().cloned()).collect()
    }

    /// So many idle ones took so much memory.
    pub fn measured(&self, count: usize, taken: Taken) {
        self.tally.memory(count, taken);
    }

    /// Whether the last boot succeeded.
    pub fn is_healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }

    /// A container for a job of this kind with these limits: a warm one, or else one that is booted for it.
    ///
    /// # Errors
    ///
    /// Why none could be booted.
    pub async fn take(self: &Arc<Self>, kind: Kind, limits: &Limits) -> Result<Container, SandboxError> {
        *self.arrived.lock().unwrap_or_else(PoisonError::into_inner).entry(kind.clone()).or_default() += 1;
        let idle = self.take_idle(&kind, limits);
        self.tally.job(idle.is_some());
        if let Some(container) = idle {
            container.promote();
            self.changed.notify_one();
            return Ok(container);
        }
        // In a task of its own: when the job is cancelled meanwhile, the boot goes on and the pool keeps the container.
        let (pool, limits) = (self.clone(), *limits);
        let work = self.activity.begin_boot();
        let boot = self.tasks.spawn(async move {
            let booted = pool.boot(kind, limits, Share::Grading).await;
            drop(work);
            booted
        });
        let boot = Rescue { boot: Some(boot), pool: self.clone() };
        boot.container().await
    }

    fn take_idle(&self, kind: &Kind, limits: &Limits) -> Option<Container> {
        let mut stock = self.stock();
        let mut take = |kind: &Kind| stock.take(kind, |container| container.suits(limits), Container::is_waiting);
        // One without ExUnit loads it when it is asked to, which takes a quarter of the time of a boot.
        take(kind).or_else(|| if kind.suite { take(&Kind { suite: false, ..kind.clone() }) } else { None })
    }

    /// Boots one, unless the sandbox stops. A boot that has begun is never cut off: the engine would go on with what it
    /// was asked for, and a container that appears after everything was cleaned up is nobody's.
    async fn boot(&self, kind: Kind, limits: Limits, share: Share) -> Result<Container, SandboxError> {
        if self.stop.is_cancelled() {
            return Err(SandboxError::ShuttingDown);
        }
        let begun = Instant::now();
        let booted = Container::boot(&self.fleet, &self.reaper, kind.clone(), limits, share).await;
        self.tally.boot(begun.elapsed(), booted.is_ok());
        if let (Some(image), Err(error)) = (&kind.image, &booted) {
            // It concerns the exercises that need it, and nobody else.
            tracing::warn!(%image, %error, "containers with these packages cannot be booted");
            self.stock().rest(&kind, Instant::now() + REST);
            return booted.map_err(|error| match error {
                SandboxError::Boot(_) | SandboxError::ProtocolVersion { .. } => {
                    SandboxError::Packages { image: image.to_string(), why: error.to_string() }
                }
                other => other,
            });
        }
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
        if container.suits(&self.fleet.settings.limits) && !self.stop.is_cancelled() {
            let surplus = self.stock().put(container.kind(), container);
            // Not while the stock is locked.
            drop(surplus);
        }
    }

    /// Keeps the pool full until the sandbox stops; then empties it.
    pub async fn tend(self: Arc<Self>) {
        let mut pause = RETRY.0;
        while !self.stop.is_cancelled() {
            self.retire();
            if self.stock().lacking().is_none() {
                tokio::select! {
                    () = self.stop.cancelled() => break,
                    () = self.changed.notified() => continue,
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
        let all = self.stock().empty();
        drop(all);
    }

    /// Boots as many as may boot at once; whether all of them did.
    async fn fill(self: &Arc<Self>) -> bool {
        let room = self.fleet.settings.max_boots.saturating_sub(self.activity.booting());
        let mut boots = Vec::new();
        for _ in 0..room {
            let Some(kind) = self.stock().lacking() else { break };
            let Some(work) = self.activity.begin_spare_boot() else { break };
            self.stock().begin(&kind);
            let pool = self.clone();
            boots.push(self.tasks.spawn(async move {
                let booted = pool.boot(kind.clone(), pool.fleet.settings.limits, Share::Boot).await;
                drop(work);
                pool.stock().end(&kind);
                let sound = booted.is_ok() || kind.image.is_some();
                if let Ok(container) = booted {
                    pool.keep(container);
                }
                sound
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

    /// Drops those that are too old, have ended, or are more than are wanted.
    fn retire(&self) {
        let oldest = self.fleet.settings.recycle_after;
        let retired = self.stock().retire(|container| container.age() < oldest && container.is_waiting());
        drop(retired);
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
