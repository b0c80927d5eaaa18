//! ExUnit suites: how they are asked for, and what is seen of them.
//!
//! Their verdict comes out of the learner's own VM, so a program can meddle with it. What makes that visible: every test
//! is run twice, in two containers, once as written and once with its last assertion negated. A coin for each test says
//! which comes where, no name is known beforehand, and tests of our own stand between them. A program that makes tests
//! pass makes the negated ones pass as well; to pass unseen it would have to guess every coin.
//!
//! An honest program notices nothing: each test runs once in each container, as often as it was written.

use serde::{Deserialize, Serialize};

use super::exercise::SourceFile;
use super::report::{Output, StackLine};

/// Most tests that a suite may have.
pub const MOST_TESTS: usize = 500;

/// Tests of our own in each run.
pub const DECOYS: usize = 8;

/// Characters of a token.
pub const TOKEN_CHARS: usize = 12;

/// What the harness says of a failure that is the negated last assertion's.
const AT_THE_END: &str = "athanor: at the end";

/// A suite for one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteJob {
    /// The files.
    pub files: Vec<SourceFile>,
    /// How each `test` of the source is run, in the order of the source. Those beyond it are run as they are.
    pub slots: Vec<Slot>,
    /// Tests of our own.
    pub decoys: Vec<Decoy>,
    /// Decides the order; 0 keeps that of the source.
    pub seed: u32,
    /// Longest time for one test, in milliseconds.
    pub timeout_ms: u64,
    /// Whether the code of each test is to be told.
    pub code: bool,
    /// Whether a negated test is to tell that all before its last assertion held: see [`Failure::at_the_end`].
    pub ends: bool,
}

/// How one `test` of the source is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// What stands before its name; `None` leaves the name as it is.
    pub token: Option<String>,
    /// Whether its last assertion is negated.
    pub negated: bool,
}

/// A test of our own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decoy {
    /// What stands before its name.
    pub token: String,
    /// Whether it passes.
    pub passes: bool,
}

/// What was seen of a suite.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SuiteReport {
    /// The tests in the order in which they ended.
    pub tests: Vec<TestReport>,
    /// Why the suite ended before its time, when it did though the VM went on.
    pub died: Option<String>,
}

/// What became of one test.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TestReport {
    /// Its name as `ExUnit` has it: `test`, the `describe` around it, its own name with the token before it.
    pub name: String,
    /// The `describe` around it.
    pub describe: Option<String>,
    /// The module it is in.
    pub module: String,
    /// Whether it was made of a doc.
    #[serde(default)]
    pub doctest: bool,
    /// `@tag task_id`.
    pub task_id: Option<i64>,
    /// Line of the test in its file.
    pub line: Option<i64>,
    /// Its body, when that was asked for.
    pub code: Option<String>,
    /// What became of it.
    pub outcome: TestOutcome,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What it printed.
    #[serde(skip)]
    pub output: Output,
    /// How long it took, in microseconds, as the VM says.
    pub us: u64,
}

/// What became of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestOutcome {
    /// It passed.
    Passed,
    /// It did not.
    Failed,
    /// It was not run, because a tag says so.
    Skipped,
    /// It was stopped at its time limit.
    Timeout,
}

/// Why a test failed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Failure {
    /// `error`, `throw` or `exit`.
    pub kind: String,
    /// The exception's module.
    pub module: Option<String>,
    /// What it says.
    pub message: String,
    /// The lines of the stack that lie in the learner's own code.
    pub stack: Vec<StackLine>,
    /// The assertion.
    pub code: Option<String>,
    /// What it compares with.
    pub expected: Option<String>,
    /// What was compared.
    pub actual: Option<String>,
}

impl Failure {
    /// Whether it is the last assertion's that was negated, where [`SuiteJob::ends`] asks for that.
    #[must_use]
    pub fn at_the_end(&self) -> bool {
        self.message.starts_with(AT_THE_END)
    }
}

/// The tests of a suite, found out by running it on the reference, once per version and image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedSuite {
    /// The tests in the order of the source.
    pub tests: Vec<ExpectedTest>,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedTest {
    /// What people call it; unique in the suite.
    pub name: String,
    /// Which `test` of the source it comes from, counted from 0. A loop may make several of one.
    pub slot: usize,
    /// The module it is in.
    pub module: String,
    /// The `describe` around it.
    pub describe: Option<String>,
    /// Its own name.
    pub own: String,
    /// Whether it fails on the reference when its last assertion is negated, so that this tells something.
    pub canary: bool,
}

