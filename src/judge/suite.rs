//! ExUnit suites: the runs that find out what there is to test, and those that judge a submission.

use super::expected::{Evaluation, Problem};
use super::grade::{Graded, Task};
use crate::domain::exercise::{ExUnit, SourceFile, TestSet};
use crate::domain::job::{Job, Kind};
use crate::domain::limits::Limits;
use crate::domain::report::{End, Load, Report};
use crate::domain::suite::{ExpectedSuite, ExpectedTest, Failure, SuiteJob, TestOutcome, TestReport};
use crate::domain::verdict::{self, ExpectedSet, Signature, VerdictKind};
use crate::sandbox::{EventSink, Sandbox, SandboxError};

fn job(tests: &TestSet, sources: Vec<SourceFile>, suite: SuiteJob, limits: Limits) -> Job {
    Job { suite: Some(suite), ..Job::new(tests, sources, Kind::Submit, limits) }
}

fn timeout(exunit: &ExUnit, limits: &Limits) -> u64 {
    exunit.timeout_ms.unwrap_or(limits.case_ms)
}

/// Numbers that nobody can tell beforehand.
fn random() -> Result<impl FnMut() -> u64, SandboxError> {
    // Asked for once, so that a machine without a source of them is our fault and no panic.
    getrandom::u64().map_err(|error| SandboxError::Lost(format!("no random numbers: {error}")))?;
    Ok(|| getrandom::u64().unwrap_or_default())
}

/// Runs a suite against `sources`: once where it is only tried, else as two complements.
///
/// # Errors
/// [`SandboxError`] when we failed.
pub(super) async fn grade(
    sandbox: &dyn Sandbox,
    task: Task<'_>,
    exunit: &ExUnit,
    sources: Vec<SourceFile>,
    events: &EventSink,
) -> Result<Graded, SandboxError> {
    let mut run_again = false;
    loop {
        let (runs, contended) = run(sandbox, task, exunit, &sources, run_again, events).await?;
        let verdict = verdict::judge_suite(task.tests, task.expected, &runs);
        let timed_out = verdict.kind == VerdictKind::Timeout
            || runs.iter().any(|(_, report)| report.end == End::Deadline || a_test_did(report));
        if run_again || !(contended && timed_out) {
            let timings = runs.iter().map(|(_, report)| report.timings).reduce(|mut sum, more| {
                sum.slot_us += more.slot_us;
                sum.container_us += more.container_us;
                sum.load_us += more.load_us;
                sum.cases_us += more.cases_us;
                sum
            });
            return Ok(Graded { verdict, timings: timings.unwrap_or_default(), run_again });
        }
        // A time-out beside others proves nothing.
        run_again = true;
    }
}

fn a_test_did(report: &Report) -> bool {
    report.suite.iter().flat_map(|suite| &suite.tests).any(|test| test.outcome == TestOutcome::Timeout)
}

async fn run(
    sandbox: &dyn Sandbox,
    task: Task<'_>,
    exunit: &ExUnit,
    sources: &[SourceFile],
    alone: bool,
    events: &EventSink,
) -> Result<(Vec<verdict::Run>, bool), SandboxError> {
    let (slots, timeout) = (task.expected.suite.slots(), timeout(exunit, &task.limits));
    let mut random = random()?;
    let suites = match task.kind {
        Kind::Run => vec![SuiteJob::trial(&exunit.files, timeout, slots, &mut random)],
        Kind::Submit => SuiteJob::pair(&exunit.files, timeout, slots, &mut random).to_vec(),
    };
    let (mut runs, mut contended) = (Vec::new(), false);
    for suite in suites {
        let job = Job { alone, ..job(task.tests, sources.to_vec(), suite.clone(), task.limits) };
        let report = sandbox.run(job, events).await?;
        contended |= report.contended;
        let ended = !is_complete(&report);
        runs.push((suite, report));
        if ended {
            break;
        }
    }
    Ok((runs, contended))
}

