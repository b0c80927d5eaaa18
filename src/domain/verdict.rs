//! From what was expected and what happened to a verdict: pure, no clock, no input or output.
//!
//! No verdict without evidence: `passed` needs an equal value for every step of every case.

mod expected;
mod judging;
mod suite;

use serde::{Deserialize, Serialize};

pub use expected::{ExpectedSet, ExpectedValue, Signature, StepSignature};
pub use judging::{judge, judge_ended_case};
pub use suite::{Run, judge_ended_test, judge_suite, suite_signature};

use super::difference;
use super::exercise::TestSet;
use super::job::Kind;
use super::report::{Diagnostic, Output, StackLine};

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

    /// What a learner may know of a hidden case's outcome, once one has begun or before.
    #[must_use]
    pub const fn if_hidden(self, hidden_began: bool) -> Self {
        match self {
            Self::Passed => Self::Passed,
            Self::NotGraded => Self::NotGraded,
            Self::NotReached if !hidden_began => Self::NotReached,
            _ => Self::Failed,
        }
    }
}

/// Whether a hidden case had begun among these, of which each says whether it is hidden and what became of it.
#[must_use]
pub fn hidden_began(cases: impl IntoIterator<Item = (bool, Outcome)>) -> bool {
    cases.into_iter().any(|(hidden, outcome)| hidden && !matches!(outcome, Outcome::NotGraded | Outcome::NotReached))
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
    /// Whether `expected` and `actual` are what was printed, and not values.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub printed: bool,
    /// Where the two differ, kept only when their texts, which may be cut, do not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<difference::Difference>,
    /// What to read first: what is wrong with the value, an exception's kind and message, or why it was stopped.
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
    /// Whether the learner's own VM said what passed, as with ExUnit: worth less than values compared on the host.
    #[serde(default)]
    pub checked_in_vm: bool,
}

impl Verdict {
    /// A verdict for a job that our side could not carry out.
    #[must_use]
    pub fn not_graded(tests: &TestSet, kind: Kind, fault: impl Into<String>) -> Self {
        Self {
            kind: VerdictKind::NotGraded,
            cases: judging::asked(tests, kind).map(|case| judging::blank(case, Outcome::NotGraded)).collect(),
            diagnostics: Vec::new(),
            compile_output: Output::default(),
            stray_output: Output::default(),
            says: None,
            fault: Some(fault.into()),
            checked_in_vm: false,
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
        // How much a pass is worth is for those who judge by it.
        self.checked_in_vm = false;
        // Which way a hidden case went wrong, or which of them it was that ended the job, could be used to tell, bit by
        // bit, what a hidden case says. So once one has begun, each of them has passed or not, and that is all.
        let hidden_began = hidden_began(self.cases.iter().map(|case| (case.hidden, case.outcome)));
        let decided_by_hidden =
            self.cases.iter().find(|case| case.outcome != Outcome::Passed).is_some_and(|case| case.hidden);
        if hidden_began && decided_by_hidden {
            self.kind = VerdictKind::Failed;
        }
        let any_hidden = self.cases.iter().any(|case| case.hidden);
        if any_hidden {
            self.stray_output = Output::default();
        }
        for case in self.cases.iter_mut().filter(|case| case.hidden) {
            let outcome = case.outcome.if_hidden(hidden_began);
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
        printed: false,
        difference: None,
        message: None,
        stack: Vec::new(),
        output: Output::default(),
        us: None,
        points,
    }
}

#[cfg(test)]
mod tests;
