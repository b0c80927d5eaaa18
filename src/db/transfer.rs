//! All results of a course as lines of text, and back: everything that people did, nothing that lets anybody in.
//!
//! What is written is named in [`rows`]: users without passwords, exercises with the versions of their tests, submissions,
//! gradings, case results, progress, regrades, reports, drafts with the versions beside them, opened hints. Sessions, tokens and
//! accounts elsewhere have no type there, so they cannot be written. Neither has what is made again by itself: expected values,
//! turns, paces, provisional results, program runs, consoles.
//! A grading that waits or runs is written as one that waits and was never tried: whoever reads it again grades it anew.

mod line;
mod read;
mod rows;
mod write;

pub use line::{BadLine, FORMAT, Line, line, parse};
pub use read::read;
pub use rows::{
    CaseResult, Draft, DraftOther, End, Exercise, ExerciseVersion, Grading, HintOpened, Progress, Regrade, Report, Row,
    Source, Submission, User,
};
pub use write::{Import, is_empty};

use super::{Pool, begin, listen, unexpected};

/// Why results are not written or not taken.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// A row does not fit what is there.
    #[error("{0}")]
    Unfit(String),
    /// Whoever takes the rows failed.
    #[error(transparent)]
    Taker(#[from] std::io::Error),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] super::Error),
}

impl From<sqlx::Error> for TransferError {
    fn from(error: sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else { return Self::Database(error.into()) };
        // Class 22 is a value that is none of its type, 23 a broken constraint: the row's fault, not the database's.
        let row = database.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"));
        if row { Self::Unfit(unfit(database)) } else { Self::Database(error.into()) }
    }
}

fn unfit(error: &dyn sqlx::error::DatabaseError) -> String {
    let rule = error.constraint().map(|name| format!(" (the rule {name})")).unwrap_or_default();
    match error.code().as_deref() {
        Some("23505") => format!("there is another row with the same id or key{rule}"),
        Some("23503") => format!("it names something that no line above holds{rule}"),
        Some("23514" | "23502") => format!("it holds what such a row never does{rule}"),
        _ => error.message().to_owned(),
    }
}