impl TestReport {
    /// The token and the test's own name, where it has the form of a name of ours.
    #[must_use]
    pub fn token_and_own(&self) -> Option<(&str, &str)> {
        let rest = self.name.strip_prefix("test ")?;
        let rest = match &self.describe {
            Some(describe) => rest.strip_prefix(describe.as_str())?.strip_prefix(' ')?,
            None => rest,
        };
        let (token, own) = rest.split_once(':')?;
        (token.len() == TOKEN_CHARS).then_some((token, own))
    }
}

impl ExpectedTest {
    /// Whether a report with this own name is about this test.
    #[must_use]
    pub fn is(&self, slot: usize, own: &str, report: &TestReport) -> bool {
        self.slot == slot && self.own == own && self.module == report.module && self.describe == report.describe
    }
}

impl SuiteJob {
    /// Which slot a token belongs to.
    #[must_use]
    pub fn slot(&self, token: &str) -> Option<usize> {
        self.slots.iter().position(|slot| slot.token.as_deref() == Some(token))
    }

    /// A suite that keeps every name and every assertion.
    #[must_use]
    pub fn plain(files: Vec<SourceFile>, timeout_ms: u64) -> Self {
        let slots = vec![Slot { token: None, negated: false }; MOST_TESTS];
        Self { files, slots, decoys: Vec::new(), seed: 0, timeout_ms, code: true, ends: false }
    }

    /// A suite whose tokens are the places of the tests in the source: for the reference, which meddles with nothing.
    #[must_use]
    pub fn numbered(files: Vec<SourceFile>, timeout_ms: u64, negated: bool) -> Self {
        let slot = |number| Slot { token: Some(format!("{number:0width$}", width = TOKEN_CHARS)), negated };
        // With decoys, so that modules where there is no place for them are known before any learner comes.
        let decoy =
            |number| Decoy { token: format!("d{number:0width$}", width = TOKEN_CHARS - 1), passes: number % 2 == 0 };
        let (slots, decoys) = ((0..MOST_TESTS).map(slot).collect(), (0..DECOYS).map(decoy).collect());
        Self { files, slots, decoys, seed: 0, timeout_ms, code: false, ends: true }
    }

    /// The two suites that judge a submission, each the other's complement. All chance comes from `random`, which is to
    /// be new and secret.
    #[must_use]
    pub fn pair(files: &[SourceFile], timeout_ms: u64, slots: usize, random: &mut impl FnMut() -> u64) -> [Self; 2] {
        let coins: Vec<bool> = (0..slots).map(|_| random() & 1 == 1).collect();
        [false, true].map(|second| Self {
            files: files.to_vec(),
            slots: coins.iter().map(|coin| Slot { token: Some(token(random())), negated: *coin != second }).collect(),
            decoys: (0..DECOYS)
                // At least one has to fail, or the decoys would say nothing by bad luck.
                .map(|number| Decoy { token: token(random()), passes: number > 0 && random() & 1 == 1 })
                .collect(),
            seed: seed(random()),
            timeout_ms,
            code: false,
            ends: false,
        })
    }

    /// The suite that only tries a submission: every test as it was written.
    #[must_use]
    pub fn trial(files: &[SourceFile], timeout_ms: u64, slots: usize, random: &mut impl FnMut() -> u64) -> Self {
        let [mut one, _] = Self::pair(files, timeout_ms, slots, random);
        one.slots.iter_mut().for_each(|slot| slot.negated = false);
        one
    }
}

fn token(random: u64) -> String {
    let mut token = format!("{random:016x}");
    token.truncate(TOKEN_CHARS);
    token
}

/// 0 would keep the order of the source.
fn seed(random: u64) -> u32 {
    u32::try_from(random % 1_000_000).unwrap_or(0) + 1
}

impl ExpectedSuite {
    /// How many `test`s of the source there are to be named.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.tests.iter().map(|test| test.slot + 1).max().unwrap_or(0)
    }
}
