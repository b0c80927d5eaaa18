//! A block of a lesson that a reader runs: its expressions one after the other, as in a session of `iex`.

use serde::{Deserialize, Serialize};

use super::ids::ImageName;
use super::job::Job;
use super::limits::Limits;
use super::report::{End, Load, Output, Raised, Report, StepOutcome};

/// A block, cut into its expressions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The whole text, with its comments.
    pub code: String,
    /// The expressions, each with as many empty lines before it as bring it to its own line of the block: so that what the
    /// compiler says of a line is right.
    pub expressions: Vec<String>,
    /// The image that it runs in, where it needs packages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageName>,
}

/// What came of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockResult {
    /// The expressions in order, as far as it got.
    pub steps: Vec<BlockStep>,
    /// How it ended.
    pub end: BlockEnd,
    /// What was printed past the VM's own output.
    #[serde(default, skip_serializing_if = "Output::is_empty")]
    pub stray_output: Output,
}

/// What came of one expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockStep {
    /// The expression, without the empty lines before it.
    pub code: String,
    /// What it printed.
    #[serde(default, skip_serializing_if = "Output::is_empty")]
    pub output: Output,
    /// What it returned, or did instead.
    pub outcome: BlockOutcome,
}

/// What an expression did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockOutcome {
    /// It returned this, as `inspect` shows it.
    Value(String),
    /// It returned more than can be shown.
    TooLarge,
    /// It raised, threw or exited.
    Raised(Raised),
    /// It was stopped at its time limit.
    TimedOut,
}

/// How a block ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockEnd {
    /// With its last expression, or with the first that raised.
    Finished,
    /// The VM ended, because the code ended it.
    Crashed,
    /// At the time limit.
    TimedOut,
    /// At the memory limit.
    OutOfMemory,
    /// It printed more than it may.
    OutputExceeded,
}

impl Block {
    /// The job that runs it. An expression that raises ends a block, but the sandbox knows nothing of that: what comes
    /// after it is not shown.
    #[must_use]
    pub fn job(&self, limits: Limits) -> Job {
        Job { image: self.image.clone(), ..Job::evaluating([self.expressions.clone()], limits) }
    }

    /// What came of it.
    #[must_use]
    pub fn result(&self, report: Report) -> BlockResult {
        let end = match report.end {
            End::Finished => BlockEnd::Finished,
            End::Deadline => BlockEnd::TimedOut,
            End::OutOfMemory => BlockEnd::OutOfMemory,
            End::OutputExceeded => BlockEnd::OutputExceeded,
            End::Refused | End::Exited { .. } | End::BadFrame { .. } => BlockEnd::Crashed,
        };
        let mut steps = Vec::new();
        let mut stopped = false;
        let seen = report.cases.into_iter().flat_map(|case| case.steps);
        for (code, step) in self.expressions.iter().zip(seen) {
            if stopped {
                break;
            }
            let outcome = match step.outcome {
                StepOutcome::Value { text, .. } => BlockOutcome::Value(text),
                StepOutcome::TooLarge { .. } => BlockOutcome::TooLarge,
                StepOutcome::Raised(raised) => BlockOutcome::Raised(raised),
                StepOutcome::TimedOut => BlockOutcome::TimedOut,
            };
            stopped = matches!(outcome, BlockOutcome::Raised(_) | BlockOutcome::TimedOut);
            steps.push(BlockStep { code: code.trim_start_matches('\n').to_owned(), output: step.output, outcome });
        }
        // What happened after the block stopped is nobody's concern.
        let end = if stopped { BlockEnd::Finished } else { end };
        BlockResult { steps, end, stray_output: report.stray_output }
    }
}

/// Whether a report tells that the block was not loaded, which is no fault of what is in it.
#[must_use]
pub const fn was_not_loaded(report: &Report) -> bool {
    matches!(report.load, Some(Load::Refused { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::{CaseReport, StepReport, Timings};

    fn report(outcomes: Vec<StepOutcome>, end: End) -> Report {
        let step = |outcome| StepReport { outcome, output: Output::default(), typed_at: Vec::new(), us: 1 };
        Report {
            load: None,
            suite: None,
            cases: vec![CaseReport { steps: outcomes.into_iter().map(step).collect() }],
            end,
            stray_output: Output::default(),
            contended: false,
            timings: Timings::default(),
        }
    }

    fn value(text: &str) -> StepOutcome {
        StepOutcome::Value { term: Vec::new(), text: text.to_owned() }
    }

    #[test]
    fn a_block_ends_with_the_first_expression_that_raises() {
        let block = Block {
            code: String::new(),
            expressions: vec!["a = 1".into(), "\nraise \"x\"".into(), "\n\na".into()],
            image: None,
        };
        let raised = Raised { kind: "error".into(), module: None, message: "x".into(), stack: Vec::new(), help: None };
        let seen = report(vec![value("1"), StepOutcome::Raised(raised), value("1")], End::Finished);
        let result = block.result(seen);
        assert_eq!(result.steps.len(), 2);
        assert_eq!((result.steps[1].code.as_str(), result.end), ("raise \"x\"", BlockEnd::Finished));
    }

    #[test]
    fn how_it_ended_is_said_unless_an_expression_says_it() {
        let block = Block { code: String::new(), expressions: vec!["1".into(), "2".into()], image: None };
        let of = |outcomes, end| block.result(report(outcomes, end)).end;
        assert_eq!(of(vec![value("1")], End::OutOfMemory), BlockEnd::OutOfMemory);
        assert_eq!(of(vec![], End::Exited { code: Some(0) }), BlockEnd::Crashed);
        assert_eq!(of(vec![value("1"), StepOutcome::TimedOut], End::Deadline), BlockEnd::Finished);
        assert_eq!(of(vec![value("1")], End::Deadline), BlockEnd::TimedOut);
    }
}
