//! Drafts: what somebody has typed at an exercise, one for each, and the versions that are kept beside it.
//!
//! Whoever changes one holds the lock on its owner's row, as [`super::submissions::accept`] does, so that of two changes the
//! second sees what the first one made.

mod others;

use jiff_sqlx::Timestamp;

pub use others::{Other, drop_other, keep_beside, others_of, restore, take};
pub(super) use others::{merge, sent};

use super::{Pool, Result, begin, code, unexpected};
use crate::domain::code::Code;
use crate::domain::draft::{self, Basis, Change, Present, Writer};
use crate::domain::ids::{DraftRevision, ExerciseId, UserId};

/// A draft as it stands.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The code.
    pub code: Code,
    /// Changes with every change of the code.
    pub revision: DraftRevision,
    /// When it was last changed.
    pub updated_at: jiff::Timestamp,
}

/// Why a draft was not changed.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// It is another one than the change is based on.
    #[error("the draft has changed elsewhere")]
    Conflict(Box<Draft>),
    /// The session's owner is gone.
    #[error("the account does not exist any more")]
    UnknownUser,
    /// There is no such version beside it.
    #[error("there is no such version")]
    UnknownOther,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] super::Error),
}

impl From<sqlx::Error> for DraftError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Exercises at which somebody has a draft or a version beside one, in order, from after this one on and at most so many.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn exercises_of(
    pool: &Pool,
    user: UserId,
    after: Option<&ExerciseId>,
    limit: i64,
) -> Result<Vec<ExerciseId>> {
    let names = sqlx::query_scalar!(
        "select exercise_id as \"id!\" from (
             select exercise_id from drafts where user_id = $1 union select exercise_id from draft_others where user_id = $1) e
         where exercise_id > $2 order by exercise_id limit $3",
        user.0,
        after.map_or("", ExerciseId::as_str),
        limit
    )
    .fetch_all(pool)
    .await?;
    names.iter().map(|name| ExerciseId::parse(name).map_err(|_| unexpected("exercise", name))).collect()
}

/// Somebody's draft of an exercise.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn find(pool: &Pool, user: UserId, exercise: &ExerciseId) -> Result<Option<Draft>> {
    let found = of(pool, user, std::slice::from_ref(exercise)).await?;
    Ok(found.into_iter().next().map(|(_, draft)| draft))
}

/// Somebody's drafts of these exercises.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn of(pool: &Pool, user: UserId, exercises: &[ExerciseId]) -> Result<Vec<(ExerciseId, Draft)>> {
    let ids: Vec<String> = exercises.iter().map(|id| id.as_str().to_owned()).collect();
    let rows = sqlx::query!(
        "select exercise_id, source, source_is_files, revision, updated_at as \"updated_at: Timestamp\"
         from drafts where user_id = $1 and exercise_id = any($2)",
        user.0,
        &ids
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let id = ExerciseId::parse(&row.exercise_id).map_err(|_| unexpected("exercise", &row.exercise_id))?;
            let draft = Draft {
                code: code::decode(row.source, row.source_is_files)?,
                revision: DraftRevision(row.revision),
                updated_at: row.updated_at.to_jiff(),
            };
            Ok((id, draft))
        })
        .collect()
}

/// How many drafts a guest would bring to an account.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn count(pool: &Pool, user: UserId) -> Result<i64> {
    Ok(sqlx::query_scalar!("select count(*) as \"n!\" from drafts where user_id = $1", user.0).fetch_one(pool).await?)
}

