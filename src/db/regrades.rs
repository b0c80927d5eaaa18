//! Old submissions judged anew on their exercise's present version. The new gradings do not stand until somebody has seen
//! what they change; then all of them do, at once. Both results are kept.
//!
//! The rows are all there is to it: whoever asked may go, and any process may be killed in the middle.

mod apply;
mod changes;
mod not_graded;

use jiff_sqlx::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

pub use apply::{ApplyError, apply, discard};
pub use changes::{Changed, changes};
pub use not_graded::{queue_not_graded, waiting_not_graded};

use super::{Pool, Result, listen, unexpected};
use crate::domain::ids::{ExerciseId, RegradeId, VersionId};
use crate::domain::regrade::Tally;

/// Which submissions.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Of this exercise.
    pub exercise: ExerciseId,
    /// Sent from then on.
    pub since: Option<jiff::Timestamp>,
}

/// What a regrade would look at. Only *submits* that have their verdict are judged anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The version they would be judged by.
    pub to_version: VersionId,
    /// How many there are.
    pub submissions: i64,
    /// Of how many people.
    pub learners: i64,
    /// How many of them were judged by another version.
    pub by_older_versions: i64,
    /// How many more cannot be judged anew, because their code was removed for its age.
    pub without_source: i64,
}

/// Where a regrade stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its verdicts are being made, or wait for somebody to look at them.
    Computing,
    /// Its verdicts stand.
    Applied,
    /// Nothing came of it.
    Discarded,
}

impl State {
    /// The state as it is written in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Computing => "computing",
            Self::Applied => "applied",
            Self::Discarded => "discarded",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        [Self::Computing, Self::Applied, Self::Discarded]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| unexpected("state", text))
    }
}

/// A regrade.
#[derive(Debug, Clone)]
pub struct Regrade {
    /// Its id.
    pub id: RegradeId,
    /// Of which exercise.
    pub exercise: ExerciseId,
    /// The version it judges by.
    pub to_version: VersionId,
    /// Submissions from then on.
    pub since: Option<jiff::Timestamp>,
    /// Whether learners lose what they would not get any more.
    pub take_back: bool,
    /// Who asked for it.
    pub asked_by: String,
    /// Where it stands.
    pub state: State,
    /// How many submissions it judges.
    pub submissions: i32,
    /// How many of them still wait or run.
    pub open: i64,
    /// What came of it, once it was applied.
    pub outcome: Option<Tally>,
    /// When it was asked for.
    pub created_at: jiff::Timestamp,
}

/// Why a regrade cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// There is no such exercise, or it is in no lesson any more.
    #[error("there is no exercise '{0}' in the course")]
    UnknownExercise(ExerciseId),
    /// One is on its way.
    #[error("regrade {0} of this exercise is not at its end: apply it or discard it first")]
    OneIsOpen(RegradeId),
    /// Nothing to judge.
    #[error("no submission of this exercise fits")]
    Nothing,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] super::Error),
}

impl From<sqlx::Error> for BeginError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// What a regrade of this scope would look at; `None` when there is no such exercise.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn preview(pool: &Pool, scope: &Scope) -> Result<Option<Preview>> {
    let row = sqlx::query!(
        "select e.current_version as \"version!\", count(g.id) filter (where s.source_removed_at is null) as \"n!\",
             count(distinct g.user_id) filter (where s.source_removed_at is null) as \"learners!\",
             count(g.id) filter (where s.source_removed_at is null and g.version_id <> e.current_version) as \"older!\",
             count(g.id) filter (where s.source_removed_at is not null) as \"without_source!\"
         from exercises e
         left join gradings g on g.exercise_id = e.id and g.standing and g.state = 'done' and g.kind = 'submit'
         left join submissions s on s.id = g.submission_id
         where e.id = $1 and e.retired_at is null and e.current_version is not null
           and (s.id is null or $2::timestamptz is null or s.created_at >= $2)
         group by e.current_version",
        scope.exercise.as_str(),
        scope.since.map(jiff_sqlx::ToSqlx::to_sqlx) as Option<Timestamp>
    )
    .fetch_optional(pool)
    .await?;
    match row {
        Some(row) => Ok(Some(Preview {
            to_version: VersionId(row.version),
            submissions: row.n,
            learners: row.learners,
            by_older_versions: row.older,
            without_source: row.without_source,
        })),
        // Where every submission is older than asked for, no row is left.
        None => Ok(current_version(pool, &scope.exercise).await?.map(|to_version| Preview {
            to_version,
            submissions: 0,
            learners: 0,
            by_older_versions: 0,
            without_source: 0,
        })),
    }
}

