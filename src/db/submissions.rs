//! Accepting a submission: one transaction, after whose commit nothing may lose it.

use uuid::Uuid;

use super::{Pool, Result, begin, code, drafts, listen};
use crate::domain::code::Code;
use crate::domain::draft::Basis;
use crate::domain::ids::{ExerciseId, GradingId, SubmissionId, UserId, VersionId};
use crate::domain::submission::{Kind, MAX_WAITING};

/// What a learner hands in.
#[derive(Debug, Clone)]
pub struct NewSubmission<'a> {
    /// Who.
    pub user: UserId,
    /// Which exercise.
    pub exercise: &'a ExerciseId,
    /// The version they saw; `None` takes the present one.
    pub version: Option<VersionId>,
    /// *Run* or *Submit*.
    pub kind: Kind,
    /// The code.
    pub code: &'a Code,
    /// The same key twice is the same submission.
    pub key: Uuid,
    /// What the code is based on, to make it the draft; `None` leaves the draft alone.
    pub draft: Option<Basis>,
    /// Gradings of this learner that may wait; see [`MAX_WAITING`].
    pub max_waiting: i64,
}

impl<'a> NewSubmission<'a> {
    /// A submission on the present version with the usual limit.
    #[must_use]
    pub const fn new(user: UserId, exercise: &'a ExerciseId, kind: Kind, code: &'a Code, key: Uuid) -> Self {
        Self { user, exercise, version: None, kind, code, key, draft: None, max_waiting: MAX_WAITING }
    }
}

/// A submission that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// Its id.
    pub id: SubmissionId,
    /// Whether this key had brought it before.
    pub replayed: bool,
}

/// Why a submission was not accepted. Nothing is stored then.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// There is no such exercise, or none any more.
    #[error("there is no such exercise")]
    UnknownExercise,
    /// The version is not one of this exercise.
    #[error("the exercise has no such version")]
    UnknownVersion,
    /// The same key came with something else before.
    #[error("this idempotency key was used for another submission")]
    KeyReused,
    /// Too many of this learner's gradings wait.
    #[error("{waiting} submissions are waiting already; one of them will be taken soon")]
    TooManyWaiting {
        /// How many wait.
        waiting: i64,
    },
    /// The session's owner is gone.
    #[error("the account does not exist any more")]
    UnknownUser,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] super::Error),
}

