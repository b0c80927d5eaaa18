//! Taking the next grading.

use std::time::Duration;

use uuid::Uuid;

use super::{Claimed, Reason};
use crate::db::{Pool, Result, code, unexpected};
use crate::domain::ids::{ExerciseId, GradingId, SubmissionId, UserId, VersionId};
use crate::domain::submission::Kind;

/// Looks at the queue, when somebody else holds what is next for the moment of their own look.
const LOOKS: u32 = 8;

/// Pause between two such looks.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// Takes the next grading, if there is one: the learner who has waited longest since they were last served comes
/// first, of one learner a *submit* before a *run*, and learners before regrades.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn claim(pool: &Pool, worker: &str, lease: Duration) -> Result<Option<Claimed>> {
    match claim_for_learners(pool, worker, lease).await? {
        Some(claimed) => Ok(Some(claimed)),
        None => regrades(pool, worker, lease).await,
    }
}

/// As [`claim`], and no regrades.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn claim_for_learners(pool: &Pool, worker: &str, lease: Duration) -> Result<Option<Claimed>> {
    for _ in 0..LOOKS {
        match learners(pool, worker, lease).await {
            Ok(Next::Taken(claimed)) => return claimed.map(Some),
            Ok(Next::Nothing) => return Ok(None),
            // Somebody cancels or moves just that grading: their learner's turn is told right in a moment.
            Ok(Next::Held) => tokio::time::sleep(LOOK_AGAIN).await,
            // Another worker took a grading of the same learner between our look and our write.
            Err(sqlx::Error::Database(error)) if error.constraint() == Some("gradings_one_running_per_learner") => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

enum Next {
    Taken(Result<Claimed>),
    Held,
    Nothing,
}

async fn learners(pool: &Pool, worker: &str, lease: Duration) -> Result<Next, sqlx::Error> {
    let token = Uuid::new_v4();
    let row = sqlx::query!(
        // A claim that is lost with the database's memory only means that the grading is taken again: its worker's
        // token does not fit any more. So nobody waits for the disk here.
        "with turn as (
             select t.user_id from turns t
             where t.waits_since is not null and not t.running and t.ready_at <= now()
             order by t.waits_since limit 1
             for update skip locked
         ), next as (
             select g.id from gradings g join turn on turn.user_id = g.user_id
             where g.state = 'queued' and g.reason <> 'regrade' and g.run_after <= now()
             order by g.kind = 'run', g.queued_at limit 1
             for update of g skip locked
         ), taken as (
             update gradings g
             set state = 'running', attempts = g.attempts + 1, lease_token = $1, worker = $2, started_at = now(),
                 lease_until = now() + make_interval(secs => $3)
             from next where g.id = next.id
             returning g.id, g.submission_id, g.user_id, g.exercise_id, g.version_id, g.kind, g.attempts,
                 (extract(epoch from clock_timestamp() - g.queued_at) * 1000)::bigint as waited_ms
         )
         select set_config('synchronous_commit', 'off', true), t.id as \"id?\", t.submission_id as \"submission_id?\",
             t.user_id as \"user_id?\", t.exercise_id as \"exercise_id?\", t.version_id as \"version_id?\",
             t.kind as \"kind?\", t.attempts as \"attempts?\", t.waited_ms, s.source as \"source?\",
             s.source_is_files as \"is_files?\"
         from turn left join taken t on true left join submissions s on s.id = t.submission_id",
        token,
        worker,
        lease.as_secs_f64()
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(Next::Nothing) };
    let taken = (row.id, row.submission_id, row.user_id, row.exercise_id, row.version_id, row.kind, row.source);
    let (Some(id), Some(submission), Some(user), Some(exercise), Some(version), Some(kind), Some(source)) = taken
    else {
        return Ok(Next::Held);
    };
    Ok(Next::Taken(claimed(Row {
        id,
        submission,
        user,
        exercise,
        version,
        kind,
        source,
        is_files: row.is_files.unwrap_or(false),
        attempts: row.attempts.unwrap_or(1),
        waited_ms: row.waited_ms.unwrap_or(0),
        lease: token,
        reason: Reason::Learner,
    })))
}

async fn regrades(pool: &Pool, worker: &str, lease: Duration) -> Result<Option<Claimed>> {
    let token = Uuid::new_v4();
    let row = sqlx::query!(
        "with next as (
             select id from gradings
             where state = 'queued' and reason = 'regrade' and run_after <= now()
             order by queued_at limit 1
             for update skip locked
         ), taken as (
             update gradings g
             set state = 'running', attempts = g.attempts + 1, lease_token = $1, worker = $2, started_at = now(),
                 lease_until = now() + make_interval(secs => $3)
             from next where g.id = next.id
             returning g.id, g.submission_id, g.user_id, g.exercise_id, g.version_id, g.kind, g.attempts,
                 (extract(epoch from clock_timestamp() - g.queued_at) * 1000)::bigint as waited_ms
         )
         select set_config('synchronous_commit', 'off', true), t.id, t.submission_id, t.user_id, t.exercise_id,
             t.version_id, t.kind, t.attempts, t.waited_ms as \"waited_ms!\", s.source, s.source_is_files
         from taken t join submissions s on s.id = t.submission_id",
        token,
        worker,
        lease.as_secs_f64()
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        claimed(Row {
            id: row.id,
            submission: row.submission_id,
            user: row.user_id,
            exercise: row.exercise_id,
            version: row.version_id,
            kind: row.kind,
            source: row.source,
            is_files: row.source_is_files,
            attempts: row.attempts,
            waited_ms: row.waited_ms,
            lease: token,
            reason: Reason::Regrade,
        })
    })
    .transpose()
}

struct Row {
    id: Uuid,
    submission: Uuid,
    user: Uuid,
    exercise: String,
    version: Uuid,
    kind: String,
    source: Vec<u8>,
    is_files: bool,
    attempts: i32,
    waited_ms: i64,
    lease: Uuid,
    reason: Reason,
}

fn claimed(row: Row) -> Result<Claimed> {
    Ok(Claimed {
        grading: GradingId(row.id),
        submission: SubmissionId(row.submission),
        user: UserId(row.user),
        exercise: ExerciseId::parse(&row.exercise).map_err(|_| unexpected("exercise", &row.exercise))?,
        version: VersionId(row.version),
        kind: kind(&row.kind)?,
        code: code::decode(row.source, row.is_files)?,
        attempt: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        lease: row.lease,
        waited_ms: row.waited_ms,
        reason: row.reason,
    })
}

fn kind(text: &str) -> Result<Kind> {
    match text {
        "run" => Ok(Kind::Run),
        "submit" => Ok(Kind::Submit),
        other => Err(unexpected("kind", other)),
    }
}
