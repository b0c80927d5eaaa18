//! Lets the verdicts of a regrade stand, or drops them.

use crate::db::json::AsJson;
use uuid::Uuid;

use super::changes;
use crate::db::{Pool, Result, begin, listen};
use crate::domain::ids::{RegradeId, SubmissionId};
use crate::domain::regrade::Tally;

/// Why a regrade cannot be applied or discarded. Nothing is changed then.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// There is none of that id.
    #[error("there is no such regrade")]
    Unknown,
    /// It was applied or discarded before.
    #[error("this regrade has come to its end before")]
    Ended,
    /// Not everything is judged.
    #[error("{0} submissions of it are not judged yet")]
    NotReady(i64),
    /// It judged by a version that is not the exercise's present one any more.
    #[error("the exercise has changed since: discard this regrade and begin another")]
    ExerciseChanged,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] crate::db::Error),
}

impl From<sqlx::Error> for ApplyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Lets the verdicts of a regrade stand, all at once, and counts the progress of its learners anew. The verdicts before
/// are kept beside them. What could not be graded keeps its old verdict, and so does what has been queued again since.
///
/// Progress counts each submission once, by the verdict that stands. Nobody loses a pass or points unless the regrade was
/// asked to take them back.
///
/// # Errors
/// [`ApplyError`] says why nothing changed.
pub async fn apply(pool: &Pool, id: RegradeId) -> Result<Tally, ApplyError> {
    let tally = Tally::of(changes(pool, id).await?.iter().map(|changed| changed.change));
    let mut tx = begin(pool).await?;
    let regrade = sqlx::query!(
        "select r.state, r.take_back, r.to_version, e.current_version, (
             select count(*) from gradings g where g.regrade_id = r.id and g.state in ('queued', 'running')) as \"open!\"
         from regrades r join exercises e on e.id = r.exercise_id where r.id = $1 for update of r",
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(ApplyError::Unknown)?;
    match regrade.open {
        _ if regrade.state != "computing" => return Err(ApplyError::Ended),
        0 => {}
        open => return Err(ApplyError::NotReady(open)),
    }
    if regrade.current_version != Some(regrade.to_version) {
        return Err(ApplyError::ExerciseChanged);
    }
    let moved = move_standing(&mut tx, id).await?;
    count_progress(&mut tx, &moved, regrade.take_back).await?;
    sqlx::query!(
        "update regrades set state = 'applied', ended_at = now(), outcome = $2 where id = $1",
        id.0,
        AsJson(tally) as _
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    let moved: Vec<SubmissionId> = moved.into_iter().map(SubmissionId).collect();
    // Pages that show one of them read it again.
    listen::announce(pool, &moved).await?;
    Ok(tally)
}

/// In two steps: the index that lets one grading of a submission stand looks at each row by itself.
async fn move_standing(tx: &mut sqlx::PgTransaction<'_>, id: RegradeId) -> Result<Vec<Uuid>, sqlx::Error> {
    let moved = sqlx::query_scalar!(
        "update gradings o set standing = false
         from gradings n
         where n.regrade_id = $1 and n.state = 'done' and n.verdict <> 'not_graded'
           and o.submission_id = n.submission_id and o.standing and o.state = 'done'
         returning o.submission_id",
        id.0
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!("update gradings set standing = true where regrade_id = $1 and submission_id = any($2)", id.0, &moved)
        .execute(&mut **tx)
        .await?;
    Ok(moved)
}

async fn count_progress(
    tx: &mut sqlx::PgTransaction<'_>,
    submissions: &[Uuid],
    take_back: bool,
) -> Result<(), sqlx::Error> {
    // Locked first and counted by the next statement: a verdict that is written meanwhile is either seen by the count or
    // adds to it.
    sqlx::query!(
        "select 1 as \"one!\" from progress p
         where (p.user_id, p.exercise_id) in (select user_id, exercise_id from submissions where id = any($1))
         order by p.user_id, p.exercise_id for update",
        submissions
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "update progress p set
             attempts = c.attempts,
             best_points = case when $2 then c.best_points else greatest(p.best_points, c.best_points) end,
             passed_at = case when $2 and c.passed_at is null then null else coalesce(p.passed_at, c.passed_at) end
         from (
             select g.user_id, g.exercise_id, count(*) filter (where g.verdict <> 'not_graded') as attempts,
                 coalesce(max(g.points) filter (where g.verdict <> 'not_graded'), 0) as best_points,
                 min(s.created_at) filter (where g.verdict = 'passed') as passed_at
             from gradings g join submissions s on s.id = g.submission_id
             where g.standing and g.kind = 'submit' and g.state = 'done'
               and (g.user_id, g.exercise_id) in (select user_id, exercise_id from submissions where id = any($1))
             group by g.user_id, g.exercise_id) c
         where c.user_id = p.user_id and c.exercise_id = p.exercise_id",
        submissions,
        take_back
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Drops a regrade: what it judged is kept and never stands.
///
/// # Errors
/// [`ApplyError::Unknown`] or [`ApplyError::Ended`], or a failing database.
pub async fn discard(pool: &Pool, id: RegradeId) -> Result<(), ApplyError> {
    let mut tx = begin(pool).await?;
    let state = sqlx::query_scalar!("select state from regrades where id = $1 for update", id.0)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(ApplyError::Unknown)?;
    if state != "computing" {
        return Err(ApplyError::Ended);
    }
    let cancelled = sqlx::query_scalar!(
        "update gradings set state = 'cancelled', lease_token = null, lease_until = null, finished_at = now()
         where regrade_id = $1 and state in ('queued', 'running')
         returning id",
        id.0
    )
    .fetch_all(&mut *tx)
    .await?;
    for grading in cancelled {
        listen::notify_taken_away(&mut tx, crate::domain::ids::GradingId(grading)).await?;
    }
    sqlx::query!("update regrades set state = 'discarded', ended_at = now() where id = $1", id.0)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}
