//! One submission through a sandbox to a verdict.

use super::suite;
use crate::domain::exercise::{SourceFile, TestSet};
use crate::domain::job::{Job, Kind};
use crate::domain::limits::Limits;
use crate::domain::report::{End, Report, StepOutcome, Timings};
use crate::domain::verdict::{self, ExpectedSet, Verdict, VerdictKind};
use crate::sandbox::{EventSink, Sandbox, SandboxError};

/// A verdict and where its time went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graded {
    /// The verdict.
    pub verdict: Verdict,
    /// Where the time of the run that counts went.
    pub timings: Timings,
    /// Whether it was run a second time, alone, because the first proved nothing: it timed out while others competed for the
    /// CPU, or ended as if someone had killed it.
    pub run_again: bool,
}

/// What is to be graded.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// What judges it.
    pub tests: &'a TestSet,
    /// What every step should return.
    pub expected: &'a ExpectedSet,
    /// Which cases are asked for.
    pub kind: Kind,
    /// What it may use.
    pub limits: Limits,
}

/// Grades `sources`. A time-out while other work competed for the CPU proves nothing, nor does an end that may not have been
/// the code's own. So it is run once more, alone, before it counts: once, so that nobody can ask for endless tries.
///
/// # Errors
/// [`SandboxError`] when we failed: nothing is known about the submission then.
pub async fn grade(
    sandbox: &dyn Sandbox,
    task: Task<'_>,
    sources: Vec<SourceFile>,
    events: &EventSink,
) -> Result<Graded, SandboxError> {
    if let Some(exunit) = &task.tests.exunit {
        return suite::grade(sandbox, task, exunit, sources, events).await;
    }
    let job = Job::new(task.tests, sources, task.kind, task.limits);
    let report = sandbox.run(job.clone(), events).await?;
    let judge = |report: &Report| verdict::judge(task.tests, task.expected, task.kind, report);
    let first = judge(&report);
    let starved = report.contended && timed_out(&first, &report);
    if !starved && !end_is_unexplained(&report) {
        return Ok(Graded { verdict: first, timings: report.timings, run_again: false });
    }
    let report = sandbox.run(Job { alone: true, ..job }, events).await?;
    Ok(Graded { verdict: judge(&report), timings: report.timings, run_again: true })
}

/// Whether the container ended as it would if someone had killed it past the engine, or before the code began. What the
/// engine knows of, the sandbox has reported as a loss already.
fn end_is_unexplained(report: &Report) -> bool {
    match report.end {
        End::Exited { code } => code == Some(End::KILLED) || report.load.is_none(),
        _ => false,
    }
}

fn timed_out(verdict: &Verdict, report: &Report) -> bool {
    let a_step_did =
        || report.cases.iter().flat_map(|case| &case.steps).any(|step| matches!(step.outcome, StepOutcome::TimedOut));
    verdict.kind == VerdictKind::Timeout || report.end == End::Deadline || a_step_did()
}
