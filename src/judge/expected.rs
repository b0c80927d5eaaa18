//! What an exercise's steps should return: evaluated with the reference loaded, in a container of its own.
//!
//! The steps of a case run as they will for a learner, and after each its expected expression in the same process, so
//! that an alias or a binding of the case may be used in it. One run so yields both the expected values and what the
//! reference does.

use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

use super::suite;
use crate::domain::exercise::{Expect, TestSet};
use crate::domain::job::{Job, JobCase, JobStep, Kind};
use crate::domain::limits::Limits;
use crate::domain::report::{CaseReport, Load, Report, StepOutcome, StepReport};
use crate::domain::suite::ExpectedSuite;
use crate::domain::term::find_unwritable;
use crate::domain::verdict::{self, ExpectedSet, ExpectedValue, Signature, Verdict};
use crate::sandbox::{EventSink, Sandbox, SandboxError};

/// Something that is wrong with an expected value: the author's to mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Place of the case.
    pub case: usize,
    /// Place of the step in its case.
    pub step: usize,
    /// What is wrong.
    pub message: String,
}

/// What evaluating a test set showed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Evaluation {
    /// The values, complete when there are no problems.
    pub expected: ExpectedSet,
    /// Values that cannot be used.
    pub problems: Vec<Problem>,
    /// How the reference does against them.
    pub reference: Verdict,
    /// Whether a second container has shown that it does the same again.
    pub steady: bool,
}

/// Evaluates the expected values with the reference loaded. Wrong answers are another matter: [`signatures`].
///
/// # Errors
/// [`SandboxError`] when we failed.
pub async fn evaluate(sandbox: &dyn Sandbox, tests: &TestSet, limits: Limits) -> Result<Evaluation, SandboxError> {
    if let Some(exunit) = &tests.exunit {
        return suite::evaluate(sandbox, tests, exunit, limits).await;
    }
    let sources = Job::single_source(tests.language, &tests.solution);
    let mut job = Job::new(tests, sources, Kind::Submit, limits);
    job.cases = tests.cases.iter().zip(&job.cases).map(|(case, plain)| with_expected(case, plain)).collect();
    // An author's values are evaluated once and kept: a busy machine must not spoil them.
    let mut report = sandbox.run(job.clone(), &EventSink::none()).await?;
    if report.contended && !took_all_steps(&report, &job) {
        job.alone = true;
        report = sandbox.run(job, &EventSink::none()).await?;
    }
    let (expected, problems, actual) = take_apart(tests, &report);
    let reference = verdict::judge(tests, &expected, Kind::Submit, &actual);
    Ok(Evaluation { expected, problems, reference, steady: false })
}

fn with_expected(case: &crate::domain::exercise::Case, plain: &JobCase) -> JobCase {
    let mut steps = Vec::with_capacity(plain.steps.len() * 2);
    for (step, job_step) in case.steps.iter().zip(&plain.steps) {
        steps.push(job_step.clone());
        if let Some(Expect::Value(code)) = &step.expect {
            steps.push(JobStep { code: code.clone(), input: None });
        }
    }
    JobCase { steps, ..plain.clone() }
}

fn took_all_steps(report: &Report, job: &Job) -> bool {
    report.cases.len() == job.cases.len()
        && report.cases.iter().zip(&job.cases).all(|(seen, asked)| {
            seen.steps.len() == asked.steps.len()
                && seen.steps.iter().all(|step| !matches!(step.outcome, StepOutcome::TimedOut))
        })
}

/// Splits the report of an interleaved run into the expected values and what the reference itself did.
fn take_apart(tests: &TestSet, report: &Report) -> (ExpectedSet, Vec<Problem>, Report) {
    let mut problems = Vec::new();
    let mut values = Vec::with_capacity(tests.cases.len());
    let mut actual = Vec::with_capacity(report.cases.len());
    for (case_no, case) in tests.cases.iter().enumerate() {
        let mut seen = report.cases.get(case_no).map(|case| case.steps.as_slice()).unwrap_or_default().iter();
        let mut case_values = Vec::with_capacity(case.steps.len());
        let mut steps = Vec::new();
        for (step_no, step) in case.steps.iter().enumerate() {
            steps.extend(seen.next().cloned());
            let Some(Expect::Value(_)) = step.expect else {
                case_values.push(None);
                continue;
            };
            match value_of(seen.next()) {
                Ok(value) => case_values.push(Some(value)),
                Err(message) => {
                    let message = message.unwrap_or_else(|| not_reached(report));
                    problems.push(Problem { case: case_no, step: step_no, message });
                    // A value that nothing equals, so that the reference's own verdict can be told.
                    case_values.push(Some(ExpectedValue { term: Vec::new(), text: "(no value)".to_owned() }));
                }
            }
        }
        values.push(case_values);
        if report.cases.get(case_no).is_some() {
            actual.push(CaseReport { steps });
        }
    }
    (ExpectedSet { values, ..ExpectedSet::default() }, problems, Report { cases: actual, ..report.clone() })
}

fn not_reached(report: &Report) -> String {
    match &report.load {
        Some(Load::Loaded { .. }) => "the reference ended before this expected value was evaluated".to_owned(),
        _ => "the reference does not compile, so this expected value could not be evaluated".to_owned(),
    }
}

/// `Err(None)` when there is no answer at all.
fn value_of(seen: Option<&StepReport>) -> Result<ExpectedValue, Option<String>> {
    match seen.map(|step| &step.outcome) {
        Some(StepOutcome::Value { term, text }) => match find_unwritable(term) {
            Ok(None) => Ok(ExpectedValue { term: term.clone(), text: text.clone() }),
            Ok(Some(what)) => {
                Err(Some(format!("the expected value holds {}, which is another one each time", what.as_str())))
            }
            Err(error) => Err(Some(error.to_string())),
        },
        Some(StepOutcome::TooLarge { bytes }) => Err(Some(format!("the expected value is too large: {bytes} bytes"))),
        Some(StepOutcome::Raised(raised)) => {
            Err(Some(format!("the expected value cannot be evaluated: {}", raised.message)))
        }
        Some(StepOutcome::TimedOut) => Err(Some("evaluating the expected value took too long".to_owned())),
        None => Err(None),
    }
}

/// What each wrong answer does in every case.
///
/// # Errors
/// [`SandboxError`] when we failed.
pub async fn signatures(
    sandbox: &dyn Sandbox,
    tests: &TestSet,
    suite: &ExpectedSuite,
    limits: Limits,
) -> Result<Vec<Signature>, SandboxError> {
    if let Some(exunit) = &tests.exunit {
        return suite::signatures(sandbox, tests, exunit, suite, limits).await;
    }
    let none = EventSink::none();
    let runs = tests.wrong.iter().map(|wrong| {
        let sources = Job::single_source(tests.language, &wrong.code);
        sandbox.run(Job::new(tests, sources, Kind::Submit, limits), &none)
    });
    Ok(try_join_all(runs).await?.iter().map(|report| Signature::of(tests, report)).collect())
}
