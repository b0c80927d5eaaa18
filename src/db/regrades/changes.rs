//! What a regrade changes, or changed.

use crate::db::{Pool, Result, unexpected};
use crate::domain::ids::{RegradeId, SubmissionId};
use crate::domain::regrade::{Change, change};
use crate::domain::verdict::VerdictKind;

/// A submission and its two results.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Which one.
    pub submission: SubmissionId,
    /// Whose it is.
    pub learner: String,
    /// Their address; guests have none.
    pub email: Option<String>,
    /// What it had.
    pub before: VerdictKind,
    /// What it gets.
    pub after: VerdictKind,
    /// Points that it had and gets.
    pub points: (i32, i32),
    /// What that means.
    pub change: Change,
}

/// Every submission of a regrade that has its new verdict, those who lose or win first.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn changes(pool: &Pool, id: RegradeId) -> Result<Vec<Changed>> {
    // Before is what stood when the regrade was applied, or stands now: of the others the newest that is none of its kind.
    let rows = sqlx::query!(
        "select n.submission_id, u.name, u.email, o.verdict as \"before!\", n.verdict as \"after!\",
             coalesce(o.points, 0) as \"points_before!\", coalesce(n.points, 0) as \"points_after!\"
         from gradings n join users u on u.id = n.user_id
         cross join lateral (
             select verdict, points from gradings o
             left join regrades r on r.id = o.regrade_id
             where o.submission_id = n.submission_id and o.id <> n.id and o.state = 'done'
               and (o.regrade_id is null or (r.state = 'applied' and r.id < $1))
             order by o.standing desc, o.finished_at desc limit 1) o
         where n.regrade_id = $1 and n.state = 'done'
         order by n.submission_id",
        id.0
    )
    .fetch_all(pool)
    .await?;
    let verdict = |text: &str| VerdictKind::parse(text).ok_or_else(|| unexpected("verdict", text));
    let mut changes = Vec::with_capacity(rows.len());
    for row in rows {
        let (before, after) = (verdict(&row.before)?, verdict(&row.after)?);
        let points = (row.points_before, row.points_after);
        changes.push(Changed {
            submission: SubmissionId(row.submission_id),
            learner: row.name,
            email: row.email,
            before,
            after,
            points,
            change: change((before, points.0), (after, points.1)),
        });
    }
    changes.sort_by_key(|changed| match changed.change {
        Change::Loser => 0,
        Change::Winner => 1,
        Change::NotGraded => 2,
        Change::Other => 3,
        Change::None => 4,
    });
    Ok(changes)
}
