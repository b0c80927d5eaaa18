//! The decision on an ExUnit suite, from one run that tries or two that complement each other.

use std::collections::HashMap;

use super::judging::{how_it_ended, known_mistake, verdict_of_cases, verdict_of_end};
use super::{CaseResult, ExpectedSet, Outcome, Signature, StepSignature, Verdict, VerdictKind};
use crate::domain::exercise::TestSet;
use crate::domain::report::{End, Load, Output, Report};
use crate::domain::suite::{ExpectedSuite, Failure, SuiteJob, TestOutcome, TestReport};

/// A suite and what was seen of it.
pub type Run = (SuiteJob, Report);

/// What is said where tests were meddled with. An honest program may do so by accident.
const MEDDLED: &str = "The tests cannot be trusted here: a copy of a test that has to fail did not, or results are missing or \
     of nobody's asking. That happens when a program changes how tests are run: by a module with a name of ExUnit's, by \
     ending or replacing the processes that run them, or by ending the tests early.";

/// Judges a suite. One run is a trial, in which all tests are as they were written. Two are a submission: no pass
/// without every test seen to pass as written and to fail when negated.
#[must_use]
pub fn judge_suite(tests: &TestSet, expected: &ExpectedSet, runs: &[Run]) -> Verdict {
    let (diagnostics, compile_output) = match runs.first().and_then(|(_, report)| report.load.as_ref()) {
        Some(Load::Loaded { diagnostics, output } | Load::Refused { diagnostics, output }) => {
            (diagnostics.clone(), output.clone())
        }
        None => (Vec::new(), Output::default()),
    };
    let mut verdict = Verdict {
        kind: VerdictKind::Passed,
        cases: Vec::new(),
        diagnostics,
        compile_output,
        stray_output: runs.first().map(|(_, report)| report.stray_output.clone()).unwrap_or_default(),
        says: None,
        fault: None,
        checked_in_vm: true,
    };
    let suite = &expected.suite;
    if let Some((_, refused)) = runs.iter().find(|(_, report)| !matches!(report.load, Some(Load::Loaded { .. }))) {
        verdict.kind = match &refused.load {
            Some(Load::Refused { diagnostics, .. }) => {
                verdict.diagnostics.clone_from(diagnostics);
                VerdictKind::CompileError
            }
            _ => verdict_of_end(&refused.end),
        };
        verdict.cases = suite.tests.iter().map(|test| blank(&test.name, Outcome::NotReached)).collect();
        return verdict;
    }
    let seen: Vec<Seen<'_>> = runs.iter().map(|run| Seen::of(suite, run)).collect();
    verdict.cases = cases(suite, runs, &seen);
    let end = runs.iter().map(|(_, report)| &report.end).find(|end| **end != End::Finished).unwrap_or(&End::Finished);
    verdict.kind = verdict_of_cases(&verdict.cases, end);
    let asked = suite.tests.len();
    if verdict.kind == VerdictKind::Failed {
        verdict.says = known_mistake(tests, expected, asked, &signature(suite, &seen));
    }
    let points = tests.exunit.as_ref().map_or(0, |exunit| exunit.points);
    share_points(points, asked, &mut verdict.cases);
    verdict
}

/// Judges one test that ended, before the whole suite has: provisional.
#[must_use]
pub fn judge_ended_test(suite: &ExpectedSuite, slot: usize, report: &TestReport) -> Option<CaseResult> {
    let (_, own) = report.token_and_own()?;
    let test = suite.tests.iter().find(|test| test.is(slot, own, report))?;
    Some(case(&test.name, report))
}

/// What a trial run of a wrong answer does in each test.
#[must_use]
pub fn suite_signature(suite: &ExpectedSuite, run: &Run) -> Signature {
    signature(suite, &[Seen::of(suite, run)])
}

/// What one run showed, by the place of the test in the suite.
struct Seen<'a> {
    written: HashMap<usize, &'a TestReport>,
    negated: HashMap<usize, &'a TestReport>,
    /// Made of docs, which are the learner's: how many there are nobody knows.
    doctests: Vec<&'a TestReport>,
    /// Whether all tests were run, as the container says.
    complete: bool,
    /// Whether something came that nobody asked for, or our own tests did not do what they should.
    strange: bool,
}

