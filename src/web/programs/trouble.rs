//! Why a program is not run, or nothing came of it.

use std::time::Duration;

use actix_web::http::StatusCode as S;

use crate::db::programs::RunRefused;
use crate::domain::source::SourceRejected;
use crate::web::error::{Problem, WebError, problem};
use crate::web::views::words::{count, sentence};

/// Why a program is not run, or nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum ProgramTrouble {
    /// No image of this language is installed.
    #[error("the language '{asked}' is not installed here; these are: {}", installed.join(", "))]
    UnknownLanguage {
        /// What was asked for.
        asked: String,
        /// What there is.
        installed: Vec<String>,
    },
    /// The body cannot be read.
    #[error("{0}")]
    BadBody(String),
    /// The code is not taken.
    #[error(transparent)]
    Code(SourceRejected),
    /// The input is not taken.
    #[error("the input has {bytes} bytes; at most {limit} are accepted")]
    InputTooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Too much waits.
    #[error(transparent)]
    Refused(RunRefused),
    /// The language is installed, but no worker is there at present.
    #[error("nothing that could run it is there at present")]
    Away,
    /// Its turn did not come in time.
    #[error("its turn did not come in time")]
    Late,
    /// We failed.
    #[error("we could not run it")]
    Failed,
}

impl From<RunRefused> for WebError {
    fn from(refused: RunRefused) -> Self {
        match refused {
            RunRefused::Database(error) => Self::Database(error),
            refused => Self::Program(ProgramTrouble::Refused(refused)),
        }
    }
}

impl ProgramTrouble {
    /// Status and words.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::UnknownLanguage { asked, installed } => problem(
                S::NOT_FOUND,
                "unknown-language",
                "There is no such language",
                if installed.is_empty() {
                    format!("The language “{}” is not installed here, and no other is.", cut(asked))
                } else {
                    format!("The language “{}” is not installed here. These are: {}.", cut(asked), installed.join(", "))
                },
            ),
            Self::BadBody(why) => problem(S::BAD_REQUEST, "bad-request", "This could not be understood", sentence(why)),
            Self::Code(rejected) => {
                let (status, kind) = match rejected {
                    SourceRejected::Empty => (S::UNPROCESSABLE_ENTITY, "empty-source"),
                    SourceRejected::TooLarge { .. } => (S::PAYLOAD_TOO_LARGE, "source-too-large"),
                    SourceRejected::NotUtf8 { .. } => (S::UNPROCESSABLE_ENTITY, "source-not-utf-8"),
                };
                problem(status, kind, "This code cannot be taken", sentence(rejected))
            }
            Self::InputTooLarge { .. } => {
                problem(S::PAYLOAD_TOO_LARGE, "input-too-large", "This input cannot be taken", sentence(self))
            }
            Self::Refused(RunRefused::TooManyOpen { open }) => problem(
                S::TOO_MANY_REQUESTS,
                "too-many-open",
                "A little slower, please",
                format!(
                    "{} of yours wait or run already. Send this again when one of them has ended.",
                    count(usize::try_from(*open).unwrap_or(0), "program")
                ),
            )
            .after(Duration::from_secs(1)),
            Self::Refused(refused) => problem(
                S::TOO_MANY_REQUESTS,
                "queue-full",
                "A little slower, please",
                format!("{}. Send this again in a few seconds.", sentence(refused).trim_end_matches('.')),
            )
            .after(Duration::from_secs(3)),
            Self::Away => problem(
                S::SERVICE_UNAVAILABLE,
                "runner-away",
                "Nothing can be run at present",
                "Sorry, this is our fault: the machine that runs programs is away. Please try again in a moment.",
            )
            .after(Duration::from_secs(10)),
            Self::Late => problem(
                S::SERVICE_UNAVAILABLE,
                "too-busy",
                "Its turn did not come",
                "Sorry: so much is being run that the turn of this program did not come in time. Please try again.",
            )
            .after(Duration::from_secs(5)),
            Self::Failed => problem(
                S::SERVICE_UNAVAILABLE,
                "not-run",
                "Something of ours broke",
                "Sorry, this is our fault: the program could not be run to its end. Please try again.",
            )
            .after(Duration::from_secs(2)),
        }
    }
}

/// What somebody wrote in an address, no longer than it is of use.
fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}
