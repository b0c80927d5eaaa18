//! Consoles: opened by the site, held by a worker. These rows are all that the two have in common.

mod work;

use std::time::Duration;

pub use work::{Claimed, Held, add, claim, end_held, purge, reap, reason, renew, take};

use super::{Pool, Result, begin, listen, unexpected};
use crate::domain::console::{EndReason, PieceKind, Typed};
use crate::domain::ids::{ConsoleId, UserId};

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct NewConsole<'a> {
    /// Who.
    pub user: UserId,
    /// What it is opened from.
    pub title: &'a str,
    /// The path that leads back there.
    pub back: &'a str,
    /// What it begins with, as JSON.
    pub start: &'a str,
    /// How long it waits for its page to be there.
    pub attach: Duration,
    /// Consoles that may wait for their turn.
    pub waiting: i64,
}

/// Why a console is not opened. Nothing is stored then.
#[derive(Debug, thiserror::Error)]
pub enum OpenRefused {
    /// Too many wait already.
    #[error("{waiting} consoles are waiting already")]
    TooManyWaiting {
        /// How many wait.
        waiting: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] super::Error),
}

impl From<sqlx::Error> for OpenRefused {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Key of the lock under which consoles are counted and added: so that no limit is passed by many who come at once, and one
/// person's two requests do not meet.
const COUNTING: i64 = 0x0041_7468_616e_6f73;

/// Opens a console: it waits for a worker. Another one of the same person ends.
///
/// # Errors
/// [`OpenRefused`] says why not.
pub async fn open(pool: &Pool, new: &NewConsole<'_>) -> Result<ConsoleId, OpenRefused> {
    let id = ConsoleId::new();
    let mut tx = begin(pool).await?;
    sqlx::query!("set local synchronous_commit = off").execute(&mut *tx).await?;
    sqlx::query!("select pg_advisory_xact_lock($1)", COUNTING).execute(&mut *tx).await?;
    // Before their consoles, as a merge and a deletion lock them.
    sqlx::query!("select id from users where id = $1 for key share", new.user.0).fetch_optional(&mut *tx).await?;
    let waiting = sqlx::query_scalar!(
        "select count(*) as \"count!\" from consoles
         where state = 'queued' and attached_until > now() and user_id <> $1",
        new.user.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if waiting >= new.waiting {
        return Err(OpenRefused::TooManyWaiting { waiting });
    }
    end_others(&mut tx, new.user, EndReason::Replaced).await?;
    sqlx::query!(
        "insert into consoles (id, user_id, title, back, start, state, attached_until)
         values ($1, $2, $3, $4, $5, 'queued', now() + make_interval(secs => $6))",
        id.0,
        new.user.0,
        new.title,
        new.back,
        new.start.as_bytes(),
        new.attach.as_secs_f64()
    )
    .execute(&mut *tx)
    .await?;
    listen::notify_consoles(&mut tx, None).await?;
    tx.commit().await?;
    Ok(id)
}

async fn end_others(tx: &mut sqlx::PgTransaction<'_>, user: UserId, reason: EndReason) -> Result<(), sqlx::Error> {
    let ended = sqlx::query_scalar!(
        "update consoles set state = 'ended', reason = $2, ended_at = now(), lease_token = null, lease_until = null,
             start = ''
         where user_id = $1 and state in ('queued', 'running') returning id",
        user.0,
        reason.as_str()
    )
    .fetch_all(&mut **tx)
    .await?;
    for id in ended {
        listen::notify_console(tx, ConsoleId(id)).await?;
    }
    Ok(())
}

/// Where a console stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsoleState {
    /// It waits; so many are before it.
    Queued {
        /// How many.
        ahead: i64,
    },
    /// A worker has it.
    Running,
    /// It is over.
    Ended(EndReason),
}

/// A console as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Console {
    /// What it was opened from.
    pub title: String,
    /// The path that leads back there.
    pub back: String,
    /// Where it stands. One whose worker let its lease run out is lost, whether anybody has noted that or not.
    pub state: ConsoleState,
}

/// Reads a console of this person; `None` when they have none of that id, or not any more.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn find(pool: &Pool, id: ConsoleId, user: UserId) -> Result<Option<Console>> {
    let row = sqlx::query!(
        "select c.title, c.back, c.state, c.reason, c.state = 'running' and c.lease_until < now() as \"lost!\",
             case when c.state = 'queued' then (
                 select count(*) from consoles o
                 where o.state = 'queued' and o.attached_until > now() and o.opened_at < c.opened_at)
             else 0 end as \"ahead!\"
         from consoles c where c.id = $1 and c.user_id = $2",
        id.0,
        user.0
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let state = match (row.state.as_str(), row.reason.as_deref()) {
        ("queued", _) => ConsoleState::Queued { ahead: row.ahead },
        ("running", _) if row.lost => ConsoleState::Ended(EndReason::Lost),
        ("running", _) => ConsoleState::Running,
        ("ended", Some(reason)) => {
            ConsoleState::Ended(EndReason::named(reason).ok_or_else(|| unexpected("end of a console", reason))?)
        }
        (other, _) => return Err(unexpected("state of a console", other)),
    };
    Ok(Some(Console { title: row.title, back: row.back, state }))
}

