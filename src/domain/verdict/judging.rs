//! The decision itself.

use std::collections::HashSet;

use super::{CaseResult, ExpectedSet, ExpectedValue, Outcome, Signature, Verdict, VerdictKind};
use crate::domain::difference;
use crate::domain::exercise::{Case, Expect, Step, TestSet};
use crate::domain::job::Kind;
use crate::domain::report::{
    CaseReport, Diagnostic, End, Load, Output, Raised, Report, Severity, StackLine, StepOutcome, StepReport,
};
use crate::domain::transcript::{self, TranscriptLine};

pub(super) fn asked(tests: &TestSet, kind: Kind) -> impl Iterator<Item = &Case> {
    tests.cases.iter().filter(move |case| kind == Kind::Submit || !case.hidden)
}

pub(super) fn blank(case: &Case, outcome: Outcome) -> CaseResult {
    let decisive = case.steps.iter().rev().find(|step| step.expect.is_some());
    CaseResult {
        name: case.name.clone(),
        hidden: case.hidden,
        outcome,
        expression: decisive.map(|step| step.code.clone()),
        expected: None,
        actual: None,
        printed: false,
        message: None,
        stack: Vec::new(),
        output: Output::default(),
        us: None,
        points: case.points,
    }
}

/// Judges what happened.
///
/// `expected` holds the expected values of all cases of `tests`; `kind` says which cases were asked for.
#[must_use]
pub fn judge(tests: &TestSet, expected: &ExpectedSet, kind: Kind, report: &Report) -> Verdict {
    let (diagnostics, compile_output) = match &report.load {
        Some(Load::Loaded { diagnostics, output } | Load::Refused { diagnostics, output }) => {
            (in_order(diagnostics), output.clone())
        }
        None => (Vec::new(), Output::default()),
    };
    let mut verdict = Verdict {
        kind: VerdictKind::Passed,
        cases: Vec::new(),
        diagnostics,
        compile_output,
        stray_output: report.stray_output.clone(),
        says: None,
        fault: None,
        checked_in_vm: false,
    };
    if !matches!(report.load, Some(Load::Loaded { .. })) {
        verdict.kind = match report.load {
            Some(Load::Refused { .. }) => VerdictKind::CompileError,
            _ => verdict_of_end(&report.end),
        };
        verdict.cases = asked(tests, kind).map(|case| blank(case, Outcome::NotReached)).collect();
        return verdict;
    }
    for (index, case) in tests.cases.iter().enumerate().filter(|(_, case)| kind == Kind::Submit || !case.hidden) {
        // The cases of a run are a prefix of all cases, because visible ones come first.
        let Some(values) = expected.values.get(index) else {
            return Verdict::not_graded(tests, kind, "the exercise's expected values are incomplete");
        };
        let Some(result) = judge_case(case, values, report.cases.get(index), &report.end) else {
            return Verdict::not_graded(tests, kind, "the exercise's expected values are incomplete");
        };
        verdict.cases.push(result);
    }
    verdict.kind = verdict_of_cases(&verdict.cases, &report.end);
    if verdict.kind == VerdictKind::Failed {
        verdict.says = known_mistake(tests, expected, verdict.cases.len(), &Signature::of(tests, report));
    }
    verdict
}

/// Errors first, otherwise as the compiler said them, each once.
fn in_order(diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut seen = HashSet::new();
    let mut sorted: Vec<_> = diagnostics.iter().filter(|diagnostic| seen.insert(*diagnostic)).cloned().collect();
    sorted.sort_by_key(|diagnostic| diagnostic.severity == Severity::Warning);
    sorted
}

/// Judges one visible case that ended, before the whole job has: provisional. `None` for hidden cases.
#[must_use]
pub fn judge_ended_case(case: &Case, expected: &[Option<ExpectedValue>], report: &CaseReport) -> Option<CaseResult> {
    if case.hidden { None } else { judge_case(case, expected, Some(report), &End::Finished) }
}

pub(super) fn verdict_of_end(end: &End) -> VerdictKind {
    match end {
        End::OutOfMemory => VerdictKind::MemoryExceeded,
        End::OutputExceeded => VerdictKind::OutputExceeded,
        End::Deadline => VerdictKind::Timeout,
        End::Refused => VerdictKind::CompileError,
        // A job that says it finished without its values has crashed: no pass without evidence.
        End::Finished | End::Exited { .. } | End::BadFrame { .. } => VerdictKind::Crashed,
    }
}