fn is_complete(report: &Report) -> bool {
    report.end == End::Finished
        && matches!(report.load, Some(Load::Loaded { .. }))
        && report.suite.as_ref().is_some_and(|suite| suite.died.is_none())
}

/// Finds out which tests there are, with the reference loaded, and which of them fail when negated.
///
/// # Errors
/// [`SandboxError`] when we failed.
pub(super) async fn evaluate(
    sandbox: &dyn Sandbox,
    tests: &TestSet,
    exunit: &ExUnit,
    limits: Limits,
) -> Result<Evaluation, SandboxError> {
    let sources = Job::single_source(tests.language, &tests.solution);
    let mut reports = Vec::with_capacity(2);
    for negated in [false, true] {
        let suite = SuiteJob::numbered(exunit.files.clone(), timeout(exunit, &limits), negated);
        let mut job = job(tests, sources.clone(), suite.clone(), limits);
        let mut report = sandbox.run(job.clone(), &EventSink::none()).await?;
        if report.contended && (!is_complete(&report) || a_test_did(&report)) {
            job.alone = true;
            report = sandbox.run(job, &EventSink::none()).await?;
        }
        reports.push((suite, report));
    }
    let expected = ExpectedSet { suite: expected_suite(&reports[0], &reports[1]), ..ExpectedSet::default() };
    let reference = verdict::judge_suite(tests, &expected, &reports[..1]);
    let mut problems = Vec::new();
    let mut problem = |message: String| problems.push(Problem { case: 0, step: 0, message });
    if reference.kind == VerdictKind::CompileError {
        let remark = reference.diagnostics.first();
        let place = remark.and_then(|remark| Some(format!("{}, line {}: ", remark.file.as_ref()?, remark.line?)));
        let said = remark.map(|remark| remark.message.as_str()).unwrap_or_default();
        problem(format!("the reference or the tests do not compile: {}{said}", place.unwrap_or_default()));
    } else if expected.suite.tests.is_empty() {
        problem("there is no test in these modules beside those that docs make".to_owned());
    } else if reference.kind != VerdictKind::Passed {
        let case = reference.cases.iter().find(|case| case.outcome != verdict::Outcome::Passed);
        let said = case.map(|case| {
            let sides = [("expected", &case.expected), ("got", &case.actual)];
            let sides =
                sides.map(|(name, side)| side.as_ref().map(|side| format!("; {name} {side}")).unwrap_or_default());
            format!(" '{}': {}{}", case.name, case.message.as_deref().unwrap_or("it ended early"), sides.concat())
        });
        problem(format!("the reference fails the test{}", said.unwrap_or_default()));
    }
    let steady = problems.is_empty() && holds_again(&reports[1].1);
    Ok(Evaluation { expected, problems, reference, steady })
}

/// Whether every assertion held in a run of negated tests too: each test came to its last one, which then failed. A test
/// whose last assertion holds either way does not tell.
fn holds_again(negated: &Report) -> bool {
    let own = |report: &TestReport| report.token_and_own().is_some_and(|(token, _)| token.parse::<usize>().is_ok());
    let holds = |report: &TestReport| match report.outcome {
        TestOutcome::Skipped => true,
        _ if report.doctest => report.outcome == TestOutcome::Passed,
        TestOutcome::Failed if own(report) => report.failure.as_ref().is_some_and(Failure::at_the_end),
        // Tests of ours.
        _ => !own(report),
    };
    is_complete(negated) && negated.suite.iter().flat_map(|suite| &suite.tests).all(holds)
}

