//! The one place that maps errors to statuses and to words for people.

use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use crate::db;
use crate::db::regrades::ApplyError;
use crate::db::submissions::AcceptError;
use crate::domain::code::FilesRejected;
use crate::domain::scope::Scope;
use crate::domain::source::SourceRejected;
use crate::web::drafts::trouble::DraftTrouble;
use crate::web::programs::trouble::ProgramTrouble;
use crate::web::views::words::{count, sentence};

/// Why a request is not answered as it was asked.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// There is nothing here, or nothing that this reader may know of.
    #[error("not found")]
    NotFound,
    /// The exercise does not exist.
    #[error("unknown exercise")]
    UnknownExercise,
    /// For others.
    #[error("not allowed")]
    NotAllowed,
    /// Nobody is signed in.
    #[error("sign-in needed")]
    SignInNeeded,
    /// Somebody was signed in and is not any more.
    #[error("session ended")]
    SessionEnded,
    /// A one-time password was used and must be replaced first.
    #[error("password must be changed")]
    PasswordMustChange,
    /// The token that was shown is none of ours, or none any more; the words say which.
    #[error("token refused: {0}")]
    TokenRefused(&'static str),
    /// The token is good, but not for this.
    #[error("the token has none of the scopes {0:?}")]
    ScopeMissing(&'static [Scope]),
    /// No token is good for this.
    #[error("not by a token")]
    NotByToken,
    /// Another site asked for a change.
    #[error("foreign origin")]
    ForeignOrigin,
    /// The request cannot be read; the words say why.
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    /// Something of what was sent is not taken; the words, whole sentences, say what.
    #[error("not taken: {0}")]
    Unfit(String),
    /// The body is neither a form nor JSON.
    #[error("unsupported media type")]
    UnsupportedMedia,
    /// The body is larger than is read.
    #[error("body too large")]
    BodyTooLarge,
    /// More often than is allowed.
    #[error("too many {what}; wait {wait:?}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How long until the next may come.
        wait: Duration,
    },
    /// There is no verdict that could be called wrong.
    #[error("no verdict")]
    NoVerdict,
    /// What was to be called off has come to its end.
    #[error("too late")]
    TooLate,
    /// The source is not taken.
    #[error(transparent)]
    Source(#[from] SourceRejected),
    /// Several files are not taken.
    #[error(transparent)]
    Files(#[from] FilesRejected),
    /// The submission is not taken.
    #[error(transparent)]
    Accept(#[from] AcceptError),
    /// The draft is not changed.
    #[error(transparent)]
    Draft(#[from] DraftTrouble),
    /// The program is not run.
    #[error(transparent)]
    Program(#[from] ProgramTrouble),
    /// The regrade cannot be applied or discarded.
    #[error(transparent)]
    Regrade(ApplyError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// The database failed, and the log has it already.
    #[error("the database is away")]
    DatabaseAway,
    /// Something of ours that should not fail did.
    #[error("{0}")]
    Internal(String),
}

impl WebError {
    /// Something of ours that should not fail did.
    #[must_use]
    pub fn internal(error: impl fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }

    /// Writes faults of ours to the log. To be called once, where the error becomes an answer.
    pub fn log(&self) {
        match self {
            Self::Database(error) | Self::Accept(AcceptError::Database(error)) if error.is_passing() => {
                tracing::warn!(%error, "a request could not be served without the database");
            }
            Self::Database(_) | Self::Accept(AcceptError::Database(_)) | Self::Internal(_) => {
                tracing::error!(error = %self, "a request failed through a fault of ours");
            }
            _ => {}
        }
    }
}

/// An error in words: what a page says, and the body of `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// Says for programs which problem it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// HTTP status.
    pub status: u16,
    /// What happened, always the same for a type.
    pub title: &'static str,
    /// What to do about it.
    pub detail: String,
    /// Seconds to wait before the same may succeed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

pub(super) fn problem(status: StatusCode, kind: &str, title: &'static str, detail: impl Into<String>) -> Problem {
    Problem {
        kind: format!("urn:athanor:problem:{kind}"),
        status: status.as_u16(),
        title,
        detail: detail.into(),
        retry_after: None,
    }
}

impl Problem {
    pub(super) fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait.as_secs_f64().ceil().max(1.0) as u64);
        self
    }

    /// What to say about a status that came without words.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => WebError::NotFound.problem(),
            StatusCode::METHOD_NOT_ALLOWED => problem(
                status,
                "method-not-allowed",
                "This address cannot do that",
                "The page exists, but it does not take this kind of request.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => WebError::BodyTooLarge.problem(),
            status if status.is_server_error() => WebError::Internal(String::new()).problem(),
            status => problem(status, "bad-request", "This could not be understood", "The request is not well formed."),
        }
    }
}

fn refused_source(rejected: &SourceRejected, words: impl fmt::Display) -> Problem {
    let (status, kind) = match rejected {
        SourceRejected::Empty => (StatusCode::UNPROCESSABLE_ENTITY, "empty-source"),
        SourceRejected::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "source-too-large"),
        SourceRejected::NotUtf8 { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "source-not-utf-8"),
    };
    problem(status, kind, "This code cannot be taken", sentence(words))
}

/// Scopes of which one is enough, in words.
fn names(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| format!("“{scope}”")).collect::<Vec<_>>().join(" or ")
}

/// Pause that is asked of those whose submissions wait already: about one grading.
const ONE_GRADING: Duration = Duration::from_secs(1);

impl WebError {
    /// Status and words.
    #[must_use]
    pub fn problem(&self) -> Problem {
        use StatusCode as S;
        match self {
            Self::NotFound => problem(
                S::NOT_FOUND,
                "not-found",
                "There is nothing here",
                "The page may have moved, or the address has a slip of the pen.",
            ),
            Self::UnknownExercise | Self::Accept(AcceptError::UnknownExercise) => problem(
                S::NOT_FOUND,
                "unknown-exercise",
                "There is no such exercise",
                "The exercise may have been renamed or taken out of the course. Nothing was graded.",
            ),
            Self::NotAllowed => problem(
                S::FORBIDDEN,
                "not-allowed",
                "This page is for instructors",
                "Your account may not see it. Ask whoever runs this site if it should.",
            ),
            Self::SignInNeeded => {
                problem(S::UNAUTHORIZED, "sign-in-needed", "Please sign in", "This page belongs to an account.")
            }
            Self::SessionEnded | Self::Accept(AcceptError::UnknownUser) => problem(
                S::UNAUTHORIZED,
                "session-ended",
                "Your session has ended",
                "You were signed out because the session ended. Your code is still here.",
            ),
            Self::PasswordMustChange => problem(
                S::FORBIDDEN,
                "password-must-change",
                "Please choose a password",
                "You signed in with a one-time password. Choose a new one first.",
            ),
            Self::TokenRefused(why) => problem(
                S::UNAUTHORIZED,
                "invalid-token",
                "This token opens nothing",
                format!("{} Make a new one on your account's page of tokens.", sentence(why)),
            ),
            Self::ScopeMissing(wanted) => problem(
                S::FORBIDDEN,
                "insufficient-scope",
                "This token is not for that",
                format!("It takes a token with the scope {}.", names(wanted)),
            ),
            Self::NotByToken => problem(
                S::FORBIDDEN,
                "not-by-token",
                "Tokens are not for that",
                "No token opens this address, whatever its scopes. It takes a person who is signed in.",
            ),
            Self::ForeignOrigin => problem(
                S::FORBIDDEN,
                "foreign-origin",
                "This did not come from our pages",
                "The request seems to come from another site, so nothing was done. If it was you, load the page again and repeat it.",
            ),
            Self::BadRequest(why) => {
                problem(S::BAD_REQUEST, "bad-request", "This could not be understood", sentence(why))
            }
            Self::Unfit(words) => {
                problem(S::UNPROCESSABLE_ENTITY, "unfit", "This cannot be taken as it is", words.as_str())
            }
            Self::UnsupportedMedia => problem(
                S::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "This could not be understood",
                "The body must be a form or JSON.",
            ),
            Self::BodyTooLarge => problem(
                S::PAYLOAD_TOO_LARGE,
                "body-too-large",
                "That is too much at once",
                "It is far more than an exercise accepts, so it was not read to its end. Go back in your browser to find your text again.",
            ),
            Self::TooMany { what, wait } => problem(
                S::TOO_MANY_REQUESTS,
                "too-many-requests",
                "A little slower, please",
                format!(
                    "There were many {what} in a short time. Wait {} and try again.",
                    count(usize::try_from(wait.as_secs() + 1).unwrap_or(usize::MAX), "second")
                ),
            )
            .after(*wait),
            Self::NoVerdict => problem(
                S::CONFLICT,
                "no-verdict",
                "There is no verdict yet",
                "Only a verdict can be reported as wrong, and this submission has none.",
            ),
            Self::TooLate => problem(
                S::CONFLICT,
                "too-late",
                "It has come to its end already",
                "Its verdict was there before it could be called off, so it stands.",
            ),
            Self::Source(rejected) => refused_source(rejected, rejected),
            Self::Files(rejected) => match rejected {
                FilesRejected::Together(source) | FilesRejected::One { rejected: source, .. } => {
                    refused_source(source, rejected)
                }
                FilesRejected::BadName { .. }
                | FilesRejected::Twice(_)
                | FilesRejected::Taken(_)
                | FilesRejected::TooMany(_) => {
                    problem(S::UNPROCESSABLE_ENTITY, "bad-files", "These files cannot be taken", sentence(rejected))
                }
            },
            Self::Draft(trouble) => trouble.problem(),
            Self::Program(trouble) => trouble.problem(),
            Self::Regrade(error) => {
                let kind = match error {
                    ApplyError::ExerciseChanged => "exercise-changed",
                    ApplyError::NotReady(_) => "regrade-not-ready",
                    _ => "regrade-ended",
                };
                problem(S::CONFLICT, kind, "This regrade cannot be decided on", sentence(error))
            }
            Self::Accept(AcceptError::UnknownVersion) => problem(
                S::UNPROCESSABLE_ENTITY,
                "unknown-version",
                "The exercise has changed",
                "The exercise has changed since this page was loaded. Read it again; your code is still here and can be sent once more.",
            ),
            Self::Accept(AcceptError::KeyReused) => problem(
                S::UNPROCESSABLE_ENTITY,
                "key-reused",
                "This key was used before",
                "The idempotency key came with another submission before. Send a new key.",
            ),
            Self::Accept(AcceptError::TooManyWaiting { waiting }) => problem(
                S::TOO_MANY_REQUESTS,
                "too-many-waiting",
                "A little slower, please",
                format!(
                    "{} of yours wait already. Send this again when one of them has its result.",
                    count(usize::try_from(*waiting).unwrap_or(0), "submission")
                ),
            )
            .after(ONE_GRADING),
            Self::Database(error) | Self::Accept(AcceptError::Database(error)) if error.is_passing() => {
                Self::DatabaseAway.problem()
            }
            Self::DatabaseAway => problem(
                S::SERVICE_UNAVAILABLE,
                "database-away",
                "We cannot reach our database",
                "Sorry, this is our fault. Nothing was stored, and nothing counts. Please try again in a moment.",
            )
            .after(Duration::from_secs(5)),
            Self::Database(_) | Self::Accept(AcceptError::Database(_)) | Self::Internal(_) => problem(
                S::INTERNAL_SERVER_ERROR,
                "internal",
                "Something of ours broke",
                "Sorry, this is our fault and it is in our log. Nothing that you did counts against you. Please try again.",
            ),
        }
    }
}

/// A text that was typed into a form whose answer is a page of its own, so that it can be shown there.
#[derive(Debug, Clone)]
pub struct Typed(pub String);

impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Only the status: [`super::problems`] knows the request and puts words to it.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_bad_source_has_its_own_type_and_words() {
        let of = |rejected: SourceRejected| {
            let problem = WebError::from(rejected).problem();
            (problem.status, problem.kind, problem.detail)
        };
        assert_eq!(
            of(SourceRejected::Empty),
            (
                422,
                "urn:athanor:problem:empty-source".into(),
                "There is no code yet: write something and send it again.".into()
            )
        );
        assert_eq!(of(SourceRejected::TooLarge { bytes: 70_000, limit: 65_536 }).0, 413);
        assert_eq!(of(SourceRejected::NotUtf8 { valid_up_to: 3 }).1, "urn:athanor:problem:source-not-utf-8");
    }

    #[test]
    fn whoever_must_wait_is_told_how_long() {
        let problem = WebError::TooMany { what: "submissions", wait: Duration::from_millis(1200) }.problem();
        assert_eq!((problem.status, problem.retry_after), (429, Some(2)));
        assert_eq!(problem.detail, "There were many submissions in a short time. Wait 2 seconds and try again.");
        let waiting = WebError::Accept(AcceptError::TooManyWaiting { waiting: 3 }).problem();
        assert_eq!((waiting.status, waiting.retry_after), (429, Some(1)));
    }

    #[test]
    fn a_database_that_is_away_is_not_a_server_that_broke() {
        let away = WebError::Database(db::Error::Unreachable(sqlx::Error::PoolTimedOut)).problem();
        assert_eq!((away.status, away.retry_after), (503, Some(5)));
        assert_eq!(WebError::Database(db::Error::Unexpected("x".into())).problem().status, 500);
    }
}