async fn current_version(pool: &Pool, exercise: &ExerciseId) -> Result<Option<VersionId>> {
    let version = sqlx::query_scalar!(
        "select current_version as \"version!\" from exercises
         where id = $1 and retired_at is null and current_version is not null",
        exercise.as_str()
    )
    .fetch_optional(pool)
    .await?;
    Ok(version.map(VersionId))
}

/// Queues everything of this scope to be judged anew, behind whatever learners wait for.
///
/// # Errors
/// [`BeginError`] says why nothing was queued.
pub async fn begin(pool: &Pool, scope: &Scope, take_back: bool, asked_by: &str) -> Result<RegradeId, BeginError> {
    let version = current_version(pool, &scope.exercise).await?;
    let version = version.ok_or_else(|| BeginError::UnknownExercise(scope.exercise.clone()))?;
    let id = RegradeId::new();
    let mut tx = crate::db::begin(pool).await?;
    let inserted = sqlx::query!(
        "insert into regrades (id, exercise_id, to_version, since, take_back, asked_by, state, submissions)
         values ($1, $2, $3, $4, $5, $6, 'computing', 0)
         on conflict (exercise_id) where state = 'computing' do nothing",
        id.0,
        scope.exercise.as_str(),
        version.0,
        scope.since.map(jiff_sqlx::ToSqlx::to_sqlx) as Option<Timestamp>,
        take_back,
        asked_by
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if inserted == 0 {
        let open = sqlx::query_scalar!(
            "select id from regrades where exercise_id = $1 and state = 'computing'",
            scope.exercise.as_str()
        )
        .fetch_one(&mut *tx)
        .await?;
        return Err(BeginError::OneIsOpen(RegradeId(open)));
    }
    let queued = sqlx::query!(
        // Every statement of the queue treats them as any grading; only they do not stand.
        "insert into gradings (id, submission_id, user_id, exercise_id, version_id, kind, reason, state, standing,
             regrade_id)
         select gen_random_uuid(), g.submission_id, g.user_id, g.exercise_id, $3, g.kind, 'regrade', 'queued', false, $1
         from gradings g join submissions s on s.id = g.submission_id
         where g.exercise_id = $2 and g.standing and g.state = 'done' and g.kind = 'submit'
           and s.source_removed_at is null and ($4::timestamptz is null or s.created_at >= $4)
         order by g.submission_id",
        id.0,
        scope.exercise.as_str(),
        version.0,
        scope.since.map(jiff_sqlx::ToSqlx::to_sqlx) as Option<Timestamp>
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if queued == 0 {
        return Err(BeginError::Nothing);
    }
    let queued = i32::try_from(queued).unwrap_or(i32::MAX);
    sqlx::query!("update regrades set submissions = $2 where id = $1", id.0, queued).execute(&mut *tx).await?;
    listen::notify_queue(&mut tx).await?;
    tx.commit().await?;
    Ok(id)
}

/// A regrade, or the newest ones that are older than another.
async fn read(pool: &Pool, id: Option<RegradeId>, before: Option<RegradeId>, limit: i64) -> Result<Vec<Regrade>> {
    let rows = sqlx::query!(
        "select r.id, r.exercise_id, r.to_version, r.since as \"since: Timestamp\", r.take_back, r.asked_by, r.state,
             r.submissions, r.outcome as \"outcome: Json<Tally>\", r.created_at as \"created_at: Timestamp\",
             case when r.state = 'computing' then (
                 select count(*) from gradings g where g.regrade_id = r.id and g.state in ('queued', 'running'))
             else 0 end as \"open!\"
         from regrades r where ($1::uuid is null or r.id = $1) and ($3::uuid is null or r.id < $3)
         order by r.id desc limit $2",
        id.map(|id| id.0) as Option<Uuid>,
        limit,
        before.map(|id| id.0) as Option<Uuid>
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Regrade {
                id: RegradeId(row.id),
                exercise: ExerciseId::parse(&row.exercise_id).map_err(|_| unexpected("exercise", &row.exercise_id))?,
                to_version: VersionId(row.to_version),
                since: row.since.map(Timestamp::to_jiff),
                take_back: row.take_back,
                asked_by: row.asked_by,
                state: State::parse(&row.state)?,
                submissions: row.submissions,
                open: row.open,
                outcome: row.outcome.map(|json| json.0),
                created_at: row.created_at.to_jiff(),
            })
        })
        .collect()
}

/// A regrade; `None` when there is none of that id.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn find(pool: &Pool, id: RegradeId) -> Result<Option<Regrade>> {
    Ok(read(pool, Some(id), None, 1).await?.pop())
}

/// The newest regrades, or the newest that are older than `before`.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn page(pool: &Pool, before: Option<RegradeId>, limit: i64) -> Result<Vec<Regrade>> {
    read(pool, None, before, limit).await
}
