//! From what was expected and what happened to a verdict: pure, no clock, no input or output.
//!
//! No verdict without evidence: `passed` needs an equal value for every step of every case.

use serde::{Deserialize, Serialize};

use super::exercise::{Case, Expect, Step, TestSet};
use super::job::Kind;
use super::report::{CaseReport, Diagnostic, End, Load, Output, Raised, Report, StackLine, StepOutcome, StepReport};

/// The judgement of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictKind {
    /// Every case returned what it should.
    Passed,
    /// A case returned or raised something else.
    Failed,
    /// It did not compile.
    CompileError,
    /// The VM ended before its values were in.
    Crashed,
    /// It took longer than it may.
    Timeout,
    /// It wanted more memory than it may.
    MemoryExceeded,
    /// It printed more than it may.
    OutputExceeded,
    /// The sandbox failed us: our fault, never an attempt.
    NotGraded,
}

impl VerdictKind {
    /// All of them, in the order in which they are offered as a filter.
    pub const ALL: [Self; 8] = [
        Self::Passed,
        Self::Failed,
        Self::CompileError,
        Self::Crashed,
        Self::Timeout,
        Self::MemoryExceeded,
        Self::OutputExceeded,
        Self::NotGraded,
    ];

    /// The verdict as it is written in the database, in JSON and in folder names.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::CompileError => "compile_error",
            Self::Crashed => "crashed",
            Self::Timeout => "timeout",
            Self::MemoryExceeded => "memory_exceeded",
            Self::OutputExceeded => "output_exceeded",
            Self::NotGraded => "not_graded",
        }
    }

    /// The verdict of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What became of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As expected.
    Passed,
    /// Another value, another output, or no exception where one was expected.
    Failed,
    /// An exception, a throw or an exit that was not expected.
    Raised,
    /// A step took longer than it may.
    Timeout,
    /// The container ended during it.
    Crashed,
    /// Something before it ended the job.
    NotReached,
    /// Our fault.
    NotGraded,
}

impl Outcome {
    /// The outcome as it is written in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Raised => "raised",
            Self::Timeout => "timeout",
            Self::Crashed => "crashed",
            Self::NotReached => "not_reached",
            Self::NotGraded => "not_graded",
        }
    }

    /// The outcome of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Passed, Self::Failed, Self::Raised, Self::Timeout, Self::Crashed, Self::NotReached, Self::NotGraded]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
    }
}

/// One case of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseResult {
    /// The case's name.
    pub name: String,
    /// Whether its content is kept from learners.
    pub hidden: bool,
    /// What became of it.
    pub outcome: Outcome,
    /// The expression that decided it: the first that differs, or the last one.
    pub expression: Option<String>,
    /// What was expected of it, as text.
    pub expected: Option<String>,
    /// What it returned, as text.
    pub actual: Option<String>,
    /// What to read first: an exception's kind and message, or why it was stopped.
    pub message: Option<String>,
    /// The lines of an exception's stack in the learner's own code.
    pub stack: Vec<StackLine>,
    /// What the case printed.
    pub output: Output,
    /// How long its steps took inside the VM, in microseconds.
    pub us: Option<u64>,
    /// What it is worth when passed.
    pub points: u32,
}

/// A verdict and its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The judgement.
    pub kind: VerdictKind,
    /// Every case that was asked for, reached or not.
    pub cases: Vec<CaseResult>,
    /// The compiler's remarks.
    pub diagnostics: Vec<Diagnostic>,
    /// What the code printed while it was compiled.
    pub compile_output: Output,
    /// What was printed past the VM's own output, to the container's standard error.
    pub stray_output: Output,
    /// What the author says about this very mistake.
    pub says: Option<String>,
    /// Why it could not be graded, in words for people; only with `not_graded`.
    pub fault: Option<String>,
}