fn expected_suite(written: &verdict::Run, negated: &verdict::Run) -> ExpectedSuite {
    let mut tests: Vec<ExpectedTest> = Vec::new();
    let said = |run: &'_ verdict::Run| run.1.suite.clone().unwrap_or_default().tests;
    let negated = said(negated);
    for report in said(written) {
        let Some((token, own)) = report.token_and_own() else { continue };
        let Ok(slot) = token.parse::<usize>() else { continue };
        if report.doctest || report.outcome == TestOutcome::Skipped {
            continue;
        }
        let name = match &report.describe {
            Some(describe) => format!("{describe} {own}"),
            None => own.to_owned(),
        };
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        let free = |name: &String| tests.iter().all(|test| test.name != *name);
        let unique = std::iter::once(name.clone()).chain(numbered).find(free).unwrap_or_default();
        let same = |other: &&TestReport| other.name == report.name && other.module == report.module;
        let canary = negated.iter().find(same).is_some_and(|other| other.outcome == TestOutcome::Failed);
        tests.push(ExpectedTest {
            name: unique,
            slot,
            module: report.module.clone(),
            describe: report.describe.clone(),
            own: own.to_owned(),
            canary,
        });
    }
    tests.sort_by_key(|test| test.slot);
    ExpectedSuite { tests }
}

/// What each wrong answer does in each test.
///
/// # Errors
/// [`SandboxError`] when we failed.
pub(super) async fn signatures(
    sandbox: &dyn Sandbox,
    tests: &TestSet,
    exunit: &ExUnit,
    suite: &ExpectedSuite,
    limits: Limits,
) -> Result<Vec<Signature>, SandboxError> {
    let mut random = random()?;
    let mut signatures = Vec::with_capacity(tests.wrong.len());
    for wrong in &tests.wrong {
        let trial = SuiteJob::trial(&exunit.files, timeout(exunit, &limits), suite.slots(), &mut random);
        let sources = Job::single_source(tests.language, &wrong.code);
        let report = sandbox.run(job(tests, sources, trial.clone(), limits), &EventSink::none()).await?;
        signatures.push(verdict::suite_signature(suite, &(trial, report)));
    }
    Ok(signatures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::{Output, Timings};
    use crate::domain::suite::SuiteReport;

    fn test(name: &str, outcome: TestOutcome, message: &str) -> TestReport {
        let failed = outcome == TestOutcome::Failed;
        let failure = failed.then(|| Failure {
            kind: "error".into(),
            module: Some("ExUnit.AssertionError".into()),
            message: message.into(),
            stack: Vec::new(),
            code: None,
            expected: None,
            actual: None,
        });
        TestReport {
            name: format!("test {name}"),
            describe: None,
            module: "XTest".into(),
            doctest: name == "doc",
            task_id: None,
            line: None,
            code: None,
            outcome,
            failure,
            output: Output::default(),
            us: 1,
        }
    }

    fn negated(tests: Vec<TestReport>) -> Report {
        let suite = Some(SuiteReport { tests, died: None });
        let load = Some(Load::Loaded { diagnostics: Vec::new(), output: Output::default() });
        Report {
            load,
            cases: Vec::new(),
            suite,
            stray_output: Output::default(),
            end: End::Finished,
            timings: Timings::default(),
            contended: false,
        }
    }

    #[test]
    fn all_held_again_where_each_test_failed_at_its_end() {
        use TestOutcome::{Failed, Passed, Skipped, Timeout};
        let held = || vec![test("000000000000:one", Failed, "athanor: at the end\nleft: 1")];
        let with = |more: TestReport| holds_again(&negated([held(), vec![more]].concat()));
        assert!(holds_again(&negated(held())));
        assert!(!with(test("000000000001:two", Failed, "Assertion with == failed")), "before its end");
        assert!(!with(test("000000000001:two", Passed, "")), "either way");
        assert!(!with(test("000000000001:two", Timeout, "")));
        assert!(with(test("000000000001:two", Skipped, "")));
        assert!(with(test("d00000000000:ours", Failed, "Assertion with == failed")), "a test of ours");
        assert!(with(test("doc", Passed, "")) && !with(test("doc", Failed, "Doctest failed")), "docs are not negated");
        let cut = Report { end: End::Deadline, ..negated(held()) };
        assert!(!holds_again(&cut));
    }
}