pub(super) fn verdict_of_cases(cases: &[CaseResult], end: &End) -> VerdictKind {
    match cases.iter().map(|case| case.outcome).find(|outcome| *outcome != Outcome::Passed) {
        None if cases.is_empty() => VerdictKind::Crashed,
        None => VerdictKind::Passed,
        Some(Outcome::Failed | Outcome::Raised) => VerdictKind::Failed,
        Some(Outcome::Timeout) => VerdictKind::Timeout,
        Some(_) => verdict_of_end(end),
    }
}

/// `None` when an expected value is missing: the author's side, never held against a learner.
fn judge_case(
    case: &Case,
    expected: &[Option<ExpectedValue>],
    report: Option<&CaseReport>,
    end: &End,
) -> Option<CaseResult> {
    let Some(report) = report else {
        return Some(blank(case, Outcome::NotReached));
    };
    let mut result = blank(case, Outcome::Passed);
    result.us = Some(report.steps.iter().map(|step| step.us).fold(0, u64::saturating_add));
    result.output = all_output(report);
    for (index, step) in case.steps.iter().enumerate() {
        let wanted = match &step.expect {
            Some(Expect::Value(_)) => Some(expected.get(index)?.as_ref()?),
            _ => None,
        };
        let Some(seen) = report.steps.get(index) else {
            result.expression = Some(step.code.clone());
            result.outcome = Outcome::Crashed;
            result.message = Some(how_it_ended(end).to_owned());
            if *end == End::Deadline {
                result.outcome = Outcome::Timeout;
            }
            return Some(result);
        };
        if let Some(difference) = differs(step, wanted, seen) {
            result.expression = Some(step.code.clone());
            result.outcome = difference.outcome;
            result.expected = difference.expected;
            result.actual = difference.actual;
            result.printed = difference.printed;
            result.message = difference.message;
            result.stack = difference.stack;
            return Some(result);
        }
        if step.expect.is_some() {
            result.expected = wanted.map(|value| value.text.clone());
            result.actual = match &seen.outcome {
                StepOutcome::Value { text, .. } => Some(text.clone()),
                _ => None,
            };
        }
    }
    Some(result)
}

pub(super) fn how_it_ended(end: &End) -> &'static str {
    match end {
        End::OutOfMemory => "The program wanted more memory than it may have and was stopped.",
        End::OutputExceeded => "The program printed more than it may and was stopped.",
        End::Deadline => "The program took longer than it may and was stopped.",
        _ => "The Erlang VM ended before this case had an answer.",
    }
}

fn all_output(report: &CaseReport) -> Output {
    let mut all = Output::default();
    for step in &report.steps {
        if all.cut_bytes > 0 || step.output.cut_bytes > 0 {
            if all.cut_bytes == 0 {
                all.head.push_str(&step.output.head);
            } else {
                all.tail.push_str(&step.output.head);
            }
            all.tail.push_str(&step.output.tail);
            all.cut_bytes = all.cut_bytes.saturating_add(step.output.cut_bytes);
        } else {
            all.head.push_str(&step.output.head);
        }
    }
    all
}

struct Difference {
    outcome: Outcome,
    expected: Option<String>,
    actual: Option<String>,
    printed: bool,
    message: Option<String>,
    stack: Vec<StackLine>,
}

impl Difference {
    fn new(outcome: Outcome) -> Self {
        Self { outcome, expected: None, actual: None, printed: false, message: None, stack: Vec::new() }
    }
}

