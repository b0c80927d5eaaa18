//! Provisional results of a running grading, so that a learner sees case after case.

use crate::db::json::AsJson;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Pool, Result, begin, listen};
use crate::domain::ids::{GradingId, SubmissionId};
use crate::domain::verdict::CaseResult;

/// Adds results, in order, if the lease still holds. `first` is the number of the first one.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn add(
    pool: &Pool,
    grading: GradingId,
    submission: SubmissionId,
    lease: Uuid,
    first: i32,
    cases: &[CaseResult],
) -> Result<()> {
    let mut tx = begin(pool).await?;
    for (seq, case) in (first..).zip(cases) {
        sqlx::query!(
            "insert into submission_events (grading_id, seq, lease_token, event)
             select $1, $2, $3, $4 where exists (
                 select 1 from gradings where id = $1 and lease_token = $3 for key share)
             on conflict (grading_id, seq) do update set lease_token = excluded.lease_token, event = excluded.event",
            grading.0,
            seq,
            lease,
            AsJson(case) as _
        )
        .execute(&mut *tx)
        .await?;
    }
    listen::notify_submission(&mut tx, submission).await?;
    tx.commit().await?;
    Ok(())
}

/// The provisional results of the present lease, in order.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn of(pool: &Pool, grading: GradingId) -> Result<Vec<CaseResult>> {
    let rows = sqlx::query!(
        "select e.event as \"event: Json<CaseResult>\" from submission_events e
         join gradings g on g.id = e.grading_id and g.lease_token = e.lease_token
         where e.grading_id = $1 order by e.seq",
        grading.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| row.event.0).collect())
}
