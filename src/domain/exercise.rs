//! An exercise: what the learner sees of it, and the test set that judges it.

use serde::{Deserialize, Serialize};

use super::ids::{ExerciseId, ImageName};
use super::job::Flavour;
use super::transcript::TranscriptLine;

/// The language a submission is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Elixir.
    Elixir,
    /// Erlang.
    Erlang,
}

impl Language {
    /// The name of the file in which a learner's single source is compiled.
    #[must_use]
    pub const fn solution_file(self) -> &'static str {
        match self {
            Self::Elixir => "solution.ex",
            Self::Erlang => "solution.erl",
        }
    }

    /// What begins a comment that goes to the end of its line.
    #[must_use]
    pub const fn comment(self) -> &'static str {
        match self {
            Self::Elixir => "#",
            Self::Erlang => "%%",
        }
    }

    /// The language as a fence names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Elixir => "elixir",
            Self::Erlang => "erlang",
        }
    }
}

/// An exercise of a lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise {
    /// Unique in the course and permanent.
    pub id: ExerciseId,
    /// The text of its heading.
    pub title: String,
    /// What it is worth.
    pub points: u32,
    /// What the editor holds at first; empty when the lesson gives no starter.
    pub starter: String,
    /// What each of several editors holds at first, where the lesson gives files; empty where one editor holds all.
    pub files: Vec<SourceFile>,
    /// Whether the author says that the starter passes by nature (a refactoring exercise).
    pub starter_passes: bool,
    /// What judges it.
    pub tests: TestSet,
    /// The lesson file, relative to the course's folder.
    pub file: String,
    /// Line of the opening comment, counted from 1.
    pub line: u32,
    /// Line on which the text of the reference begins, where it is in one block.
    pub solution_line: Option<u32>,
}

/// Everything that decides a verdict. Immutable once stored; a change of any of it makes a new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestSet {
    /// Language of the submission.
    pub language: Language,
    /// Read-only code compiled before the submission.
    pub support: Vec<SourceFile>,
    /// The cases: visible ones first, hidden ones after, each in the order of the lesson.
    pub cases: Vec<Case>,
    /// The reference solution.
    pub solution: String,
    /// Plausible mistakes.
    pub wrong: Vec<WrongAnswer>,
    /// Whole ExUnit modules instead of cases: these are judged within the learner's VM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exunit: Option<ExUnit>,
    /// The VM that its submissions run in, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flavour: Option<Flavour>,
    /// The image that its submissions run in, where they need packages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageName>,
}

/// ExUnit modules that judge an exercise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExUnit {
    /// The files, in the order of the lesson.
    pub files: Vec<SourceFile>,
    /// What all their tests together are worth.
    pub points: u32,
    /// Longest time for one test, in milliseconds, where the lesson sets one.
    pub timeout_ms: Option<u64>,
    /// Line of the first file's block in the lesson file, counted from 1.
    #[serde(skip)]
    pub line: u32,
}

impl TestSet {
    /// The cases that a learner may see, which are the ones *Run* sends.
    pub fn visible(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| !case.hidden)
    }
}

/// A file of source text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SourceFile {
    /// Its name, without folders.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// One case: steps evaluated one after the other in one fresh process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// What it is called; unique within the exercise.
    pub name: String,
    /// Whether the learner sees only the name and whether it passed.
    pub hidden: bool,
    /// What is evaluated, in order; at least one step expects something.
    pub steps: Vec<Step>,
    /// What passing it is worth.
    pub points: u32,
    /// Longest time for one of its steps, in milliseconds, where the lesson sets one.
    pub timeout_ms: Option<u64>,
    /// Line of its first expression in the file that it stands in, counted from 1. Moving a case does not change a version.
    #[serde(skip)]
    pub line: u32,
    /// The file that it stands in, as problems call it, where that is not the lesson's.
    #[serde(skip)]
    pub file: Option<String>,
}

/// One expression of a case and what it should do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The expression, without prompts.
    pub code: String,
    /// What it should do; `None` only prepares.
    pub expect: Option<Expect>,
    /// What it should print (`prints`), without the final newline.
    pub prints: Option<String>,
    /// Line of the expression in the case's file, counted from 1.
    #[serde(skip)]
    pub line: u32,
    /// Line of what it should do in the case's file, counted from 1; 0 without.
    #[serde(skip)]
    pub expect_line: u32,
}

/// What a step should do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// Return the value of this expression.
    Value(String),
    /// Raise this exception.
    Exception {
        /// The exception's module as Elixir writes it, for instance `ArgumentError`.
        module: String,
        /// Its message; `None` accepts any.
        message: Option<String>,
    },
    /// Go like this on standard input and output, whatever it returns.
    Transcript(Vec<TranscriptLine>),
}

/// A plausible mistake, and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongAnswer {
    /// The mistaken source.
    pub code: String,
    /// Names of the cases that must catch it; others may.
    pub fails: Vec<String>,
    /// What a learner who made the same mistake is told.
    pub says: Option<String>,
    /// Line of its block in the file that it stands in, counted from 1.
    #[serde(skip)]
    pub line: u32,
    /// The file that it stands in, as problems call it, where that is not the lesson's.
    #[serde(skip)]
    pub file: Option<String>,
}

/// A line that something of an exercise stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceLine<'a> {
    /// The file, as problems call it, where that is not the lesson's.
    pub file: Option<&'a str>,
    /// Counted from 1.
    pub line: u32,
}

impl From<u32> for SourceLine<'_> {
    /// A line of the lesson.
    fn from(line: u32) -> Self {
        Self { file: None, line }
    }
}

impl Case {
    /// Where it begins.
    #[must_use]
    pub fn at(&self) -> SourceLine<'_> {
        SourceLine { file: self.file.as_deref(), line: self.line }
    }

    /// Where it says what one of its steps should do.
    #[must_use]
    pub fn at_expected(&self, step: &Step) -> SourceLine<'_> {
        SourceLine { file: self.file.as_deref(), line: step.expect_line }
    }
}

impl WrongAnswer {
    /// Where its block begins.
    #[must_use]
    pub fn at(&self) -> SourceLine<'_> {
        SourceLine { file: self.file.as_deref(), line: self.line }
    }
}
