//! A submission's life, as a set of states.

use serde::{Deserialize, Serialize};

pub use super::job::Kind;

/// Where a grading stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GradingState {
    /// Accepted and waiting.
    Queued,
    /// A worker holds its lease.
    Running,
    /// It has its verdict.
    Done,
    /// A newer *run* of the same exercise took its place.
    Superseded,
    /// Called off.
    Cancelled,
}

impl GradingState {
    /// The state as it is written in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Done, Self::Superseded, Self::Cancelled]
            .into_iter()
            .find(|state| state.as_str() == text)
    }

    /// Whether nothing will change any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Superseded | Self::Cancelled)
    }
}

/// Gradings of one learner that may wait at a time; the next is refused until one is taken.
pub const MAX_WAITING: i64 = 3;