fn differs(step: &Step, wanted: Option<&ExpectedValue>, seen: &StepReport) -> Option<Difference> {
    let expected_text = match &step.expect {
        None => None,
        Some(Expect::Value(_)) => wanted.map(|value| value.text.clone()),
        Some(Expect::Exception { module, message }) => Some(match message {
            Some(message) => format!("** ({module}) {message}"),
            None => format!("** ({module})"),
        }),
        Some(Expect::Transcript(lines)) => Some(transcript::shown(lines)),
    };
    let by_value = match (&seen.outcome, &step.expect) {
        (StepOutcome::TimedOut, _) => Some(Difference {
            message: Some("This took longer than it may and was stopped.".to_owned()),
            ..Difference::new(Outcome::Timeout)
        }),
        (StepOutcome::Raised(raised), Some(Expect::Exception { module, message }))
            if is_expected(raised, module, message.as_deref()) =>
        {
            None
        }
        (StepOutcome::Raised(raised), expect) => Some(Difference {
            actual: match expect {
                Some(Expect::Transcript(lines)) => {
                    Some(transcript::shown(&transcript::of_run(lines, &seen.output.head, &seen.typed_at)))
                }
                _ => None,
            },
            printed: matches!(expect, Some(Expect::Transcript(_))),
            message: Some(describe(raised)),
            stack: raised.stack.clone(),
            ..Difference::new(Outcome::Raised)
        }),
        (StepOutcome::TooLarge { bytes }, Some(Expect::Value(_) | Expect::Exception { .. })) => Some(Difference {
            message: Some(format!("The value is too large to compare: {bytes} bytes.")),
            ..Difference::new(Outcome::Failed)
        }),
        (StepOutcome::Value { text, .. }, Some(Expect::Exception { module, .. })) => Some(Difference {
            actual: Some(text.clone()),
            message: Some(format!("Expected {module} to be raised, but a value was returned.")),
            ..Difference::new(Outcome::Failed)
        }),
        (StepOutcome::Value { term, text }, Some(Expect::Value(_)))
            if wanted.is_none_or(|wanted| wanted.term != *term) =>
        {
            Some(Difference {
                actual: Some(text.clone()),
                message: wanted.and_then(|wanted| what_differs(&wanted.text, text)),
                ..Difference::new(Outcome::Failed)
            })
        }
        (StepOutcome::Value { .. } | StepOutcome::TooLarge { .. }, _) => None,
    };
    if let Some(difference) = by_value {
        return Some(Difference { expected: expected_text, ..difference });
    }
    if let Some(Expect::Transcript(lines)) = &step.expect {
        return departs(lines, seen);
    }
    let wanted_output = step.prints.as_deref()?;
    let printed = &seen.output;
    let same = printed.cut_bytes == 0 && without_final_newline(&printed.head) == without_final_newline(wanted_output);
    (!same).then(|| Difference {
        expected: Some(wanted_output.to_owned()),
        actual: Some(printed.head.clone()),
        printed: true,
        message: Some(what_was_printed(wanted_output, &printed.head)),
        ..Difference::new(Outcome::Failed)
    })
}

fn what_differs(expected: &str, actual: &str) -> Option<String> {
    if expected == actual {
        return Some("The two look the same when printed, but they are different values.".to_owned());
    }
    difference::of_values(expected, actual).explanation
}

fn what_was_printed(expected: &str, actual: &str) -> String {
    let explanation = difference::of_output(without_final_newline(expected), without_final_newline(actual)).explanation;
    match explanation {
        Some(words) => format!("The value is right, but not what was printed. {words}"),
        None => "The value is right, but not what was printed.".to_owned(),
    }
}

/// What an expected transcript and what happened differ in.
fn departs(expected: &[TranscriptLine], seen: &StepReport) -> Option<Difference> {
    let session = transcript::of_run(expected, &seen.output.head, &seen.typed_at);
    let at = transcript::departs(expected, &session);
    let at = at.or_else(|| (seen.output.cut_bytes > 0).then_some(session.len()))?;
    Some(Difference {
        expected: Some(transcript::shown(expected)),
        actual: Some(transcript::shown(&session)),
        printed: true,
        message: Some(transcript::departure(expected, &session, at, &seen.output)),
        ..Difference::new(Outcome::Failed)
    })
}

fn without_final_newline(text: &str) -> &str {
    text.strip_suffix('\n').unwrap_or(text)
}

fn is_expected(raised: &Raised, module: &str, message: Option<&str>) -> bool {
    raised.kind == "error"
        && raised.module.as_deref() == Some(module)
        && message.is_none_or(|wanted| wanted.trim_end() == raised.message.trim_end())
}

fn describe(raised: &Raised) -> String {
    let message = raised.help.as_ref().unwrap_or(&raised.message).trim_end();
    match (&raised.module, raised.kind.as_str()) {
        (Some(module), _) => format!("** ({module}) {message}"),
        (None, kind) => format!("** ({kind}) {message}"),
    }
}

pub(super) fn known_mistake(tests: &TestSet, expected: &ExpectedSet, asked: usize, seen: &Signature) -> Option<String> {
    let same = |signature: &Signature| {
        signature.cases.len() >= asked && seen.cases.len() == asked && signature.cases[..asked] == seen.cases[..]
    };
    tests
        .wrong
        .iter()
        .zip(&expected.wrong)
        .find(|(wrong, signature)| wrong.says.is_some() && same(signature))
        .and_then(|(wrong, _)| wrong.says.clone())
}
