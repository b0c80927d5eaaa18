//! Past submissions, newest first, paged by key: a page costs the same however many there are.

use sqlx::{Postgres, QueryBuilder, Row};
use uuid::Uuid;

use super::{Pool, Result, unexpected};
use crate::domain::ids::{ExerciseId, SubmissionId, UserId};
use crate::domain::submission::{GradingState, Kind};
use crate::domain::verdict::VerdictKind;

/// Which submissions to list. Empty fields let everything through.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this person.
    pub user: Option<UserId>,
    /// Of people whose name or address holds this text.
    pub learner: Option<String>,
    /// Of this exercise.
    pub exercise: Option<ExerciseId>,
    /// With this verdict.
    pub verdict: Option<VerdictKind>,
}

/// One line of a history.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The submission.
    pub id: SubmissionId,
    /// Whose it is.
    pub user: UserId,
    /// How they are called.
    pub user_name: String,
    /// Their address; guests have none.
    pub user_email: Option<String>,
    /// Of which exercise.
    pub exercise: ExerciseId,
    /// *Run* or *Submit*.
    pub kind: Kind,
    /// When it was accepted.
    pub created_at: jiff::Timestamp,
    /// Where it stands.
    pub state: GradingState,
    /// The verdict.
    pub verdict: Option<VerdictKind>,
    /// The verdict as the learner may see it.
    pub shown_verdict: Option<VerdictKind>,
}

/// People that a text can stand for; a text that fits more is too short to be of use.
const MAX_LEARNERS: i64 = 200;

/// A page of at most `limit` submissions older than `before`.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn page(pool: &Pool, filter: &Filter, before: Option<SubmissionId>, limit: i64) -> Result<Vec<Entry>> {
    // Put together, not `$1 is null or …`: each combination of filters is its own statement with its own plan, so that
    // each can use its own index.
    let mut query = QueryBuilder::<Postgres>::new(
        "select g.submission_id, g.user_id, u.name, u.email, g.exercise_id, g.kind, s.created_at, g.state, g.verdict,
             g.shown_verdict
         from gradings g join users u on u.id = g.user_id join submissions s on s.id = g.submission_id
         where g.standing",
    );
    if let Some(user) = filter.user {
        query.push(" and g.user_id = ").push_bind(user.0);
    }
    if let Some(text) = &filter.learner {
        let users = learners(pool, text).await?;
        query.push(" and g.user_id = any(").push_bind(users).push(")");
    }
    if let Some(exercise) = &filter.exercise {
        query.push(" and g.exercise_id = ").push_bind(exercise.as_str().to_owned());
    }
    if let Some(verdict) = filter.verdict {
        query.push(" and g.verdict = ").push_bind(verdict.as_str());
    }
    if let Some(before) = before {
        query.push(" and g.submission_id < ").push_bind(before.0);
    }
    query.push(" order by g.submission_id desc limit ").push_bind(limit);
    let rows = query.build().fetch_all(pool).await?;
    rows.iter()
        .map(|row| {
            let exercise: String = row.try_get("exercise_id")?;
            let state: String = row.try_get("state")?;
            let kind: String = row.try_get("kind")?;
            let verdict: Option<String> = row.try_get("verdict")?;
            let shown: Option<String> = row.try_get("shown_verdict")?;
            Ok(Entry {
                id: SubmissionId(row.try_get("submission_id")?),
                user: UserId(row.try_get("user_id")?),
                user_name: row.try_get("name")?,
                user_email: row.try_get("email")?,
                exercise: ExerciseId::parse(&exercise).map_err(|_| unexpected("exercise", &exercise))?,
                kind: if kind == "run" { Kind::Run } else { Kind::Submit },
                created_at: row.try_get::<jiff_sqlx::Timestamp, _>("created_at")?.to_jiff(),
                state: GradingState::parse(&state).ok_or_else(|| unexpected("state", &state))?,
                verdict: verdict.as_deref().and_then(VerdictKind::parse),
                shown_verdict: shown.as_deref().and_then(VerdictKind::parse),
            })
        })
        .collect()
}

async fn learners(pool: &Pool, text: &str) -> Result<Vec<Uuid>> {
    let escaped = text.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_").replace('\0', "");
    Ok(sqlx::query_scalar!(
        "select id from users where name ilike $1 or email ilike $1 limit $2",
        format!("%{escaped}%"),
        MAX_LEARNERS
    )
    .fetch_all(pool)
    .await?)
}
