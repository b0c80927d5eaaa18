//! The loop that takes gradings from the queue.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::announce::Announcer;
use super::canary::Canary;
use super::flights::Flights;
use super::metrics::Metrics;
use super::pause::{self, Step};
use super::presence::{self, Average};
use super::process::process;
use super::shelf::{self, Shelf};
use super::turns::{self, UNWELL};
use crate::db::listen::ToWorkers;
use crate::db::queue::{self, Claimed};
use crate::db::{self, Pool};
use crate::domain::limits::Limits;
use crate::sandbox::{Sandbox, SandboxError};

/// How a worker works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the rows and logs call it.
    pub name: String,
    /// Gradings it holds at once.
    pub at_once: usize,
    /// How long a grading is held without a sign of life. A worker renews at a third of it.
    pub lease: Duration,
    /// How often it looks at the queue when no notification comes: those are only hints.
    pub poll: Duration,
    /// How long gradings in flight may go on after a stop, before they are handed back.
    pub drain: Duration,
    /// What submissions may use.
    pub limits: Limits,
}

impl Settings {
    /// The usual settings, for so many gradings at once.
    #[must_use]
    pub fn new(at_once: usize, limits: Limits) -> Self {
        Self {
            name: worker_name(),
            at_once,
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(1),
            drain: Duration::from_secs(12),
            limits,
        }
    }
}

/// What this process's worker is called in rows and logs: one name for each process of each machine.
#[must_use]
pub fn worker_name() -> String {
    let node = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{node}-{}", std::process::id())
}

/// Takes gradings, has them run, writes verdicts.
pub struct Worker {
    pub(super) pool: Pool,
    pub(super) sandbox: Arc<dyn Sandbox>,
    pub(super) settings: Settings,
    pub(super) metrics: Metrics,
    pub(super) shelf: Shelf,
    pub(super) canary: Canary,
    pub(super) announcer: Announcer,
    pub(super) flights: Flights,
    pub(super) service: Average,
    wake: Notify,
}

/// How often leases that ran out are looked for, and what an outage left; more often where leases are short.
const REAP: Duration = Duration::from_secs(5);

impl Worker {
    /// A worker that does nothing yet.
    #[must_use]
    pub fn new(pool: Pool, sandbox: Arc<dyn Sandbox>, settings: Settings, metrics: Metrics) -> Arc<Self> {
        let shelf = Shelf::new(pool.clone(), sandbox.clone(), settings.limits);
        let canary = Canary::new(sandbox.clone(), settings.limits, metrics.clone());
        let (announcer, flights) = (Announcer::new(pool.clone()), Flights::default());
        Arc::new(Self {
            pool,
            sandbox,
            settings,
            metrics,
            shelf,
            canary,
            announcer,
            flights,
            service: Average::default(),
            wake: Notify::new(),
        })
    }

