//! What an outage left ungraded, taken up by hand: without the limits of the automatic way.

use jiff_sqlx::{Timestamp, ToSqlx as _};

use crate::db::{Pool, Result, begin, listen};
use crate::domain::ids::{ExerciseId, SubmissionId};

/// How many submissions stand as `not_graded`.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn waiting_not_graded(
    pool: &Pool,
    exercise: Option<&ExerciseId>,
    since: Option<jiff::Timestamp>,
) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        "select count(*) as \"n!\" from gradings g join submissions s on s.id = g.submission_id
         where g.standing and g.verdict = 'not_graded' and s.source_removed_at is null
           and ($1::text is null or g.exercise_id = $1) and ($2::timestamptz is null or s.created_at >= $2)",
        exercise.map(ExerciseId::as_str),
        since.map(jiff::Timestamp::to_sqlx) as Option<Timestamp>
    )
    .fetch_one(pool)
    .await?)
}

/// Queues them again, each on the version that its learner saw, in the order of learners: somebody waits for them.
///
/// # Errors
/// [`crate::db::Error`] when the database fails; nothing is queued then.
pub async fn queue_not_graded(
    pool: &Pool,
    exercise: Option<&ExerciseId>,
    since: Option<jiff::Timestamp>,
) -> Result<u64> {
    let mut tx = begin(pool).await?;
    let left = sqlx::query_scalar!(
        "update gradings g set standing = false
         where g.id in (
             select l.id from gradings l join submissions s on s.id = l.submission_id
             where l.standing and l.verdict = 'not_graded' and s.source_removed_at is null
               and ($1::text is null or l.exercise_id = $1) and ($2::timestamptz is null or s.created_at >= $2)
             for update of l skip locked)
         returning g.submission_id",
        exercise.map(ExerciseId::as_str),
        since.map(jiff::Timestamp::to_sqlx) as Option<Timestamp>
    )
    .fetch_all(&mut *tx)
    .await?;
    let queued = sqlx::query!(
        "insert into gradings (id, submission_id, user_id, exercise_id, version_id, kind, reason, state)
         select gen_random_uuid(), id, user_id, exercise_id, version_id, kind, 'retry', 'queued'
         from submissions where id = any($1) order by id",
        &left
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    listen::notify_queue(&mut tx).await?;
    tx.commit().await?;
    let left: Vec<SubmissionId> = left.into_iter().map(SubmissionId).collect();
    listen::announce(pool, &left).await?;
    Ok(queued)
}