impl From<sqlx::Error> for AcceptError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Accepts a submission and queues its grading.
///
/// # Errors
/// [`AcceptError`] says why nothing was accepted.
pub async fn accept(pool: &Pool, new: &NewSubmission<'_>) -> Result<Accepted, AcceptError> {
    let (source, is_files) = code::encode(new.code)?;
    let mut tx = begin(pool).await?;
    // The learner's row is locked, so that two requests of one learner come one after the other: without it, both
    // could count the same number of waiting gradings.
    sqlx::query_scalar!("select id from users where id = $1 for no key update", new.user.0)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(AcceptError::UnknownUser)?;
    let before = sqlx::query!(
        "select id, exercise_id, kind, source, source_is_files from submissions where user_id = $1 and idempotency_key = $2",
        new.user.0,
        new.key
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(before) = before {
        let same = before.exercise_id == new.exercise.as_str()
            && before.kind == new.kind.as_str()
            && before.source_is_files == is_files
            && before.source == *source;
        return if same {
            Ok(Accepted { id: SubmissionId(before.id), replayed: true })
        } else {
            Err(AcceptError::KeyReused)
        };
    }
    let version = version_of(&mut tx, new).await?;
    if new.kind == Kind::Run {
        supersede_waiting_run(&mut tx, new).await?;
    }
    let waiting = sqlx::query_scalar!(
        "select count(*) as \"n!\" from gradings where user_id = $1 and state = 'queued' and reason = 'first'",
        new.user.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if waiting >= new.max_waiting {
        return Err(AcceptError::TooManyWaiting { waiting });
    }
    let id = SubmissionId::new();
    sqlx::query!(
        "with accepted as (
             insert into submissions (id, user_id, exercise_id, version_id, kind, source, source_is_files, idempotency_key)
             values ($1, $2, $3, $4, $5, $6, $9, $7)
         ), queued as (
             insert into gradings (id, submission_id, user_id, exercise_id, version_id, kind, reason, state)
             values ($8, $1, $2, $3, $4, $5, 'first', 'queued')
         )
         insert into progress (user_id, exercise_id) values ($2, $3) on conflict do nothing",
        id.0,
        new.user.0,
        new.exercise.as_str(),
        version.0,
        new.kind.as_str(),
        &*source,
        new.key,
        GradingId::new().0,
        is_files
    )
    .execute(&mut *tx)
    .await?;
    // In the same transaction: a draft that is older than what was sent would come back into the editor after it.
    if let Some(basis) = new.draft {
        drafts::sent(&mut tx, new.user, new.exercise, (&source, is_files), basis).await?;
    }
    listen::notify_queue(&mut tx).await?;
    tx.commit().await?;
    Ok(Accepted { id, replayed: false })
}

async fn version_of(tx: &mut sqlx::PgTransaction<'_>, new: &NewSubmission<'_>) -> Result<VersionId, AcceptError> {
    let exercise = sqlx::query!(
        "select current_version, retired_at is not null as \"retired!\" from exercises where id = $1",
        new.exercise.as_str()
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(AcceptError::UnknownExercise)?;
    let Some(version) = new.version else {
        let current = exercise.current_version.filter(|_| !exercise.retired);
        return current.map(VersionId).ok_or(AcceptError::UnknownExercise);
    };
    let known = sqlx::query_scalar!(
        "select id from exercise_versions where id = $1 and exercise_id = $2",
        version.0,
        new.exercise.as_str()
    )
    .fetch_optional(&mut **tx)
    .await?;
    known.map(VersionId).ok_or(AcceptError::UnknownVersion)
}

/// A newer *run* takes the place of an older one of the same exercise that still waits. A *submit* is never dropped.
async fn supersede_waiting_run(tx: &mut sqlx::PgTransaction<'_>, new: &NewSubmission<'_>) -> Result<(), sqlx::Error> {
    let superseded = sqlx::query_scalar!(
        "update gradings set state = 'superseded', finished_at = now()
         where id in (
             select id from gradings
             where user_id = $1 and exercise_id = $2 and kind = 'run' and state = 'queued' and reason = 'first'
             for update skip locked)
         returning submission_id",
        new.user.0,
        new.exercise.as_str()
    )
    .fetch_all(&mut **tx)
    .await?;
    for submission in superseded {
        listen::notify_submission(tx, SubmissionId(submission)).await?;
    }
    Ok(())
}

/// What became of a wish to call something off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// It waited or ran, and will have no verdict.
    Now,
    /// It had come to an end before.
    TooLate,
}

/// Calls off a submission that waits or runs. Of this and its verdict exactly one wins: both change the same row, and
/// only from a state that the other has left. The worker that runs it hears of it and destroys the container.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn cancel(pool: &Pool, submission: SubmissionId) -> Result<Cancelled> {
    let mut tx = begin(pool).await?;
    let cancelled = sqlx::query_scalar!(
        "with gone as (
             update gradings set state = 'cancelled', lease_token = null, lease_until = null, finished_at = now()
             where submission_id = $1 and standing and state in ('queued', 'running')
             returning id
         ), events as (
             delete from submission_events e using gone where e.grading_id = gone.id
         )
         select id from gone",
        submission.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(grading) = cancelled else { return Ok(Cancelled::TooLate) };
    listen::notify_submission(&mut tx, submission).await?;
    listen::notify_taken_away(&mut tx, GradingId(grading)).await?;
    // The learner's next grading may start now.
    listen::notify_queue(&mut tx).await?;
    tx.commit().await?;
    Ok(Cancelled::Now)
}
