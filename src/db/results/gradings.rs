//! Every verdict that a submission ever had.

use jiff_sqlx::Timestamp;

use crate::db::{Pool, Result};
use crate::domain::ids::{RegradeId, SubmissionId, VersionId};
use crate::domain::verdict::VerdictKind;

/// A verdict among those of a submission.
#[derive(Debug, Clone)]
pub struct Past {
    /// The version that it was judged by.
    pub version: VersionId,
    /// The verdict.
    pub verdict: VerdictKind,
    /// The verdict as the learner may see it.
    pub shown_verdict: VerdictKind,
    /// Points of it.
    pub points: i32,
    /// When it came.
    pub at: jiff::Timestamp,
    /// Whether it is the one that counts.
    pub standing: bool,
    /// The regrade that brought it.
    pub regrade: Option<RegradeId>,
    /// Whether that regrade was applied, if there was one: else learners know nothing of it.
    pub applied: bool,
}

/// The verdicts of a submission, oldest first.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn gradings(pool: &Pool, submission: SubmissionId) -> Result<Vec<Past>> {
    let rows = sqlx::query!(
        "select g.version_id, g.verdict as \"verdict!\", coalesce(g.shown_verdict, g.verdict) as \"shown_verdict!\",
             coalesce(g.points, 0) as \"points!\", g.finished_at as \"finished_at: Timestamp\", g.standing, g.regrade_id,
             coalesce(r.state = 'applied', true) as \"applied!\"
         from gradings g left join regrades r on r.id = g.regrade_id
         where g.submission_id = $1 and g.state = 'done' order by g.finished_at",
        submission.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(Past {
                version: VersionId(row.version_id),
                verdict: VerdictKind::parse(&row.verdict)?,
                shown_verdict: VerdictKind::parse(&row.shown_verdict)?,
                points: row.points,
                at: row.finished_at?.to_jiff(),
                standing: row.standing,
                regrade: row.regrade_id.map(RegradeId),
                applied: row.applied,
            })
        })
        .collect())
}
