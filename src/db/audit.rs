//! Whether the promises hold: nothing accepted is lost, nothing counts twice. For tests, and for `athanor bench chaos`.

use serde::Serialize;
use uuid::Uuid;

use super::{Pool, Result};

/// What the rows say. Everything below `accepted` must be nought once nothing waits any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// Submissions that were accepted.
    pub accepted: i64,
    /// Submissions without exactly one standing verdict that were neither superseded nor cancelled.
    pub unsettled: i64,
    /// Submissions that were judged more than once without a regrade.
    pub judged_twice: i64,
    /// Learners' exercises whose progress does not follow from the standing verdicts.
    pub miscounted: i64,
    /// Gradings that some worker still holds.
    pub held: i64,
    /// Provisional results that outlived their grading's run.
    pub stray_events: i64,
}

impl Audit {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        *self == Self { accepted: self.accepted, ..Self::default() }
    }
}

/// Looks at all submissions.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn audit(pool: &Pool) -> Result<Audit> {
    let row = sqlx::query!(
        "with counted as (
             select user_id, exercise_id, count(*) as attempts, max(points) as points,
                 bool_or(verdict = 'passed') as passed
             from gradings
             where standing and kind = 'submit' and state = 'done' and verdict <> 'not_graded'
             group by user_id, exercise_id
         )
         select
             (select count(*) from submissions) as \"accepted!\",
             (select count(*) from submissions s where (
                 select count(*) from gradings g where g.submission_id = s.id and g.standing
                     and g.state in ('done', 'superseded', 'cancelled')) <> 1) as \"unsettled!\",
             (select count(*) from submissions s where (
                 select count(*) from gradings g where g.submission_id = s.id and g.reason <> 'regrade'
                     and g.state = 'done' and g.verdict <> 'not_graded') > 1) as \"judged_twice!\",
             (select count(*) from counted c full join progress p using (user_id, exercise_id)
              where coalesce(c.attempts, 0) <> coalesce(p.attempts, 0)
                 or coalesce(c.points, 0) > coalesce(p.best_points, 0)
                 or coalesce(c.passed, false) and p.passed_at is null) as \"miscounted!\",
             (select count(*) from gradings where state = 'running') as \"held!\",
             (select count(*) from submission_events e join gradings g on g.id = e.grading_id
              where g.state = 'done') as \"stray_events!\""
    )
    .fetch_one(pool)
    .await?;
    Ok(Audit {
        accepted: row.accepted,
        unsettled: row.unsettled,
        judged_twice: row.judged_twice,
        miscounted: row.miscounted,
        held: row.held,
        stray_events: row.stray_events,
    })
}

/// How a submission stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The key that it was handed in with.
    pub key: Uuid,
    /// `done`, or why it is not.
    pub state: String,
    /// The standing verdict.
    pub verdict: Option<String>,
}

/// How each submission stands, in the order of their ids.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn standings(pool: &Pool) -> Result<Vec<Standing>> {
    let rows = sqlx::query_as!(
        Standing,
        "select s.idempotency_key as key, g.state, g.verdict
         from submissions s join gradings g on g.submission_id = s.id and g.standing order by s.id"
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// How many submissions were accepted, and how many of them have a verdict.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn settled(pool: &Pool) -> Result<(i64, i64)> {
    let row = sqlx::query!(
        "select (select count(*) from submissions) as \"accepted!\",
             (select count(*) from gradings where standing and state = 'done' and verdict <> 'not_graded') as \"settled!\""
    )
    .fetch_one(pool)
    .await?;
    Ok((row.accepted, row.settled))
}
