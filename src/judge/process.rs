//! What a worker does with one grading it holds.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, debug, debug_span, error, info, warn};

use super::grade::{Graded, Task, grade};
use super::pause::{self, Step};
use super::provisional;
use super::shelf::{self, Ready};
use super::worker::Worker;
use crate::db;
use crate::db::queue::{self, Claimed, Written};
use crate::domain::retry::{self, Next};
use crate::domain::submission::GradingState;
use crate::domain::verdict::{Verdict, VerdictKind};
use crate::sandbox::{EventSink, SandboxError};

/// Wait between two tries to write a verdict while the database is away.
const WRITE_AGAIN: Duration = Duration::from_millis(200);

/// Tries to hand a grading back before it is left to its lease.
const HAND_BACK_TRIES: u32 = 5;

/// How an attempt ended.
enum Attempt {
    Graded(Graded),
    /// The exercise cannot judge anything: the author's error.
    Unjudgeable(Verdict),
    Fault(SandboxError),
    Database(db::Error),
    LeaseLost,
    CutShort,
}

/// Grades what was claimed and writes the verdict, or hands it back. `cut_short` ends the attempt at once.
pub(super) async fn process(worker: &Worker, claimed: Claimed, cut_short: &CancellationToken) {
    let span = debug_span!(
        "grading",
        submission = %claimed.submission,
        exercise = %claimed.exercise,
        kind = claimed.kind.as_str(),
        attempt = claimed.attempt,
        queued_ms = claimed.waited_ms,
    );
    process_claimed(worker, claimed, cut_short).instrument(span).await;
}

async fn process_claimed(worker: &Worker, claimed: Claimed, cut_short: &CancellationToken) {
    let taken = Instant::now();
    worker.announcer.changed(claimed.submission);
    let attempt = tokio::select! {
        attempt = attempt(worker, &claimed) => attempt,
        () = keep_lease(worker, &claimed) => Attempt::LeaseLost,
        () = cut_short.cancelled() => Attempt::CutShort,
    };
    match attempt {
        Attempt::Graded(graded) => finish(worker, &claimed, taken, graded).await,
        Attempt::Unjudgeable(verdict) => {
            finish(worker, &claimed, taken, Graded { verdict, timings: Default::default(), run_again: false }).await;
        }
        Attempt::Fault(fault) => after_fault(worker, &claimed, taken, &fault).await,
        Attempt::Database(fault) => {
            warn!(submission = %claimed.submission, %fault, "the database failed during a grading; it is handed back");
            hand_back(worker, &claimed, WRITE_AGAIN, false).await;
        }
        Attempt::LeaseLost => lease_lost(worker, &claimed).await,
        Attempt::CutShort => {
            info!(submission = %claimed.submission, "grading cut short by a stop; it is handed back");
            hand_back(worker, &claimed, Duration::ZERO, false).await;
        }
    }
}

async fn attempt(worker: &Worker, claimed: &Claimed) -> Attempt {
    let ready = match worker.shelf.get(claimed.version).instrument(debug_span!("exercise")).await {
        Ok(ready) => ready,
        Err(shelf::Error::Sandbox(fault)) => return Attempt::Fault(fault),
        Err(shelf::Error::Database(fault)) => return Attempt::Database(fault),
    };
    match &ready.expected {
        Ok(_) => run(worker, claimed, &ready).await,
        Err(problem) => {
            worker.metrics.gave_up("exercise", 1);
            error!(exercise = %claimed.exercise, version = %claimed.version, %problem, "an exercise cannot judge");
            let fault = "this exercise has an error of its own, so nothing could be judged";
            Attempt::Unjudgeable(Verdict::not_graded(&ready.tests, claimed.kind, fault))
        }
    }
}

async fn run(worker: &Worker, claimed: &Claimed, ready: &Ready) -> Attempt {
    let Ok(expected) = &ready.expected else {
        return Attempt::LeaseLost;
    };
    let task = Task { tests: &ready.tests, expected, kind: claimed.kind, limits: worker.settings.limits };
    let sources = claimed.code.sources(ready.tests.language);
    let (sink, events) = EventSink::channel();
    let began = Instant::now();
    let graded = async {
        let graded = grade(&*worker.sandbox, task, sources, &sink).await;
        drop(sink);
        graded
    };
    let provisional = provisional::write(&worker.pool, claimed, ready, events);
    match tokio::join!(graded, provisional).0 {
        Ok(graded) => believed(worker, graded, began).await,
        Err(fault) => Attempt::Fault(fault),
    }
}

/// A verdict, if this machine can be believed: what honest code would get here too is our fault.
async fn believed(worker: &Worker, graded: Graded, began: Instant) -> Attempt {
    let kind = graded.verdict.kind;
    if kind == VerdictKind::Passed {
        worker.canary.proof(began);
        return Attempt::Graded(graded);
    }
    match worker.canary.confirm(kind, Instant::now()).await {
        Ok(()) => Attempt::Graded(graded),
        Err(fault) => Attempt::Fault(SandboxError::Lost(format!("'{}' proves nothing here: {fault}", kind.as_str()))),
    }
}