impl Verdict {
    /// A verdict for a job that our side could not carry out.
    #[must_use]
    pub fn not_graded(tests: &TestSet, kind: Kind, fault: impl Into<String>) -> Self {
        Self {
            kind: VerdictKind::NotGraded,
            cases: asked(tests, kind).map(|case| blank(case, Outcome::NotGraded)).collect(),
            diagnostics: Vec::new(),
            compile_output: Output::default(),
            stray_output: Output::default(),
            says: None,
            fault: Some(fault.into()),
        }
    }

    /// Points of the cases that passed.
    #[must_use]
    pub fn points(&self) -> u32 {
        self.cases.iter().filter(|case| case.outcome == Outcome::Passed).map(|case| case.points).sum()
    }

    /// The same verdict as the learner may see it: of hidden cases the name and whether they passed, and nothing that
    /// the container said once a hidden case had begun.
    #[must_use]
    pub fn for_learner(mut self) -> Self {
        let decided_by_hidden = self
            .cases
            .iter()
            .find(|case| case.outcome != Outcome::Passed)
            .is_some_and(|case| case.hidden && !matches!(case.outcome, Outcome::NotGraded | Outcome::NotReached));
        if decided_by_hidden {
            // Which way it went wrong could be used to tell, bit by bit, what a hidden case says.
            self.kind = VerdictKind::Failed;
        }
        let any_hidden = self.cases.iter().any(|case| case.hidden);
        if any_hidden {
            self.stray_output = Output::default();
        }
        for case in self.cases.iter_mut().filter(|case| case.hidden) {
            let outcome = match case.outcome {
                Outcome::Passed => Outcome::Passed,
                Outcome::NotGraded => Outcome::NotGraded,
                Outcome::NotReached if !decided_by_hidden => Outcome::NotReached,
                _ => Outcome::Failed,
            };
            *case = CaseResult { name: std::mem::take(&mut case.name), ..hidden(outcome, case.points) };
        }
        self
    }
}

fn hidden(outcome: Outcome, points: u32) -> CaseResult {
    CaseResult {
        name: String::new(),
        hidden: true,
        outcome,
        expression: None,
        expected: None,
        actual: None,
        message: None,
        stack: Vec::new(),
        output: Output::default(),
        us: None,
        points,
    }
}

/// What every step of an exercise should return, evaluated once per version and image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedSet {
    /// By case and step, in the order of the test set; `None` where the step expects no value.
    pub values: Vec<Vec<Option<ExpectedValue>>>,
    /// What each wrong answer does, in the order of the test set.
    pub wrong: Vec<Signature>,
}

/// One expected value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedValue {
    /// In Erlang's external term format, deterministic.
    pub term: Vec<u8>,
    /// As `inspect` shows it.
    pub text: String,
}

/// What a piece of code does in every case: two pieces with the same signature made the same mistake.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// By case, in the order of the test set.
    pub cases: Vec<Vec<StepSignature>>,
}

/// What one step does, as far as it can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepSignature {
    /// Returns this term.
    Value {
        /// In Erlang's external term format.
        term: Vec<u8>,
        /// What it printed, where the lesson says what it should print.
        printed: Option<Output>,
    },
    /// Raises this.
    Raised {
        /// `error`, `throw` or `exit`.
        kind: String,
        /// The exception's module.
        module: Option<String>,
        /// What it says.
        message: String,
    },
    /// Takes longer than it may.
    TimedOut,
    /// Returns something that is too large to compare.
    TooLarge,
}

impl Signature {
    /// The signature of what a report shows of the cases of `tests`.
    #[must_use]
    pub fn of(tests: &TestSet, report: &Report) -> Self {
        let step = |(step, seen): (&Step, &StepReport)| match &seen.outcome {
            StepOutcome::Value { term, .. } => {
                StepSignature::Value { term: term.clone(), printed: step.prints.as_ref().map(|_| seen.output.clone()) }
            }
            StepOutcome::Raised(raised) => StepSignature::Raised {
                kind: raised.kind.clone(),
                module: raised.module.clone(),
                message: raised.message.clone(),
            },
            StepOutcome::TimedOut => StepSignature::TimedOut,
            StepOutcome::TooLarge { .. } => StepSignature::TooLarge,
        };
        let cases = tests.cases.iter().zip(&report.cases);
        Self { cases: cases.map(|(case, seen)| case.steps.iter().zip(&seen.steps).map(step).collect()).collect() }
    }
}

