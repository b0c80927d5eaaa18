//! What judging old submissions anew changes.

use serde::{Deserialize, Serialize};

use super::verdict::VerdictKind;

/// What a new verdict means to a learner who had another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It passes now and did not before.
    Winner,
    /// It passed before and does not now.
    Loser,
    /// Another verdict or other points, on the same side of passing.
    Other,
    /// The same.
    None,
    /// We could not grade it anew: the old verdict stays.
    NotGraded,
}

/// A verdict and its points.
pub type Result = (VerdictKind, i32);

/// What has changed.
#[must_use]
pub fn change(before: Result, after: Result) -> Change {
    use VerdictKind::{NotGraded, Passed};
    match (before.0, after.0) {
        (_, NotGraded) => Change::NotGraded,
        (Passed, Passed) if before.1 == after.1 => Change::None,
        (Passed, Passed) => Change::Other,
        (Passed, _) => Change::Loser,
        (_, Passed) => Change::Winner,
        _ if before == after => Change::None,
        _ => Change::Other,
    }
}

/// How many changed in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// They pass now.
    pub winners: usize,
    /// They do not pass any more.
    pub losers: usize,
    /// Another verdict or other points.
    pub others: usize,
    /// The same.
    pub unchanged: usize,
    /// Could not be graded: the old verdict stays.
    pub not_graded: usize,
}

impl Tally {
    /// Counts changes.
    #[must_use]
    pub fn of(changes: impl IntoIterator<Item = Change>) -> Self {
        changes.into_iter().fold(Self::default(), |mut tally, change| {
            *match change {
                Change::Winner => &mut tally.winners,
                Change::Loser => &mut tally.losers,
                Change::Other => &mut tally.others,
                Change::None => &mut tally.unchanged,
                Change::NotGraded => &mut tally.not_graded,
            } += 1;
            tally
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use VerdictKind::{Failed, NotGraded, Passed, Timeout};

    #[test]
    fn whoever_wins_or_loses_is_told_apart() {
        for (before, after, expected) in [
            ((Failed, 1), (Passed, 2), Change::Winner),
            ((NotGraded, 0), (Passed, 2), Change::Winner),
            ((Passed, 2), (Failed, 1), Change::Loser),
            ((Passed, 2), (NotGraded, 0), Change::NotGraded),
            ((Passed, 2), (Passed, 2), Change::None),
            ((Passed, 2), (Passed, 3), Change::Other),
            ((Failed, 1), (Timeout, 1), Change::Other),
            ((Failed, 1), (Failed, 0), Change::Other),
            ((Failed, 1), (Failed, 1), Change::None),
        ] {
            assert_eq!(change(before, after), expected, "{before:?} {after:?}");
        }
    }
}
