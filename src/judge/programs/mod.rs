//! The loop that takes program runs, blocks of lessons and texts to be formatted from their queue. Gradings come first: see
//! [`crate::db::programs::claim`], and the share of the CPU that a program's container has.

mod metrics;
mod process;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

pub use metrics::ProgramMetrics;

use super::turns::{self, UNWELL};
use crate::db::programs::{self as queue, Claimed, RunKind, Wanted, languages};
use crate::db::{self, Pool};
use crate::domain::ids::RunId;
use crate::domain::limits::Limits;
use crate::sandbox::{Programs, Sandbox};

/// How a worker runs programs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the rows and logs call it. No other worker may be called so.
    pub name: String,
    /// Programs at once.
    pub programs_at_once: usize,
    /// Blocks of lessons at once, and as many texts that are formatted.
    pub blocks_at_once: usize,
    /// How long a run is held without a sign of life. A worker renews at a third of it.
    pub lease: Duration,
    /// How often it looks at the queue when no notification comes: those are only hints.
    pub poll: Duration,
    /// How long runs in flight may go on after a stop, before they are handed back.
    pub drain: Duration,
    /// How long runs are kept after they were asked for.
    pub keep: Duration,
    /// What a block may use.
    pub limits: Limits,
}

impl Settings {
    /// The usual settings, for so many programs and blocks at once.
    #[must_use]
    pub fn new(programs_at_once: usize, blocks_at_once: usize, limits: Limits) -> Self {
        Self {
            name: format!("worker-{}", RunId::new()),
            programs_at_once,
            blocks_at_once,
            lease: Duration::from_secs(9),
            poll: Duration::from_secs(1),
            drain: Duration::from_secs(8),
            keep: Duration::from_secs(3600),
            limits,
        }
    }
}

/// Takes runs, has them run, writes what came of them.
pub struct Runner {
    pool: Pool,
    sandbox: Arc<dyn Sandbox>,
    programs: Option<Arc<dyn Programs>>,
    settings: Settings,
    metrics: ProgramMetrics,
    wake: Notify,
    /// Runs in flight, and what ends each when it is called off.
    running: Mutex<HashMap<RunId, CancellationToken>>,
}

/// How often leases that ran out are looked for.
const REAP: Duration = Duration::from_secs(2);

/// How often a worker says which languages it has.
const ANNOUNCE: Duration = Duration::from_secs(10);

/// How often old runs are removed.
const PURGE: Duration = Duration::from_secs(60);

impl Runner {
    /// A worker that does nothing yet.
    #[must_use]
    pub fn new(pool: Pool, sandbox: Arc<dyn Sandbox>, settings: Settings, metrics: ProgramMetrics) -> Arc<Self> {
        let programs = sandbox.programs();
        let (wake, running) = (Notify::new(), Mutex::default());
        Arc::new(Self { pool, sandbox, programs, settings, metrics, wake, running })
    }