fn asked(tests: &TestSet, kind: Kind) -> impl Iterator<Item = &Case> {
    tests.cases.iter().filter(move |case| kind == Kind::Submit || !case.hidden)
}

fn blank(case: &Case, outcome: Outcome) -> CaseResult {
    let decisive = case.steps.iter().rev().find(|step| step.expect.is_some());
    CaseResult {
        name: case.name.clone(),
        hidden: case.hidden,
        outcome,
        expression: decisive.map(|step| step.code.clone()),
        expected: None,
        actual: None,
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
            (diagnostics.clone(), output.clone())
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

/// Judges one visible case that ended, before the whole job has: provisional. `None` for hidden cases.
#[must_use]
pub fn judge_ended_case(case: &Case, expected: &[Option<ExpectedValue>], report: &CaseReport) -> Option<CaseResult> {
    if case.hidden { None } else { judge_case(case, expected, Some(report), &End::Finished) }
}

fn verdict_of_end(end: &End) -> VerdictKind {
    match end {
        End::OutOfMemory => VerdictKind::MemoryExceeded,
        End::OutputExceeded => VerdictKind::OutputExceeded,
        End::Deadline => VerdictKind::Timeout,
        End::Refused => VerdictKind::CompileError,
        // A job that says it finished without its values has crashed: no pass without evidence.
        End::Finished | End::Exited { .. } | End::BadFrame { .. } => VerdictKind::Crashed,
    }
}

fn verdict_of_cases(cases: &[CaseResult], end: &End) -> VerdictKind {
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
    result.us = Some(report.steps.iter().map(|step| step.us).sum());
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

fn how_it_ended(end: &End) -> &'static str {
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
            all.cut_bytes += step.output.cut_bytes;
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
    message: Option<String>,
    stack: Vec<StackLine>,
}

impl Difference {
    fn new(outcome: Outcome) -> Self {
        Self { outcome, expected: None, actual: None, message: None, stack: Vec::new() }
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
        (StepOutcome::Raised(raised), _) => Some(Difference {
            message: Some(describe(raised)),
            stack: raised.stack.clone(),
            ..Difference::new(Outcome::Raised)
        }),
        (StepOutcome::TooLarge { bytes }, Some(_)) => Some(Difference {
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
                message: same_looking(wanted, text),
                ..Difference::new(Outcome::Failed)
            })
        }
        (StepOutcome::Value { .. } | StepOutcome::TooLarge { .. }, _) => None,
    };
    if let Some(difference) = by_value {
        return Some(Difference { expected: expected_text, ..difference });
    }
    let wanted_output = step.prints.as_deref()?;
    let printed = &seen.output;
    let same = printed.cut_bytes == 0 && without_final_newline(&printed.head) == without_final_newline(wanted_output);
    (!same).then(|| Difference {
        expected: Some(wanted_output.to_owned()),
        actual: Some(printed.head.clone()),
        message: Some("The value is right, but something else was printed.".to_owned()),
        ..Difference::new(Outcome::Failed)
    })
}

fn same_looking(wanted: Option<&ExpectedValue>, text: &str) -> Option<String> {
    (wanted?.text == text).then(|| "The two look the same when printed, but they are different values.".to_owned())
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
    match (&raised.module, raised.kind.as_str()) {
        (Some(module), _) => format!("** ({module}) {}", raised.message),
        (None, kind) => format!("** ({kind}) {}", raised.message),
    }
}

fn known_mistake(tests: &TestSet, expected: &ExpectedSet, asked: usize, seen: &Signature) -> Option<String> {
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

#[cfg(test)]
mod tests;
