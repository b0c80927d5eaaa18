//! What a sandbox is asked to do. It holds no expected value: those never enter a container.

use serde::{Deserialize, Serialize};

use super::exercise::{Expect, Language, SourceFile, Step, TestSet};
use super::ids::ImageName;
use super::limits::Limits;
use super::suite::SuiteJob;
use super::transcript;

/// One job for one single-use container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Language of the sources.
    pub language: Language,
    /// Read-only code compiled before the sources.
    pub support: Vec<SourceFile>,
    /// What the learner wrote.
    pub sources: Vec<SourceFile>,
    /// What is evaluated, in order.
    pub cases: Vec<JobCase>,
    /// ExUnit modules instead.
    pub suite: Option<SuiteJob>,
    /// The VM that the exercise asks for.
    pub flavour: Option<Flavour>,
    /// The image that the exercise asks for.
    pub image: Option<ImageName>,
    /// What it may use.
    pub limits: Limits,
    /// Run with no other job beside it: how a time-out under contention is tried once more.
    pub alone: bool,
}

/// Which of the VMs of an image runs a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flavour {
    /// It compiles to machine code: fast where much is computed, slower to boot.
    Jit,
    /// It interprets: cheap to boot and small, half as fast where much is computed.
    Emu,
}

impl Flavour {
    /// Its name in settings, lessons and labels.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jit => "jit",
            Self::Emu => "emu",
        }
    }
}

impl std::fmt::Display for Flavour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Flavour {
    type Err = UnknownFlavour;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Jit, Self::Emu].into_iter().find(|flavour| flavour.name() == name).ok_or(UnknownFlavour)
    }
}

/// A name that no flavour has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the VM is 'jit' or 'emu'")]
pub struct UnknownFlavour;

/// One case of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobCase {
    /// What the learner must not hear of: its events are not passed on with their content.
    pub hidden: bool,
    /// Expressions, evaluated one after the other in one fresh process.
    pub steps: Vec<JobStep>,
    /// Longest time for one step, in milliseconds.
    pub timeout_ms: u64,
}

/// One expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobStep {
    /// The expression.
    pub code: String,
    /// What is typed on its standard input; `None` is an empty one.
    pub input: Option<String>,
}

impl JobStep {
    /// The step without what is expected of it.
    fn of(step: &Step) -> Self {
        let input = match &step.expect {
            Some(Expect::Transcript(lines)) => Some(transcript::input(lines)),
            _ => None,
        };
        Self { code: step.code.clone(), input }
    }
}

/// What a learner asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Try the visible cases; costs nothing.
    Run,
    /// Grade all cases.
    Submit,
}

impl Kind {
    /// The kind as it is written in the database and in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Submit => "submit",
        }
    }
}

impl Job {
    /// The job that runs `sources` against the cases which `kind` may see.
    #[must_use]
    pub fn new(tests: &TestSet, sources: Vec<SourceFile>, kind: Kind, limits: Limits) -> Self {
        let cases = tests
            .cases
            .iter()
            .filter(|case| kind == Kind::Submit || !case.hidden)
            .map(|case| JobCase {
                hidden: case.hidden,
                steps: case.steps.iter().map(JobStep::of).collect(),
                timeout_ms: case.timeout_ms.unwrap_or(limits.case_ms),
            })
            .collect();
        Self {
            language: tests.language,
            support: tests.support.clone(),
            sources,
            cases,
            suite: None,
            flavour: tests.flavour,
            image: tests.image.clone(),
            limits,
            alone: false,
        }
    }

    /// The job that only evaluates: of each case its expressions, one after the other.
    #[must_use]
    pub fn evaluating(cases: impl IntoIterator<Item = Vec<String>>, limits: Limits) -> Self {
        let case = |expressions: Vec<String>| JobCase {
            hidden: false,
            steps: expressions.into_iter().map(|code| JobStep { code, input: None }).collect(),
            timeout_ms: limits.case_ms,
        };
        Self {
            language: Language::Elixir,
            support: Vec::new(),
            // There is nothing to compile beforehand, and a job has one source.
            sources: Self::single_source(Language::Elixir, "\n"),
            cases: cases.into_iter().map(case).collect(),
            suite: None,
            flavour: None,
            image: None,
            limits,
            alone: false,
        }
    }

    /// The one source file of a submission that came as a text.
    #[must_use]
    pub fn single_source(language: Language, text: &str) -> Vec<SourceFile> {
        vec![SourceFile { file: language.solution_file().to_owned(), text: text.to_owned() }]
    }
}