/// A piece of what is shown, with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// Its number; they grow.
    pub seq: i32,
    /// What it is.
    pub kind: PieceKind,
    /// Its text.
    pub text: String,
}

/// What is shown at a console after the piece of this number, at most so many of them.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn pieces(pool: &Pool, id: ConsoleId, after: i32, most: i64) -> Result<Vec<Numbered>> {
    let rows = sqlx::query!(
        "select seq, kind, text from console_pieces where console_id = $1 and seq > $2 order by seq limit $3",
        id.0,
        after,
        most
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(|row| numbered(row.seq, &row.kind, &row.text)).collect()
}

/// The newest pieces of what is shown at a console after the piece of this number: of so many bytes, and the one that
/// passes them.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn newest(pool: &Pool, id: ConsoleId, after: i32, bytes: i64) -> Result<Vec<Numbered>> {
    let rows = sqlx::query!(
        "select seq as \"seq!\", kind as \"kind!\", text as \"text!\" from (
             select seq, kind, text, sum(length(text)) over (order by seq desc) - length(text) as newer
             from console_pieces where console_id = $1 and seq > $2) p
         where newer < $3 order by seq",
        id.0,
        after,
        bytes
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(|row| numbered(row.seq, &row.kind, &row.text)).collect()
}

fn numbered(seq: i32, kind: &str, text: &[u8]) -> Result<Numbered> {
    let kind = PieceKind::named(kind).ok_or_else(|| unexpected("piece of a console", kind))?;
    Ok(Numbered { seq, kind, text: String::from_utf8_lossy(text).into_owned() })
}

/// The number of the last piece that is shown; 0 when there is none.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn last(pool: &Pool, id: ConsoleId) -> Result<i32> {
    let last =
        sqlx::query_scalar!("select max(seq) from console_pieces where console_id = $1", id.0).fetch_one(pool).await?;
    Ok(last.unwrap_or(0))
}

/// What became of something that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It is on its way.
    Taken,
    /// So much is on its way already that it was not taken.
    TooMuch,
    /// The console is over, or there is none of that id.
    Over,
}

/// Types something at a console. It may wait for its worker.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn say(pool: &Pool, id: ConsoleId, user: UserId, typed: &Typed, waiting: i64) -> Result<Said> {
    let text = match typed {
        Typed::Lines(lines) => lines.as_bytes(),
        Typed::Interrupt => &[],
    };
    let mut tx = begin(pool).await?;
    sqlx::query!("set local synchronous_commit = off").execute(&mut *tx).await?;
    // Locked, so that nothing is added to a console that ends meanwhile, and the count holds.
    let open = sqlx::query_scalar!(
        "select id from consoles where id = $1 and user_id = $2 and state in ('queued', 'running') for update",
        id.0,
        user.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    if open.is_none() {
        return Ok(Said::Over);
    }
    let added = sqlx::query!(
        "insert into console_inputs (console_id, kind, text)
         select $1, $2, $3 where (select count(*) from console_inputs where console_id = $1) < $4",
        id.0,
        typed.kind(),
        text,
        waiting
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if added == 0 {
        return Ok(Said::TooMuch);
    }
    listen::notify_consoles(&mut tx, Some(id)).await?;
    tx.commit().await?;
    Ok(Said::Taken)
}

/// Somebody is there, for so long at least.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn attach(pool: &Pool, id: ConsoleId, user: UserId, span: Duration) -> Result<()> {
    sqlx::query!(
        "update consoles set attached_until = greatest(attached_until, now() + make_interval(secs => $3))
         where id = $1 and user_id = $2 and state in ('queued', 'running')",
        id.0,
        user.0,
        span.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Whoever was there has gone, and may come back within so long.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn leave(pool: &Pool, id: ConsoleId, grace: Duration) -> Result<()> {
    sqlx::query!(
        "update consoles set attached_until = now() + make_interval(secs => $2)
         where id = $1 and state in ('queued', 'running')",
        id.0,
        grace.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Ends a console of this person. One that has ended stays as it is.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn end(pool: &Pool, id: ConsoleId, user: UserId, reason: EndReason) -> Result<()> {
    let mut tx = begin(pool).await?;
    let ended = sqlx::query!(
        "update consoles set state = 'ended', reason = $3, ended_at = now(), lease_token = null, lease_until = null,
             start = ''
         where id = $1 and user_id = $2 and state in ('queued', 'running')",
        id.0,
        user.0,
        reason.as_str()
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if ended > 0 {
        listen::notify_console(&mut tx, id).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Ends whatever console this person has.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn end_all_of(pool: &Pool, user: UserId, reason: EndReason) -> Result<()> {
    let mut tx = begin(pool).await?;
    end_others(&mut tx, user, reason).await?;
    tx.commit().await?;
    Ok(())
}