/// Makes this code the draft if it is based on what it replaces; answers the draft that stands then.
///
/// # Errors
/// [`DraftError::Conflict`] with the draft that is there, which is left alone; [`DraftError::UnknownUser`].
pub async fn put(
    pool: &Pool,
    user: UserId,
    exercise: &ExerciseId,
    new: &Code,
    basis: Basis,
) -> Result<Draft, DraftError> {
    let (source, is_files) = code::encode(new)?;
    let mut tx = begin(pool).await?;
    lock(&mut tx, user).await?;
    let present = present(&mut tx, user, exercise).await?;
    match draft::decide(present.as_ref().map(|present| present.against(&source, is_files)), basis) {
        Change::Written => {
            let draft = write(&mut tx, user, exercise, (&source, is_files), basis.writer).await?;
            tx.commit().await?;
            Ok(Draft { code: new.clone(), ..draft })
        }
        Change::Kept => Ok(present.ok_or_else(|| unexpected("draft", exercise))?.into_draft()?),
        Change::Conflict => {
            let there = present.ok_or_else(|| unexpected("draft", exercise))?.into_draft()?;
            Err(DraftError::Conflict(Box::new(there)))
        }
    }
}

/// Removes a draft, if it is still of this revision where one is given.
///
/// # Errors
/// [`DraftError::Conflict`] with the draft that is there.
pub async fn remove(
    pool: &Pool,
    user: UserId,
    exercise: &ExerciseId,
    revision: Option<DraftRevision>,
) -> Result<(), DraftError> {
    let mut tx = begin(pool).await?;
    lock(&mut tx, user).await?;
    let Some(present) = present(&mut tx, user, exercise).await? else { return Ok(()) };
    if revision.is_some_and(|revision| revision != present.revision) {
        return Err(DraftError::Conflict(Box::new(present.into_draft()?)));
    }
    sqlx::query!("delete from drafts where user_id = $1 and exercise_id = $2", user.0, exercise.as_str())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// A row of the table.
struct Row {
    source: Vec<u8>,
    is_files: bool,
    revision: DraftRevision,
    writer: Option<Writer>,
    updated_at: jiff::Timestamp,
}

impl Row {
    fn against(&self, source: &[u8], is_files: bool) -> Present {
        let same = self.is_files == is_files && self.source == source;
        Present { revision: self.revision, writer: self.writer, same }
    }

    fn into_draft(self) -> Result<Draft> {
        let code = code::decode(self.source, self.is_files)?;
        Ok(Draft { code, revision: self.revision, updated_at: self.updated_at })
    }
}

async fn lock(tx: &mut sqlx::PgTransaction<'_>, user: UserId) -> Result<(), DraftError> {
    let found = sqlx::query_scalar!("select id from users where id = $1 for no key update", user.0)
        .fetch_optional(&mut **tx)
        .await?;
    found.map(drop).ok_or(DraftError::UnknownUser)
}

async fn present(tx: &mut sqlx::PgTransaction<'_>, user: UserId, exercise: &ExerciseId) -> Result<Option<Row>> {
    let row = sqlx::query!(
        "select source, source_is_files, revision, writer, writer_seq, updated_at as \"updated_at: Timestamp\"
         from drafts where user_id = $1 and exercise_id = $2",
        user.0,
        exercise.as_str()
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Row {
        source: row.source,
        is_files: row.source_is_files,
        revision: DraftRevision(row.revision),
        writer: row.writer.map(|page| Writer { page, seq: row.writer_seq }),
        updated_at: row.updated_at.to_jiff(),
    }))
}

/// Writes a draft over whatever is there. The answer's code is empty: its caller has it.
async fn write(
    tx: &mut sqlx::PgTransaction<'_>,
    user: UserId,
    exercise: &ExerciseId,
    (source, is_files): (&[u8], bool),
    writer: Option<Writer>,
) -> Result<Draft> {
    let revision = DraftRevision::new();
    let updated_at = sqlx::query_scalar!(
        "insert into drafts (user_id, exercise_id, source, source_is_files, revision, writer, writer_seq)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (user_id, exercise_id) do update set source = excluded.source,
             source_is_files = excluded.source_is_files, revision = excluded.revision, writer = excluded.writer,
             writer_seq = excluded.writer_seq, updated_at = now()
         returning updated_at as \"updated_at: Timestamp\"",
        user.0,
        exercise.as_str(),
        source,
        is_files,
        revision.0,
        writer.map(|writer| writer.page),
        writer.map_or(0, |writer| writer.seq)
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Draft { code: Code::Text(String::new()), revision, updated_at: updated_at.to_jiff() })
}
