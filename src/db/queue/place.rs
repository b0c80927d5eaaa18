//! Where in the queue something stands.

use crate::db::{Pool, Result, paces};
use crate::domain::ids::SubmissionId;
use crate::domain::wait::Place;

/// A submission's place; `None` when it does not wait.
///
/// The queue goes round: each learner's next one in the order of their turns, then each learner's second one. So what
/// comes before the `n`th of somebody is at most `n` of everybody else's, and one more of those whose turn is before
/// theirs. Those with one running come after all who have none.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn place(pool: &Pool, id: SubmissionId) -> Result<Option<Place>> {
    let ahead = sqlx::query_scalar!(
        "with mine as materialized (
             select g.user_id, t.running, t.waits_since, (
                 select count(*) from gradings o
                 where o.user_id = g.user_id and o.state = 'queued' and o.reason <> 'regrade'
                   and (o.kind = 'run', o.queued_at, o.id) < (g.kind = 'run', g.queued_at, g.id)) as own
             from gradings g join turns t on t.user_id = g.user_id
             where g.submission_id = $1 and g.standing and g.state = 'queued'
         )
         select (mine.own + coalesce((
             select sum(least(t.waiting, mine.own + case
                 when (t.running, t.waits_since) < (mine.running, mine.waits_since) then 1 else 0 end))
             from turns t where t.waits_since is not null and t.user_id <> mine.user_id), 0))::bigint as \"n!\"
         from mine",
        id.0
    )
    .fetch_optional(pool)
    .await?;
    let Some(ahead) = ahead else { return Ok(None) };
    Ok(Some(Place { ahead, graders: paces::graders(pool).await? }))
}