impl<'a> Seen<'a> {
    fn of(suite: &ExpectedSuite, (job, report): &'a Run) -> Self {
        let mut seen = Self {
            written: HashMap::new(),
            negated: HashMap::new(),
            doctests: Vec::new(),
            complete: false,
            strange: false,
        };
        let Some(said) = &report.suite else { return seen };
        seen.complete = report.end == End::Finished && said.died.is_none();
        let mut decoys = 0;
        for test in said.tests.iter().filter(|test| test.outcome != TestOutcome::Skipped) {
            if test.doctest {
                seen.doctests.push(test);
                continue;
            }
            let Some((token, own)) = test.token_and_own() else {
                seen.strange = true;
                continue;
            };
            if let Some(decoy) = job.decoys.iter().find(|decoy| decoy.token == token) {
                decoys += 1;
                // One that fails where it should pass tells nothing: a `setup` that uses the learner's code may do that.
                seen.strange |= !decoy.passes && test.outcome == TestOutcome::Passed;
                continue;
            }
            let place = job.slot(token).and_then(|slot| {
                let at = suite.tests.iter().position(|expected| expected.is(slot, own, test))?;
                Some((at, job.slots[slot].negated))
            });
            let earlier = match place {
                Some((at, true)) => seen.negated.insert(at, test),
                Some((at, false)) => seen.written.insert(at, test),
                None => {
                    seen.strange = true;
                    continue;
                }
            };
            seen.strange |= earlier.is_some();
        }
        seen.strange |= seen.complete && decoys != job.decoys.len();
        seen
    }
}

