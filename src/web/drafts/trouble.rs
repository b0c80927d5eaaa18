//! Why a draft is not changed.

use actix_web::http::StatusCode as S;

use crate::db::drafts::{Draft, DraftError};
use crate::web::error::{Problem, WebError, problem};

/// Why a draft is not changed.
#[derive(Debug, thiserror::Error)]
pub enum DraftTrouble {
    /// It is another one than the change is based on.
    #[error("the draft has changed elsewhere")]
    Changed(Box<Draft>),
    /// The page that sends it was made for somebody else than who is here now.
    #[error("the page is another person's")]
    AnotherPerson,
}

impl From<DraftError> for WebError {
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::Conflict(draft) => Self::Draft(DraftTrouble::Changed(draft)),
            DraftError::UnknownUser => Self::SessionEnded,
            DraftError::UnknownOther => Self::NotFound,
            DraftError::Database(error) => Self::Database(error),
        }
    }
}

impl DraftTrouble {
    /// Status and words.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Changed(_) => problem(
                S::CONFLICT,
                "draft-changed",
                "There are two versions",
                "Another version was saved from another tab or device since this page was loaded. Nothing was overwritten: choose \
                 one of the two.",
            ),
            Self::AnotherPerson => problem(
                S::FORBIDDEN,
                "another-person",
                "Somebody else is here now",
                "Since this page was loaded somebody signed in or out in this browser, so that nothing was saved.",
            ),
        }
    }
}
