//! What changed from one attempt to the next: the code, line by line, and the cases whose outcome turned.

mod lines;

pub use lines::{Changed, DiffLine, FileDiff, Hunk, code};

use super::verdict::{Outcome, VerdictKind};

/// A case of an attempt, as much of it as a list needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseOutcome {
    /// Its name.
    pub name: String,
    /// Whether its content is kept from learners.
    pub hidden: bool,
    /// What became of it.
    pub outcome: Outcome,
}

/// Cases whose outcome turned from one attempt to the next, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flips {
    /// They did not pass before, and do now.
    pub now_pass: Vec<String>,
    /// They passed before, and do not now.
    pub now_fail: Vec<String>,
}

/// Compares the cases of two attempts by name. A case that only one of them tried has not turned, nor has one that was not
/// reached or that we could not grade: that says nothing about the code.
#[must_use]
pub fn flips(before: &[CaseOutcome], after: &[CaseOutcome]) -> Flips {
    let mut flips = Flips::default();
    for case in after {
        let Some(earlier) = before.iter().find(|earlier| earlier.name == case.name) else { continue };
        match (earlier.outcome, case.outcome) {
            (Outcome::NotGraded, _) | (_, Outcome::NotGraded | Outcome::NotReached) => {}
            (Outcome::Passed, Outcome::Passed) => {}
            (Outcome::Passed, _) => flips.now_fail.push(case.name.clone()),
            (_, Outcome::Passed) => flips.now_pass.push(case.name.clone()),
            _ => {}
        }
    }
    flips
}

/// The cases as the learner may see them; see [`super::verdict::Verdict::for_learner`].
#[must_use]
pub fn for_learner(mut cases: Vec<CaseOutcome>) -> Vec<CaseOutcome> {
    let began = super::verdict::hidden_began(cases.iter().map(|case| (case.hidden, case.outcome)));
    for case in cases.iter_mut().filter(|case| case.hidden) {
        case.outcome = case.outcome.if_hidden(began);
    }
    cases
}

/// Whether an attempt can be compared by its cases: it has a verdict, and one that says something about the code.
#[must_use]
pub const fn is_comparable(verdict: Option<VerdictKind>) -> bool {
    matches!(verdict, Some(kind) if !matches!(kind, VerdictKind::NotGraded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(name: &str, hidden: bool, outcome: Outcome) -> CaseOutcome {
        CaseOutcome { name: name.to_owned(), hidden, outcome }
    }

    #[test]
    fn a_case_turns_only_where_both_attempts_say_something_about_it() {
        use Outcome::{Crashed, Failed, NotGraded, NotReached, Passed, Raised};
        for (before, after, turned) in [
            (Passed, Passed, None),
            (Failed, Raised, None),
            (Failed, Passed, Some(true)),
            (NotReached, Passed, Some(true)),
            (Passed, Crashed, Some(false)),
            (Passed, NotReached, None),
            (Passed, NotGraded, None),
            (NotGraded, Failed, None),
            (NotGraded, Passed, None),
        ] {
            let flips = flips(&[case("a", false, before)], &[case("a", false, after), case("new", false, Passed)]);
            let found = match (flips.now_pass.len(), flips.now_fail.len()) {
                (0, 0) => None,
                (pass, fail) => Some((pass, fail) == (1, 0)),
            };
            assert_eq!(found, turned, "{before:?} {after:?}");
        }
    }

    #[test]
    fn how_a_hidden_case_went_wrong_is_not_told_by_what_turned() {
        let before = for_learner(vec![case("a", false, Outcome::Passed), case("h", true, Outcome::Passed)]);
        let mut told = Vec::new();
        for outcome in [Outcome::Failed, Outcome::Raised, Outcome::Timeout, Outcome::Crashed] {
            let after =
                vec![case("a", false, Outcome::Passed), case("h", true, outcome), case("i", true, Outcome::NotReached)];
            told.push((for_learner(after.clone()), flips(&before, &for_learner(after))));
        }
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
        assert_eq!(told[0].1.now_fail, ["h"]);
    }
}
