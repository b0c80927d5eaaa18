//! Versions beside a draft: what was pushed aside without its owner having seen it, until the owner chooses.

use jiff_sqlx::{Timestamp, ToSqlx as _};

use super::{Draft, DraftError, Pool, Row, begin, code, lock, present, unexpected, write};
use crate::db::Result;
use crate::domain::code::Code;
use crate::domain::draft::{self, Basis, Change, Joined, MAX_OTHERS, Reason};
use crate::domain::ids::{DraftOtherId, DraftRevision, ExerciseId, UserId};

/// A version that is kept beside a draft.
#[derive(Debug, Clone)]
pub struct Other {
    /// Its id.
    pub id: DraftOtherId,
    /// Of which exercise.
    pub exercise: ExerciseId,
    /// The code.
    pub code: Code,
    /// Why it is kept.
    pub reason: Reason,
    /// When it was last changed as a draft.
    pub written_at: jiff::Timestamp,
}

/// Versions that are kept for somebody beside the drafts of these exercises, newest first.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn others_of(pool: &Pool, user: UserId, exercises: &[ExerciseId]) -> Result<Vec<Other>> {
    let ids: Vec<String> = exercises.iter().map(|id| id.as_str().to_owned()).collect();
    let rows = sqlx::query!(
        "select id, exercise_id, source, source_is_files, reason, written_at as \"written_at: Timestamp\"
         from draft_others where user_id = $1 and exercise_id = any($2) order by id desc",
        user.0,
        &ids
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Other {
                id: DraftOtherId(row.id),
                exercise: ExerciseId::parse(&row.exercise_id).map_err(|_| unexpected("exercise", &row.exercise_id))?,
                code: code::decode(row.source, row.source_is_files)?,
                reason: Reason::parse(&row.reason).ok_or_else(|| unexpected("reason", &row.reason))?,
                written_at: row.written_at.to_jiff(),
            })
        })
        .collect()
}

/// Makes this code the draft whatever is there; that is kept beside it.
///
/// # Errors
/// [`DraftError::UnknownUser`].
pub async fn restore(pool: &Pool, user: UserId, exercise: &ExerciseId, new: &Code) -> Result<Draft, DraftError> {
    let (source, is_files) = code::encode(new)?;
    let mut tx = begin(pool).await?;
    lock(&mut tx, user).await?;
    let draft = replace(&mut tx, user, exercise, (&source, is_files), Reason::Restored).await?;
    tx.commit().await?;
    Ok(Draft { code: new.clone(), ..draft })
}

