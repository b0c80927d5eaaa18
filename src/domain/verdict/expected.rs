//! What is compared with: expected values, and what each wrong answer does.

use serde::{Deserialize, Serialize};

use crate::domain::exercise::{Expect, Step, TestSet};
use crate::domain::report::{Output, Report, StepOutcome, StepReport};
use crate::domain::suite::ExpectedSuite;
use crate::domain::transcript;

/// What every step of an exercise should return, evaluated once per version and image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedSet {
    /// By case and step, in the order of the test set; `None` where the step expects no value.
    pub values: Vec<Vec<Option<ExpectedValue>>>,
    /// What each wrong answer does, in the order of the test set.
    pub wrong: Vec<Signature>,
    /// The tests of an ExUnit suite.
    pub suite: ExpectedSuite,
}

/// One expected value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
            StepOutcome::Value { .. } | StepOutcome::TooLarge { .. }
                if let Some(Expect::Transcript(lines)) = &step.expect =>
            {
                let session = transcript::of_run(lines, &seen.output.head, &seen.typed_at);
                StepSignature::Value { term: Vec::new(), printed: Some(Output::whole(transcript::shown(&session))) }
            }
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
