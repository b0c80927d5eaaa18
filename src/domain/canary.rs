//! The worker's own submission: what it must come to tells an outage from wrong answers.
//!
//! One answer holds something right and something wrong, so one container shows that right code passes *and* that wrong
//! code fails.

use super::exercise::{Case, Expect, Language, SourceFile, Step, TestSet};
use super::verdict::{ExpectedSet, ExpectedValue, Outcome, Verdict, VerdictKind};

/// The code that is handed in.
pub const SOURCE: &str = "defmodule AthanorCanary do\n  def right(n), do: n * 2\n  def wrong(n), do: n + 2\nend\n";

/// What it is asked first, and must answer rightly.
pub const RIGHT: &str = "AthanorCanary.right(21)";
/// What it is asked then, and answers wrongly: 23.
pub const WRONG: &str = "AthanorCanary.wrong(21)";

/// The integers 42 and 23 in Erlang's external term format: 131, then SMALL_INTEGER_EXT and the value.
pub const TERM_42: [u8; 3] = [131, 97, 42];
/// See [`TERM_42`].
pub const TERM_23: [u8; 3] = [131, 97, 23];

/// The exercise.
#[must_use]
pub fn tests() -> TestSet {
    let case = |name: &str, code: &str| Case {
        name: name.to_owned(),
        hidden: false,
        steps: vec![Step {
            code: code.to_owned(),
            expect: Some(Expect::Value("42".to_owned())),
            prints: None,
            line: 0,
            expect_line: 0,
        }],
        points: 1,
        timeout_ms: None,
        line: 0,
        file: None,
    };
    TestSet {
        language: Language::Elixir,
        support: Vec::new(),
        cases: vec![case("right", RIGHT), case("wrong", WRONG)],
        solution: SOURCE.to_owned(),
        wrong: Vec::new(),
        exunit: None,
        flavour: None,
        image: None,
    }
}

/// What both cases should return.
#[must_use]
pub fn expected() -> ExpectedSet {
    let value = || vec![Some(ExpectedValue { term: TERM_42.to_vec(), text: "42".to_owned() })];
    ExpectedSet { values: vec![value(), value()], ..ExpectedSet::default() }
}

/// Whether these sources are the canary's.
#[must_use]
pub fn is_canary(sources: &[SourceFile]) -> bool {
    sources.first().is_some_and(|source| source.text == SOURCE)
}

/// What is wrong with the machine that came to this verdict; `None` when all is well.
#[must_use]
pub fn fault(verdict: &Verdict) -> Option<String> {
    let outcomes: Vec<Outcome> = verdict.cases.iter().map(|case| case.outcome).collect();
    match outcomes.as_slice() {
        [Outcome::Passed, Outcome::Failed] => None,
        [Outcome::Passed, Outcome::Passed] => Some("wrong code passes".to_owned()),
        _ => Some(format!("code that is known to be right gets '{}'", verdict.kind.as_str())),
    }
}

/// Verdicts that a broken machine gives to honest code: they count only if the canary is well afterwards.
#[must_use]
pub const fn is_suspicious(verdict: VerdictKind) -> bool {
    matches!(verdict, VerdictKind::Crashed | VerdictKind::Timeout | VerdictKind::MemoryExceeded)
}