/// Makes a version the draft; what was the draft is kept in its place.
///
/// # Errors
/// [`DraftError::UnknownOther`] when it is not this person's.
pub async fn take(pool: &Pool, user: UserId, exercise: &ExerciseId, other: DraftOtherId) -> Result<Draft, DraftError> {
    let mut tx = begin(pool).await?;
    lock(&mut tx, user).await?;
    let taken = sqlx::query!(
        "delete from draft_others where id = $1 and user_id = $2 and exercise_id = $3
         returning source, source_is_files",
        other.0,
        user.0,
        exercise.as_str()
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(DraftError::UnknownOther)?;
    let code = (taken.source.as_slice(), taken.source_is_files);
    let draft = replace(&mut tx, user, exercise, code, Reason::Restored).await?;
    tx.commit().await?;
    Ok(Draft { code: code::decode(taken.source, taken.source_is_files)?, ..draft })
}

/// Keeps code beside the draft that its writer gave up for the draft.
///
/// # Errors
/// [`DraftError::UnknownUser`].
pub async fn keep_beside(
    pool: &Pool,
    user: UserId,
    exercise: &ExerciseId,
    code: &Code,
    now: jiff::Timestamp,
) -> Result<(), DraftError> {
    let (source, is_files) = code::encode(code)?;
    let mut tx = begin(pool).await?;
    lock(&mut tx, user).await?;
    let there = present(&mut tx, user, exercise).await?;
    if there.as_ref().is_none_or(|there| !there.against(&source, is_files).same) {
        let given_up = Row {
            source: source.into_owned(),
            is_files,
            revision: DraftRevision::new(),
            writer: None,
            updated_at: now,
        };
        put_aside(&mut tx, user, exercise, Some(&given_up), Reason::Restored).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Lets a version go; answers whether it was there.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn drop_other(pool: &Pool, user: UserId, exercise: &ExerciseId, other: DraftOtherId) -> Result<bool> {
    let gone = sqlx::query!(
        "delete from draft_others where id = $1 and user_id = $2 and exercise_id = $3",
        other.0,
        user.0,
        exercise.as_str()
    )
    .execute(pool)
    .await?;
    Ok(gone.rows_affected() == 1)
}

/// Makes what was sent the draft, as a part of the transaction that accepts it, whose caller holds the lock on the person's
/// row. A draft that it was not based on is kept beside it: sending is never refused for a draft's sake.
pub(in crate::db) async fn sent(
    tx: &mut sqlx::PgTransaction<'_>,
    user: UserId,
    exercise: &ExerciseId,
    (source, is_files): (&[u8], bool),
    basis: Basis,
) -> Result<()> {
    let there = present(tx, user, exercise).await?;
    match draft::decide(there.as_ref().map(|there| there.against(source, is_files)), basis) {
        // It is as new as what was sent, be it the same or a later word of the same page: so it stays what the editors show.
        Change::Kept => {
            sqlx::query!(
                "update drafts set updated_at = now() where user_id = $1 and exercise_id = $2",
                user.0,
                exercise.as_str()
            )
            .execute(&mut **tx)
            .await?;
            return Ok(());
        }
        Change::Written => {}
        Change::Conflict => put_aside(tx, user, exercise, there.as_ref(), Reason::Sent).await?,
    }
    write(tx, user, exercise, (source, is_files), basis.writer).await?;
    Ok(())
}

async fn replace(
    tx: &mut sqlx::PgTransaction<'_>,
    user: UserId,
    exercise: &ExerciseId,
    (source, is_files): (&[u8], bool),
    reason: Reason,
) -> Result<Draft> {
    let there = present(tx, user, exercise).await?;
    if let Some(there) = &there
        && there.against(source, is_files).same
    {
        return Ok(Draft { code: Code::Text(String::new()), revision: there.revision, updated_at: there.updated_at });
    }
    put_aside(tx, user, exercise, there.as_ref(), reason).await?;
    write(tx, user, exercise, (source, is_files), None).await
}

/// Keeps a draft that is about to be replaced, unless it was sent once and so is kept among the attempts, or there is nothing
/// in it.
async fn put_aside(
    tx: &mut sqlx::PgTransaction<'_>,
    user: UserId,
    exercise: &ExerciseId,
    there: Option<&Row>,
    reason: Reason,
) -> Result<()> {
    let Some(there) = there.filter(|there| !there.source.is_empty()) else { return Ok(()) };
    sqlx::query!(
        "insert into draft_others (id, user_id, exercise_id, source, source_is_files, reason, written_at)
         select $1, $2, $3, $4, $5, $6, $7
         where not exists (
             select 1 from submissions where user_id = $2 and exercise_id = $3 and source_is_files = $5 and source = $4)
           and not exists (
             select 1 from draft_others where user_id = $2 and exercise_id = $3 and source_is_files = $5 and source = $4)",
        DraftOtherId::new().0,
        user.0,
        exercise.as_str(),
        there.source,
        there.is_files,
        reason.as_str(),
        there.updated_at.to_sqlx() as Timestamp
    )
    .execute(&mut **tx)
    .await?;
    prune(tx, user).await
}

/// Takes the oldest versions where there are more than are kept.
async fn prune(tx: &mut sqlx::PgTransaction<'_>, user: UserId) -> Result<()> {
    sqlx::query!(
        "delete from draft_others where id in (
             select id from (
                 select id, row_number() over (partition by exercise_id order by id desc) as nth
                 from draft_others where user_id = $1) counted
             where nth > $2)",
        user.0,
        MAX_OTHERS
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Brings a guest's drafts to an account, as a part of the transaction that moves everything else. Where both have one the
/// newer is the draft, and the other one is kept beside it.
pub(in crate::db) async fn merge(tx: &mut sqlx::PgTransaction<'_>, guest: UserId, account: UserId) -> Result<()> {
    sqlx::query_scalar!("select id from users where id = $1 for no key update", account.0)
        .fetch_optional(&mut **tx)
        .await?;
    let both = sqlx::query!(
        "select g.exercise_id, g.updated_at as \"guest: Timestamp\", a.updated_at as \"account: Timestamp\",
             g.source = a.source and g.source_is_files = a.source_is_files as \"same!\"
         from drafts g join drafts a on a.exercise_id = g.exercise_id and a.user_id = $2
         where g.user_id = $1",
        guest.0,
        account.0
    )
    .fetch_all(&mut **tx)
    .await?;
    for pair in both {
        let joined = draft::join(pair.guest.to_jiff(), pair.account.to_jiff(), pair.same);
        let (kept, aside) = match joined {
            Joined::Guest => (guest, account),
            Joined::Account | Joined::Alike => (account, guest),
        };
        if joined != Joined::Alike {
            sqlx::query!(
                "insert into draft_others (id, user_id, exercise_id, source, source_is_files, reason, written_at)
                 select $1, $2, exercise_id, source, source_is_files, $3, updated_at
                 from drafts where user_id = $4 and exercise_id = $5 and source <> ''",
                DraftOtherId::new().0,
                account.0,
                Reason::Merged.as_str(),
                aside.0,
                pair.exercise_id
            )
            .execute(&mut **tx)
            .await?;
        }
        sqlx::query!("delete from drafts where user_id = $1 and exercise_id = $2", aside.0, pair.exercise_id)
            .execute(&mut **tx)
            .await?;
        sqlx::query!(
            "update drafts set user_id = $2 where user_id = $1 and exercise_id = $3",
            kept.0,
            account.0,
            pair.exercise_id
        )
        .execute(&mut **tx)
        .await?;
    }
    sqlx::query!("update drafts set user_id = $2 where user_id = $1", guest.0, account.0).execute(&mut **tx).await?;
    sqlx::query!("update draft_others set user_id = $2 where user_id = $1", guest.0, account.0)
        .execute(&mut **tx)
        .await?;
    prune(tx, account).await
}
