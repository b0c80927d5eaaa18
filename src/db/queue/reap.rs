//! What nobody else would come back to: gradings of workers that vanished, and what an outage left.

use crate::db::json::AsJson;

use crate::db::{Pool, Result, begin, listen};
use crate::domain::ids::{GradingId, SubmissionId};
use crate::domain::retry::MAX_ATTEMPTS;

/// What the reaper found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reaped {
    /// Gradings whose worker vanished and that wait again.
    pub requeued: u64,
    /// Gradings that used up their tries.
    pub given_up: u64,
}

/// Takes gradings from workers that let their lease run out.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn reap(pool: &Pool) -> Result<Reaped> {
    let mut tx = begin(pool).await?;
    let remarks = serde_json::json!({"fault": "the machine that graded this stopped in the middle of it"});
    let given_up = sqlx::query_scalar!(
        "update gradings set state = 'done', verdict = 'not_graded', shown_verdict = 'not_graded', points = 0,
             remarks = $2, lease_token = null, lease_until = null, finished_at = now()
         where state = 'running' and lease_until < now() and attempts >= $1
         returning submission_id",
        i32::try_from(MAX_ATTEMPTS).unwrap_or(i32::MAX),
        AsJson(remarks) as _
    )
    .fetch_all(&mut *tx)
    .await?;
    let requeued = sqlx::query_scalar!(
        "update gradings set state = 'queued', lease_token = null, lease_until = null, worker = null
         where state = 'running' and lease_until < now()
         returning submission_id"
    )
    .fetch_all(&mut *tx)
    .await?;
    for submission in given_up.iter().chain(&requeued) {
        listen::notify_submission(&mut tx, SubmissionId(*submission)).await?;
    }
    if !requeued.is_empty() {
        listen::notify_queue(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(Reaped { requeued: requeued.len() as u64, given_up: given_up.len() as u64 })
}

/// Gradings of one submission that may fail through our fault before a person has to look at it.
const MAX_GRADINGS: i64 = 6;

/// Queues again what an outage left as `not_graded`. Called while the sandbox is known to be well.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn retry_not_graded(pool: &Pool) -> Result<u64> {
    let mut tx = begin(pool).await?;
    let left = sqlx::query!(
        "update gradings g set standing = false
         where g.id in (
             select id from gradings l
             where l.standing and l.verdict = 'not_graded' and l.finished_at < now() - interval '10 seconds'
               and (select count(*) from gradings o where o.submission_id = l.submission_id and o.reason <> 'regrade') < $1
             order by l.submission_id limit 100 for update skip locked)
         returning submission_id, user_id, exercise_id, version_id, kind",
        MAX_GRADINGS
    )
    .fetch_all(&mut *tx)
    .await?;
    for row in &left {
        sqlx::query!(
            "insert into gradings (id, submission_id, user_id, exercise_id, version_id, kind, reason, state)
             values ($1, $2, $3, $4, $5, $6, 'retry', 'queued')",
            GradingId::new().0,
            row.submission_id,
            row.user_id,
            row.exercise_id,
            row.version_id,
            row.kind
        )
        .execute(&mut *tx)
        .await?;
        listen::notify_submission(&mut tx, SubmissionId(row.submission_id)).await?;
    }
    if !left.is_empty() {
        listen::notify_queue(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(left.len() as u64)
}