    /// Works until `stop`; then takes nothing new, lets what runs come to its end for a while, and hands back the rest.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let cut_short = CancellationToken::new();
        let mut takers = JoinSet::new();
        for number in 0..self.settings.at_once.max(1) {
            takers.spawn(Arc::clone(&self).take(number, stop.clone(), cut_short.clone()));
        }
        let mut keepers = JoinSet::new();
        keepers.spawn(Arc::clone(&self).listen());
        keepers.spawn(Arc::clone(&self).reap());
        keepers.spawn(Arc::clone(&self).prepare());
        keepers.spawn(Arc::clone(&self).watch_over_canary());
        keepers.spawn(presence::tell(Arc::clone(&self)));
        loop {
            tokio::select! {
                // First: takers end by themselves once it is cancelled.
                biased;
                () = stop.cancelled() => break,
                // A taker ends before the stop only by a panic. Its grading's lease runs out, and it has a successor.
                Some(ended) = takers.join_next() => {
                    error!(?ended, "a task that grades ended unexpectedly; another takes its place");
                    takers.spawn(Arc::clone(&self).take(1, stop.clone(), cut_short.clone()));
                }
            }
        }
        let drained = tokio::time::timeout(self.settings.drain, async { while takers.join_next().await.is_some() {} });
        if drained.await.is_err() {
            cut_short.cancel();
            while takers.join_next().await.is_some() {}
        }
        keepers.shutdown().await;
        self.announcer.close().await;
        if let Err(error) = db::paces::leave(&self.pool, &self.settings.name).await {
            debug!(%error, "could not say that this worker ends");
        }
    }

    async fn take(self: Arc<Self>, number: usize, stop: CancellationToken, cut_short: CancellationToken) {
        // One taker is there for learners only, so that nobody waits for a whole round of regrades.
        let regrades = number > 0 || self.settings.at_once <= 1;
        let look = (&stop, &self.wake, self.settings.poll);
        turns::take(
            "gradings",
            look,
            async || self.claim(regrades).await,
            async |claimed| {
                pause::at(Step::AfterClaim).await;
                process(&self, claimed, &cut_short).await;
            },
        )
        .await;
    }

    /// `None` while the sandbox is not well: what waits then is better off waiting than failing four times.
    async fn claim(&self, regrades: bool) -> Option<db::Result<Option<Claimed>>> {
        if !self.is_well() {
            return None;
        }
        pause::at(Step::BeforeClaim).await;
        let Settings { name, lease, .. } = &self.settings;
        Some(match regrades {
            true => queue::claim(&self.pool, name, *lease).await,
            false => queue::claim_for_learners(&self.pool, name, *lease).await,
        })
    }

    pub(super) fn is_well(&self) -> bool {
        let status = self.sandbox.status();
        (status.healthy || status.idle > 0) && self.canary.is_well()
    }

    async fn watch_over_canary(self: Arc<Self>) {
        self.canary.keep(|| self.wake.notify_waiters()).await;
    }

    async fn listen(self: Arc<Self>) {
        loop {
            match db::listen::workers(&self.pool).await {
                Ok(mut listener) => loop {
                    match listener.next().await {
                        Ok(ToWorkers::Work) => self.wake.notify_waiters(),
                        Ok(ToWorkers::TakenAway(grading)) => self.flights.doubt(grading),
                        Ok(ToWorkers::Missed) => {
                            self.wake.notify_waiters();
                            self.flights.doubt_all();
                        }
                        Err(error) => {
                            debug!(%error, "the listener for new work is gone");
                            break;
                        }
                    }
                },
                Err(error) => debug!(%error, "no listener for new work; polling goes on"),
            }
            tokio::time::sleep(UNWELL).await;
        }
    }

    async fn reap(self: Arc<Self>) {
        let mut database_is_well = true;
        loop {
            tokio::time::sleep(REAP.min(self.settings.lease / 2)).await;
            match self.reap_once().await {
                Ok(()) if !database_is_well => {
                    database_is_well = true;
                    info!("the database answers again");
                }
                Ok(()) => {}
                Err(error) => {
                    if std::mem::replace(&mut database_is_well, false) {
                        error!(%error, "the database is not well; gradings wait");
                    }
                }
            }
        }
    }

    async fn reap_once(&self) -> db::Result<()> {
        let reaped = queue::reap(&self.pool).await?;
        if reaped != queue::Reaped::default() {
            self.metrics.reaped.inc_by(reaped.requeued + reaped.given_up);
            self.metrics.gave_up("worker_vanished", reaped.given_up);
            warn!(requeued = reaped.requeued, given_up = reaped.given_up, "took gradings from workers that vanished");
        }
        if self.is_well() {
            let again = queue::retry_not_graded(&self.pool).await?;
            if again > 0 {
                info!(again, "queued again what an outage left ungraded");
            }
        }
        Ok(())
    }

    /// Evaluates expected values before anybody waits for them, and never on a machine that is not well: they are kept.
    async fn prepare(self: Arc<Self>) {
        loop {
            while !self.is_well() {
                tokio::time::sleep(UNWELL / 10).await;
            }
            match self.prepare_once().await {
                Ok(()) => return,
                Err(error) => debug!(%error, "expected values are evaluated later"),
            }
            tokio::time::sleep(REAP).await;
        }
    }

    async fn prepare_once(&self) -> Result<(), shelf::Error> {
        let mut versions = Vec::new();
        for image in std::iter::once(None).chain(db::course::images(&self.pool).await?.into_iter().map(Some)) {
            match self.sandbox.digest_of(image.as_ref()).await {
                Ok(digest) => {
                    versions.extend(db::course::without_expected_values(&self.pool, image.as_ref(), &digest).await?)
                }
                // The exercises that need it cannot be graded here, and all others can.
                Err(fault @ SandboxError::Packages { .. }) => warn!(%fault, "an exercise asks for an image"),
                Err(fault) => return Err(fault.into()),
            }
        }
        let count = versions.len();
        for version in versions {
            self.shelf.get(version).await?;
        }
        if count > 0 {
            info!(exercises = count, "expected values are ready");
        }
        Ok(())
    }
}
