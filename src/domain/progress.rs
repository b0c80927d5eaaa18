//! How far somebody is with an exercise.

use serde::Serialize;

/// Where somebody stands with an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing submitted yet.
    New,
    /// Submitted, not passed.
    Begun,
    /// Passed at least once.
    Passed,
}

/// What counts towards a lesson or the course.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Exercises passed.
    pub passed: usize,
    /// Exercises begun and not passed.
    pub begun: usize,
    /// All exercises.
    pub total: usize,
}

impl Tally {
    /// Counts standings.
    #[must_use]
    pub fn of(standings: impl IntoIterator<Item = Standing>) -> Self {
        standings.into_iter().fold(Self::default(), |mut tally, standing| {
            tally.total += 1;
            match standing {
                Standing::New => {}
                Standing::Begun => tally.begun += 1,
                Standing::Passed => tally.passed += 1,
            }
            tally
        })
    }
}
