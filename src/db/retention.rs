//! Takes away what is too old to be kept, a little at a time, and never from what waits.

use std::time::Duration;

use super::{Pool, Result, begin};

/// Rows that one step changes at most, so that nobody waits long for a lock.
pub const STEP: i64 = 500;

/// Held while somebody takes away: one at a time is enough. `athk`, as a number.
const LOCK: i64 = 0x6174_686b;

/// Takes the code of submissions that are older than this, one step of it; answers how many. It stays where a verdict is
/// still to come or a learner's report is not answered.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn remove_sources(pool: &Pool, age: Duration) -> Result<u64> {
    let mut tx = begin(pool).await?;
    if !alone(&mut tx).await? {
        return Ok(0);
    }
    let removed = sqlx::query!(
        "update submissions set source = '', source_removed_at = now()
         where id in (
             select s.id from submissions s
             where s.source_removed_at is null and s.created_at < now() - make_interval(secs => $1)
               and not exists (
                   select 1 from gradings g where g.submission_id = s.id and g.state in ('queued', 'running'))
               and not exists (select 1 from reports r where r.submission_id = s.id and r.resolved_at is null)
               -- What an outage left is judged one day.
               and not exists (
                   select 1 from gradings g where g.submission_id = s.id and g.standing and g.verdict = 'not_graded')
             order by s.created_at limit $2
             for update skip locked)",
        age.as_secs_f64(),
        STEP
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    // Drafts hold code too: what nobody touched for as long goes with it.
    sqlx::query!("delete from drafts where updated_at < now() - make_interval(secs => $1)", age.as_secs_f64())
        .execute(&mut *tx)
        .await?;
    sqlx::query!("delete from draft_others where written_at < now() - make_interval(secs => $1)", age.as_secs_f64())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(removed)
}

/// Takes output, values and remarks of verdicts that are older than this, one step of it; answers how many. Which case
/// passed, and the verdict, are kept for ever.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn remove_details(pool: &Pool, age: Duration) -> Result<u64> {
    let mut tx = begin(pool).await?;
    if !alone(&mut tx).await? {
        return Ok(0);
    }
    let removed = sqlx::query_scalar!(
        "with old as (
             select g.id from gradings g
             where g.details_removed_at is null and g.state in ('done', 'superseded', 'cancelled')
               and g.finished_at < now() - make_interval(secs => $1)
               and not exists (select 1 from reports r where r.submission_id = g.submission_id and r.resolved_at is null)
             order by g.finished_at limit $2
             for update skip locked
         ), cases as (
             update case_results c
             set detail = json_build_object('name', c.name, 'hidden', c.hidden, 'outcome', c.outcome,
                 'stack', json_build_array(), 'points', c.detail -> 'points', 'us', c.detail -> 'us',
                 'output', json_build_object('head', '', 'tail', '', 'cut_bytes', 0))
             from old where c.grading_id = old.id
         )
         update gradings g set details_removed_at = now(), remarks = null from old where g.id = old.id
         returning 1 as \"one!\"",
        age.as_secs_f64(),
        STEP
    )
    .fetch_all(&mut *tx)
    .await?
    .len();
    tx.commit().await?;
    Ok(removed as u64)
}

/// Takes provisional results of gradings that have come to their end, or that a lost lease left behind.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn remove_events(pool: &Pool, age: Duration) -> Result<u64> {
    let mut tx = begin(pool).await?;
    if !alone(&mut tx).await? {
        return Ok(0);
    }
    let removed = sqlx::query!(
        "delete from submission_events e using gradings g
         where g.id = e.grading_id and g.lease_token is distinct from e.lease_token
           and coalesce(g.finished_at, g.started_at, g.queued_at) < now() - make_interval(secs => $1)",
        age.as_secs_f64()
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    tx.commit().await?;
    Ok(removed)
}

async fn alone(tx: &mut sqlx::PgTransaction<'_>) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!("select pg_try_advisory_xact_lock($1) as \"locked!\"", LOCK).fetch_one(&mut **tx).await
}
