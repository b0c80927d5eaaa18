//! Consoles: a worker takes them from their queue, and stands between their rows and their containers until they end.

mod metrics;
mod session;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

pub use metrics::ConsoleMetrics;

use super::turns::{self, UNWELL};
use crate::db::consoles::{self as rows, Claimed};
use crate::db::{self, Pool};
use crate::domain::console::ConsoleLimits;
use crate::domain::ids::ConsoleId;
use crate::sandbox::{Consoles, Sandbox};

/// How a worker holds consoles.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the rows and logs call it. No other worker may be called so.
    pub name: String,
    /// Consoles at once; with none it takes none.
    pub at_once: usize,
    /// How long a console is held without a sign of life. A worker renews at a third of it.
    pub lease: Duration,
    /// How often it looks at the queue when no notification comes: those are only hints.
    pub poll: Duration,
    /// How long a console is kept after its end, for whoever reads it then.
    pub keep: Duration,
    /// What a console may use.
    pub limits: ConsoleLimits,
}

impl Settings {
    /// The usual settings, for so many consoles at once.
    #[must_use]
    pub fn new(at_once: usize, limits: ConsoleLimits) -> Self {
        Self {
            name: format!("worker-{}", ConsoleId::new()),
            at_once,
            lease: Duration::from_secs(9),
            poll: Duration::from_secs(1),
            keep: Duration::from_secs(10 * 60),
            limits,
        }
    }
}

/// Takes consoles and holds them.
pub struct Keeper {
    pool: Pool,
    sandbox: Arc<dyn Sandbox>,
    settings: Settings,
    metrics: ConsoleMetrics,
    wake: Notify,
    /// Consoles that are held, and what says that something was done at one.
    open: Mutex<HashMap<ConsoleId, Arc<Notify>>>,
}

/// A console's place among those that are held, until it is dropped.
struct Place<'a> {
    keeper: &'a Keeper,
    id: ConsoleId,
    touched: Arc<Notify>,
}

impl<'a> Place<'a> {
    fn take(keeper: &'a Keeper, claimed: &Claimed) -> Self {
        let touched = Arc::new(Notify::new());
        keeper.open().insert(claimed.id, touched.clone());
        keeper.metrics.began(claimed.waited_ms);
        Self { keeper, id: claimed.id, touched }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.keeper.open().remove(&self.id);
        self.keeper.metrics.open.dec();
    }
}

/// How often leases that ran out are looked for.
const REAP: Duration = Duration::from_secs(2);

/// How often old consoles are removed.
const PURGE: Duration = Duration::from_secs(60);

impl Keeper {
    /// A worker that does nothing yet.
    #[must_use]
    pub fn new(pool: Pool, sandbox: Arc<dyn Sandbox>, settings: Settings, metrics: ConsoleMetrics) -> Arc<Self> {
        Arc::new(Self { pool, sandbox, settings, metrics, wake: Notify::new(), open: Mutex::default() })
    }

    /// Works until `stop`, and then ends the consoles that it holds: nobody knows how long their owners would stay.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let Some(consoles) = self.sandbox.consoles().filter(|_| self.settings.at_once > 0) else {
            return;
        };
        let mut takers = JoinSet::new();
        for _ in 0..self.settings.at_once {
            takers.spawn(Arc::clone(&self).take(consoles.clone(), stop.clone()));
        }
        let mut keepers = JoinSet::new();
        keepers.spawn(Arc::clone(&self).listen());
        keepers.spawn(Arc::clone(&self).reap());
        loop {
            tokio::select! {
                // Tasks end because of a stop, too.
                biased;
                () = stop.cancelled() => break,
                // A taker ends before the stop only by a panic. Its console's lease runs out, and it has a successor.
                Some(ended) = takers.join_next() => {
                    error!(?ended, "a task that holds consoles ended unexpectedly; another takes its place");
                    takers.spawn(Arc::clone(&self).take(consoles.clone(), stop.clone()));
                }
            }
        }
        while takers.join_next().await.is_some() {}
        keepers.shutdown().await;
    }

    async fn take(self: Arc<Self>, consoles: Arc<dyn Consoles>, stop: CancellationToken) {
        let look = (&stop, &self.wake, self.settings.poll);
        turns::take(
            "consoles",
            look,
            async || self.claim().await,
            async |claimed| {
                self.hold(&*consoles, &claimed, &stop).await;
            },
        )
        .await;
    }

    /// `None` while the sandbox is not well.
    async fn claim(&self) -> Option<db::Result<Option<Claimed>>> {
        let status = self.sandbox.status();
        if !status.healthy && status.idle == 0 {
            return None;
        }
        Some(rows::claim(&self.pool, &self.settings.name, self.settings.lease).await)
    }

    async fn hold(&self, consoles: &dyn Consoles, claimed: &Claimed, stop: &CancellationToken) {
        let began = tokio::time::Instant::now();
        let end = {
            let place = Place::take(self, claimed);
            session::hold(self, consoles, claimed, &place.touched, stop).await
        };
        self.metrics.ended(end);
        info!(
            console = %claimed.id,
            end,
            queued_ms = claimed.waited_ms,
            open_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            "console ended"
        );
    }

    fn open(&self) -> MutexGuard<'_, HashMap<ConsoleId, Arc<Notify>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn listen(self: Arc<Self>) {
        turns::hear(
            "consoles",
            async || db::listen::consoles(&self.pool).await,
            |hint| match hint.map(str::parse) {
                Some(Ok(id)) => {
                    if let Some(touched) = self.open().get::<ConsoleId>(&id) {
                        touched.notify_one();
                    }
                }
                Some(Err(_)) => self.wake.notify_waiters(),
                // Something may have been missed, so look.
                None => {
                    self.wake.notify_waiters();
                    self.open().values().for_each(|touched| touched.notify_one());
                }
            },
        )
        .await;
    }

    async fn reap(self: Arc<Self>) {
        let mut purged = tokio::time::Instant::now();
        loop {
            match rows::reap(&self.pool).await {
                Ok(0) => {}
                Ok(lost) => {
                    self.metrics.reaped.inc_by(lost);
                    warn!(lost, "consoles of workers that vanished");
                }
                Err(error) => debug!(%error, "consoles cannot be looked through"),
            }
            if purged.elapsed() >= PURGE {
                purged = tokio::time::Instant::now();
                if let Err(error) = rows::purge(&self.pool, self.settings.keep).await {
                    debug!(%error, "old consoles are removed later");
                }
            }
            tokio::time::sleep(REAP).await;
        }
    }
}