fn cases(suite: &ExpectedSuite, runs: &[Run], seen: &[Seen<'_>]) -> Vec<CaseResult> {
    let strange = seen.iter().any(|seen| seen.strange);
    let mut ends: Vec<Option<&End>> =
        runs.iter().zip(seen).map(|((_, report), seen)| (!seen.complete).then_some(&report.end)).collect();
    let mut cases = Vec::with_capacity(suite.tests.len());
    for (at, test) in suite.tests.iter().enumerate() {
        let written = seen.iter().find_map(|seen| seen.written.get(&at));
        let Some(report) = written else {
            cases.push(missing(&test.name, runs, test.slot, &mut ends));
            continue;
        };
        let mut result = case(&test.name, report);
        let passes_negated = || {
            seen.iter()
                .filter(|seen| seen.complete && runs.len() > 1 && !seen.written.contains_key(&at))
                .any(|seen| seen.negated.get(&at).is_none_or(|negated| negated.outcome == TestOutcome::Passed))
        };
        if result.outcome == Outcome::Passed && (strange || (test.canary && passes_negated())) {
            result.outcome = Outcome::Crashed;
            result.message = Some(MEDDLED.to_owned());
        }
        cases.push(result);
    }
    // Where one cannot be trusted, none can.
    if cases.iter().any(|case| case.message.as_deref() == Some(MEDDLED)) {
        for case in cases.iter_mut().filter(|case| case.outcome == Outcome::Passed) {
            case.outcome = Outcome::Crashed;
            case.message = Some(MEDDLED.to_owned());
        }
    }
    if let Some(first) = seen.first() {
        cases.extend(first.doctests.iter().map(|report| case(&report.name, report)));
    }
    // The complement has to be there in full, or half of the evidence is missing.
    let all_passed = cases.iter().all(|case| case.outcome == Outcome::Passed);
    if let (true, Some(end), Some(last)) = (all_passed, ends.into_iter().flatten().next(), cases.last_mut()) {
        last.outcome = if *end == End::Deadline { Outcome::Timeout } else { Outcome::Crashed };
        last.message = Some(how_it_ended(end).to_owned());
    }
    cases
}

/// A test without a result. The first one of a run that was cut short is where it ended, as far as anybody can tell.
fn missing(name: &str, runs: &[Run], slot: usize, ends: &mut [Option<&End>]) -> CaseResult {
    let run = runs.iter().position(|(job, _)| job.slots.get(slot).is_none_or(|slot| !slot.negated));
    let complete = run.is_some_and(|run| runs[run].1.end == End::Finished && ends[run].is_none());
    if complete {
        return CaseResult { message: Some(MEDDLED.to_owned()), ..blank(name, Outcome::Crashed) };
    }
    match run.and_then(|run| ends[run].take()) {
        Some(End::Deadline) => {
            CaseResult { message: Some(how_it_ended(&End::Deadline).to_owned()), ..blank(name, Outcome::Timeout) }
        }
        Some(end) => CaseResult { message: Some(how_it_ended(end).to_owned()), ..blank(name, Outcome::Crashed) },
        None => blank(name, Outcome::NotReached),
    }
}

fn case(name: &str, report: &TestReport) -> CaseResult {
    let mut result = blank(name, Outcome::Passed);
    result.output = report.output.clone();
    result.us = Some(report.us);
    match (report.outcome, &report.failure) {
        (TestOutcome::Passed | TestOutcome::Skipped, _) => {}
        (TestOutcome::Timeout, _) => {
            result.outcome = Outcome::Timeout;
            result.message = Some("This took longer than it may and was stopped.".to_owned());
        }
        (TestOutcome::Failed, Some(failure)) => explain(&mut result, failure),
        (TestOutcome::Failed, None) => result.outcome = Outcome::Failed,
    }
    result
}

fn explain(result: &mut CaseResult, failure: &Failure) {
    result.expression.clone_from(&failure.code);
    result.expected.clone_from(&failure.expected);
    result.actual.clone_from(&failure.actual);
    result.stack.clone_from(&failure.stack);
    let assertion = failure.module.as_deref() == Some("ExUnit.AssertionError");
    result.outcome = if assertion { Outcome::Failed } else { Outcome::Raised };
    result.message = Some(match (&failure.module, assertion) {
        (_, true) => failure.message.clone(),
        (Some(module), false) => format!("** ({module}) {}", failure.message),
        (None, false) => format!("** ({}) {}", failure.kind, failure.message),
    });
}

fn blank(name: &str, outcome: Outcome) -> CaseResult {
    CaseResult {
        name: name.to_owned(),
        hidden: false,
        outcome,
        expression: None,
        expected: None,
        actual: None,
        printed: false,
        difference: None,
        message: None,
        stack: Vec::new(),
        output: Output::default(),
        us: None,
        points: 0,
    }
}

/// Of `points` the share of the tests that passed, rounded down. A case holds whole points only, so they are counted out
/// to those that passed first.
fn share_points(points: u32, tests: usize, cases: &mut [CaseResult]) {
    let Some(count) = u32::try_from(tests).ok().filter(|count| *count > 0) else { return };
    let upto = |n: u32| u32::try_from(u64::from(points) * u64::from(n) / u64::from(count)).unwrap_or(points);
    let mut given = 0;
    for passed in [true, false] {
        for case in cases.iter_mut().take(tests).filter(|case| (case.outcome == Outcome::Passed) == passed) {
            case.points = upto(given + 1) - upto(given);
            given += 1;
        }
    }
}

fn signature(suite: &ExpectedSuite, seen: &[Seen<'_>]) -> Signature {
    let step = |at: usize| {
        let report = seen.iter().find_map(|seen| seen.written.get(&at))?;
        Some(vec![match (report.outcome, &report.failure) {
            (TestOutcome::Passed | TestOutcome::Skipped, _) => StepSignature::Value { term: Vec::new(), printed: None },
            (TestOutcome::Timeout, _) => StepSignature::TimedOut,
            (TestOutcome::Failed, Some(failure)) => StepSignature::Raised {
                kind: failure.kind.clone(),
                module: failure.module.clone(),
                message: format!("{}\n{:?}", failure.message, failure.actual),
            },
            (TestOutcome::Failed, None) => StepSignature::TooLarge,
        }])
    };
    Signature { cases: (0..suite.tests.len()).map_while(step).collect() }
}

#[cfg(test)]
#[path = "suite_tests.rs"]
mod tests;