    /// Works until `stop`; then takes nothing new, lets what runs come to its end for a while, and hands back the rest.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let cut_short = CancellationToken::new();
        let mut takers = JoinSet::new();
        let kinds = std::iter::repeat_n(RunKind::Program, self.settings.programs_at_once)
            .chain(std::iter::repeat_n(RunKind::Block, self.settings.blocks_at_once))
            .chain(std::iter::repeat_n(RunKind::Format, self.settings.blocks_at_once));
        let start = |takers: &mut JoinSet<RunKind>, kind| {
            takers.spawn(Arc::clone(&self).take(kind, stop.clone(), cut_short.clone()));
        };
        kinds.for_each(|kind| start(&mut takers, kind));
        let mut keepers = JoinSet::new();
        keepers.spawn(Arc::clone(&self).listen());
        keepers.spawn(Arc::clone(&self).reap());
        keepers.spawn(Arc::clone(&self).announce());
        loop {
            tokio::select! {
                // Tasks end because of a stop, too.
                biased;
                () = stop.cancelled() => break,
                // A taker ends before the stop only by a panic. Its run's lease runs out, and it has a successor.
                Some(ended) = takers.join_next() => {
                    error!(?ended, "a task that runs programs ended unexpectedly; another takes its place");
                    start(&mut takers, RunKind::Program);
                }
            }
        }
        let drained = tokio::time::timeout(self.settings.drain, async { while takers.join_next().await.is_some() {} });
        if drained.await.is_err() {
            cut_short.cancel();
            while takers.join_next().await.is_some() {}
        }
        keepers.shutdown().await;
    }

    async fn take(self: Arc<Self>, kind: RunKind, stop: CancellationToken, cut_short: CancellationToken) -> RunKind {
        let look = (&stop, &self.wake, self.settings.poll);
        turns::take(
            "programs",
            look,
            async || self.claim(kind).await,
            async |claimed: Claimed| {
                let called_off = CancellationToken::new();
                self.running().insert(claimed.id, called_off.clone());
                process::process(&self, kind, &claimed, &called_off, &cut_short).await;
                self.running().remove(&claimed.id);
            },
        )
        .await;
        kind
    }

    fn running(&self) -> MutexGuard<'_, HashMap<RunId, CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` while the sandbox is not well.
    async fn claim(&self, kind: RunKind) -> Option<db::Result<Option<Claimed>>> {
        let status = self.sandbox.status();
        if !status.healthy && status.idle == 0 {
            return None;
        }
        let languages = match kind {
            RunKind::Block | RunKind::Format => vec!["elixir".to_owned()],
            RunKind::Program => self.languages(),
        };
        let wanted = Wanted { kind, languages: &languages, worker: &self.settings.name, lease: self.settings.lease };
        Some(queue::claim(&self.pool, wanted).await)
    }

    fn languages(&self) -> Vec<String> {
        let installed = self.programs.as_ref().map(|programs| programs.languages()).unwrap_or_default();
        installed.into_iter().map(|language| language.name.to_string()).collect()
    }

    async fn listen(self: Arc<Self>) {
        turns::hear(
            "programs",
            async || db::listen::programs(&self.pool).await,
            |hint| match hint.map(str::parse) {
                Some(Ok(called_off)) => {
                    if let Some(run) = self.running().get::<RunId>(&called_off) {
                        run.cancel();
                    }
                }
                // Something may have been missed, so look. A run that was called off meanwhile is known when its lease is to be
                // renewed.
                Some(Err(_)) | None => self.wake.notify_waiters(),
            },
        )
        .await;
    }

    async fn reap(self: Arc<Self>) {
        let mut purged = tokio::time::Instant::now();
        loop {
            match queue::reap(&self.pool).await {
                Ok(reaped) if reaped == queue::Reaped::default() => {}
                Ok(reaped) => warn!(
                    requeued = reaped.requeued,
                    given_up = reaped.given_up,
                    "took program runs from workers that vanished, or gave up what waited too long"
                ),
                Err(error) => debug!(%error, "program runs cannot be looked through"),
            }
            if purged.elapsed() >= PURGE {
                purged = tokio::time::Instant::now();
                match queue::purge(&self.pool, self.settings.keep).await {
                    Ok(0) => {}
                    Ok(count) => info!(count, "removed old program runs"),
                    Err(error) => debug!(%error, "old program runs are removed later"),
                }
            }
            tokio::time::sleep(REAP).await;
        }
    }

    async fn announce(self: Arc<Self>) {
        let Some(programs) = &self.programs else {
            return;
        };
        let mut said = None;
        loop {
            let installed = programs.languages();
            if said.as_ref() != Some(&installed) {
                let names: Vec<_> = installed.iter().map(|language| language.name.as_str()).collect();
                info!(languages = names.join(", "), "programs can be run");
            }
            if let Err(error) = languages::announce(&self.pool, &self.settings.name, &installed).await {
                debug!(%error, "the languages are announced later");
            } else {
                said = Some(installed);
            }
            tokio::time::sleep(if said.is_some() { ANNOUNCE } else { UNWELL }).await;
        }
    }
}