/// Returns when the lease is lost. While the database is away nobody else can take the lease either.
async fn keep_lease(worker: &Worker, claimed: &Claimed) {
    let flight = worker.flights.begin(claimed.grading);
    loop {
        tokio::select! {
            () = tokio::time::sleep(worker.settings.lease / 3) => {}
            () = flight.in_doubt() => {}
        }
        match queue::renew(&worker.pool, claimed, worker.settings.lease).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => debug!(submission = %claimed.submission, %error, "lease not renewed"),
        }
    }
}

async fn finish(worker: &Worker, claimed: &Claimed, taken: Instant, graded: Graded) {
    let judged = Instant::now();
    pause::at(Step::AfterReport).await;
    let timings = serde_json::json!({
        "queued_ms": claimed.waited_ms,
        "slot_us": graded.timings.slot_us,
        "container_us": graded.timings.container_us,
        "load_us": graded.timings.load_us,
        "cases_us": graded.timings.cases_us,
        "attempt": claimed.attempt,
        "run_again": graded.run_again,
    });
    let verdict = &graded.verdict;
    loop {
        match queue::finish(&worker.pool, claimed, verdict, &timings).instrument(debug_span!("commit")).await {
            Ok(Written::Yes) => break,
            Ok(Written::LeaseLost) => return lease_lost(worker, claimed).await,
            Err(error) if error.is_passing() && judged.elapsed() < worker.settings.lease => {
                debug!(submission = %claimed.submission, %error, "verdict not written yet");
                tokio::time::sleep(WRITE_AGAIN).await;
            }
            Err(error) => {
                // The lease runs out, the reaper queues it again, and the next verdict is as good as this one.
                error!(submission = %claimed.submission, %error, "a verdict could not be written");
                return;
            }
        }
    }
    pause::at(Step::AfterCommit).await;
    worker.announcer.changed(claimed.submission);
    worker.metrics.count(verdict.kind);
    let waited = Duration::from_millis(claimed.waited_ms.unsigned_abs());
    worker.metrics.waited.observe(waited.as_secs_f64());
    worker.metrics.total.observe((waited + taken.elapsed()).as_secs_f64());
    worker.metrics.commit.observe(judged.elapsed().as_secs_f64());
    worker.metrics.spent(&graded.timings);
    worker.service.add(taken.elapsed());
    worker.metrics.graded.observe(taken.elapsed().as_secs_f64());
    info!(
        submission = %claimed.submission,
        exercise = %claimed.exercise,
        kind = claimed.kind.as_str(),
        verdict = verdict.kind.as_str(),
        attempt = claimed.attempt,
        queued_ms = claimed.waited_ms,
        slot_us = graded.timings.slot_us,
        container_us = graded.timings.container_us,
        load_us = graded.timings.load_us,
        cases_us = graded.timings.cases_us,
        commit_us = u64::try_from(judged.elapsed().as_micros()).unwrap_or(u64::MAX),
        run_again = graded.run_again,
        "graded"
    );
}

async fn after_fault(worker: &Worker, claimed: &Claimed, taken: Instant, fault: &SandboxError) {
    worker.metrics.fault(fault.cause());
    if *fault == SandboxError::ShuttingDown {
        return hand_back(worker, claimed, Duration::ZERO, false).await;
    }
    // One exercise's packages say nothing of the machine, on which all others are graded.
    if !matches!(fault, SandboxError::Packages { .. }) {
        worker.canary.doubt();
    }
    match retry::after_attempt(claimed.attempt) {
        Next::After(wait) => {
            warn!(submission = %claimed.submission, attempt = claimed.attempt, %fault, "our fault; it is tried again");
            hand_back(worker, claimed, wait, true).await;
        }
        Next::GiveUp => {
            error!(submission = %claimed.submission, attempt = claimed.attempt, %fault, "not graded");
            let Ok(tests) = db::course::tests(&worker.pool, claimed.version).await else {
                return hand_back(worker, claimed, WRITE_AGAIN, false).await;
            };
            worker.metrics.gave_up(fault.cause(), 1);
            let why = match fault {
                SandboxError::Packages { .. } => "the packages that this exercise needs are not there yet",
                _ => "the machine that runs the code is not well",
            };
            let verdict = Verdict::not_graded(&tests, claimed.kind, why);
            finish(worker, claimed, taken, Graded { verdict, timings: Default::default(), run_again: false }).await;
        }
    }
}

async fn hand_back(worker: &Worker, claimed: &Claimed, after: Duration, counts: bool) {
    for _ in 0..HAND_BACK_TRIES {
        match queue::hand_back(&worker.pool, claimed, after, counts).await {
            Ok(Written::Yes) => return,
            Ok(Written::LeaseLost) => return lease_lost(worker, claimed).await,
            Err(error) => debug!(submission = %claimed.submission, %error, "not handed back yet"),
        }
        tokio::time::sleep(WRITE_AGAIN).await;
    }
    // The lease runs out by itself, and the reaper does the same.
    warn!(submission = %claimed.submission, "could not be handed back; its lease runs out");
}

async fn lease_lost(worker: &Worker, claimed: &Claimed) {
    if let Ok(Some(GradingState::Cancelled)) = queue::state(&worker.pool, claimed.grading).await {
        worker.metrics.cancelled.inc();
        info!(submission = %claimed.submission, "called off while it ran; its container is gone");
        return;
    }
    worker.metrics.leases_lost.inc();
    warn!(submission = %claimed.submission, "another worker holds this grading now; nothing was written");
}
