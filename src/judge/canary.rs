//! The worker's own submission, run beside everybody else's: it tells an outage from wrong answers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tracing::{error, info};

use super::grade::{Task, grade};
use super::metrics::Metrics;
use crate::domain::canary;
use crate::domain::job::{Job, Kind};
use crate::domain::limits::Limits;
use crate::domain::verdict::VerdictKind;
use crate::sandbox::{EventSink, Sandbox};

/// How old a proof of health may get before another is made: from a canary, or from somebody's right answer.
const PROOF_LASTS: Duration = Duration::from_secs(60);

/// Least time from one canary's start to the next, which bounds what they cost: a quarter of a core at most.
const PACE: Duration = Duration::from_secs(1);

/// Longest time for a canary, waiting for a container included.
const LIMIT: Duration = Duration::from_secs(30);

/// How often the proof's age is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What is known about the machine's health.
#[derive(Debug, Default)]
struct Known {
    /// When the last run began that ended as it should.
    proven: Option<Instant>,
    /// Since when there is reason to doubt: a fault, or a canary that failed.
    doubted: Option<Instant>,
    /// What was wrong with the last canary.
    fault: Option<String>,
    /// When the last canary began.
    begun: Option<Instant>,
}

/// Knows whether this worker can be believed.
pub(super) struct Canary {
    sandbox: Arc<dyn Sandbox>,
    limits: Limits,
    metrics: Metrics,
    known: Mutex<Known>,
    /// One at a time: whoever waits may find the answer already there.
    cage: tokio::sync::Mutex<()>,
    doubts: Notify,
    /// Told when health comes or goes.
    pub(super) changed: Notify,
}

impl Canary {
    pub(super) fn new(sandbox: Arc<dyn Sandbox>, limits: Limits, metrics: Metrics) -> Self {
        Self {
            sandbox,
            limits,
            metrics,
            known: Mutex::default(),
            cage: tokio::sync::Mutex::default(),
            doubts: Notify::new(),
            changed: Notify::new(),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether gradings may be taken. Not before the first canary, nor from a fault to the next good one.
    pub(super) fn is_well(&self) -> bool {
        let known = self.known();
        known.proven.is_some_and(|proven| known.doubted.is_none_or(|doubted| proven > doubted))
    }

    /// A fault of ours happened: nothing is taken until a canary says otherwise.
    pub(super) fn doubt(&self) {
        self.known().doubted = Some(Instant::now());
        self.doubts.notify_one();
    }

    /// Somebody's right answer to a run that began then is as good as a canary.
    pub(super) fn proof(&self, began: Instant) {
        let mut known = self.known();
        known.proven = known.proven.max(Some(began));
    }

    /// Whether a verdict may count that a broken machine would also come to. `ended` is when its run did: only what
    /// began later says anything about the machine then. For verdicts that a broken machine is not likely to come to,
    /// a proof that is not too old is enough.
    pub(super) async fn confirm(&self, verdict: VerdictKind, ended: Instant) -> Result<(), String> {
        let since = if canary::is_suspicious(verdict) { Some(ended) } else { ended.checked_sub(PROOF_LASTS) };
        match since {
            Some(since) => self.prove(since).await,
            None => Ok(()),
        }
    }

    /// Sees to it that there is a proof since then.
    async fn prove(&self, since: Instant) -> Result<(), String> {
        let _alone = self.cage.lock().await;
        if self.known().proven.is_some_and(|proven| proven >= since) {
            return Ok(());
        }
        let begun = self.known().begun;
        if let Some(begun) = begun {
            tokio::time::sleep(PACE.saturating_sub(begun.elapsed())).await;
        }
        self.fly().await
    }

    /// Keeps the proof fresh, and tells when gradings may be taken again. Never ends.
    pub(super) async fn keep(&self, well_again: impl Fn()) {
        loop {
            let since = if self.is_well() { Instant::now().checked_sub(PROOF_LASTS) } else { self.known().doubted };
            let late = self.known().proven.is_none_or(|proven| since.is_some_and(|since| proven <= since));
            if late {
                if self.prove(Instant::now()).await.is_ok() {
                    well_again();
                }
                continue;
            }
            tokio::select! {
                () = self.doubts.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    async fn fly(&self) -> Result<(), String> {
        let began = Instant::now();
        self.known().begun = Some(began);
        let result = match tokio::time::timeout(LIMIT, self.grade()).await {
            Ok(result) => result,
            Err(_) => Err(format!("the canary did not come back within {LIMIT:?}")),
        };
        let was_well = self.is_well();
        let had_fault = {
            let mut known = self.known();
            match &result {
                Ok(()) => known.proven = known.proven.max(Some(began)),
                Err(_) => known.doubted = Some(Instant::now()),
            }
            std::mem::replace(&mut known.fault, result.as_ref().err().cloned()).is_some()
        };
        self.metrics.canary(result.is_ok());
        // Said once when it changes, not once for each canary.
        match &result {
            Ok(()) if had_fault => info!("the canary is well again: gradings are taken"),
            Err(fault) if !had_fault => error!(%fault, "the canary fails: nothing is graded until it is well"),
            _ => {}
        }
        if was_well != self.is_well() {
            self.changed.notify_waiters();
        }
        result
    }

    async fn grade(&self) -> Result<(), String> {
        let (tests, expected) = (canary::tests(), canary::expected());
        let task = Task { tests: &tests, expected: &expected, kind: Kind::Submit, limits: self.limits };
        let sources = Job::single_source(tests.language, canary::SOURCE);
        let graded =
            grade(&*self.sandbox, task, sources, &EventSink::none()).await.map_err(|fault| fault.to_string())?;
        match canary::fault(&graded.verdict) {
            None => Ok(()),
            Some(fault) => Err(fault),
        }
    }
}
