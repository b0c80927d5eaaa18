//! Program runs and blocks of lessons: asked for by the site, done by a worker, gone an hour later.

pub mod languages;
mod work;

use std::time::Duration;

use sqlx::types::Json;

pub use work::{
    Claimed, MAX_ATTEMPTS, Reaped, Wanted, Written, add_output, claim, fail, finish, hand_back, purge, reap, renew,
};

use super::{Pool, Result, begin, listen, unexpected};
use crate::domain::ids::RunId;
use crate::domain::program::{Chunk, Stream};

/// What is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunKind {
    /// A whole program.
    Program,
    /// A block of a lesson.
    Block,
    /// Source text that is to be formatted.
    Format,
}

impl RunKind {
    /// The kind as it is written in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Block => "block",
            Self::Format => "format",
        }
    }
}

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct NewRun<'a> {
    /// A program, a block, or text to be formatted.
    pub kind: RunKind,
    /// In which language.
    pub language: &'a str,
    /// The program; anything else as JSON.
    pub code: &'a str,
    /// What is typed on its standard input.
    pub input: &'a str,
    /// Who asks.
    pub requester: &'a str,
    /// Whether output is wanted as it comes.
    pub streams: bool,
    /// How much may wait.
    pub room: Room,
}

/// How much may wait, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Runs of one kind that may wait.
    pub waiting: i64,
    /// Runs that one requester may have waiting or running.
    pub each: i64,
    /// How long a run waits at most for its turn.
    pub wait: Duration,
}

/// Why a run is not accepted. Nothing is stored then.
#[derive(Debug, thiserror::Error)]
pub enum RunRefused {
    /// Too many wait already.
    #[error("{waiting} programs are waiting already")]
    QueueFull {
        /// How many wait.
        waiting: i64,
    },
    /// Too many of this requester's wait or run already.
    #[error("{open} programs of yours are waiting or running already")]
    TooManyOpen {
        /// How many are.
        open: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] super::Error),
}

impl From<sqlx::Error> for RunRefused {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Key of the lock under which runs are counted and added, so that no limit is passed by many who come at once.
const COUNTING: i64 = 0x0041_7468_616e_6f72;

/// Puts a run into the queue.
///
/// # Errors
/// [`RunRefused`] says why it was not.
pub async fn accept(pool: &Pool, new: &NewRun<'_>) -> Result<RunId, RunRefused> {
    let id = RunId::new();
    let mut tx = begin(pool).await?;
    // Nobody is promised anything yet, so nobody waits for the disk.
    sqlx::query!("set local synchronous_commit = off").execute(&mut *tx).await?;
    sqlx::query!("select pg_advisory_xact_lock($1)", COUNTING).execute(&mut *tx).await?;
    let counted = sqlx::query!(
        "select count(*) filter (where kind = $1 and state = 'queued' and expires_at > now()) as \"waiting!\",
             count(*) filter (where requester = $2) as \"open!\"
         from program_runs where state in ('queued', 'running')",
        new.kind.as_str(),
        new.requester
    )
    .fetch_one(&mut *tx)
    .await?;
    if counted.open >= new.room.each {
        return Err(RunRefused::TooManyOpen { open: counted.open });
    }
    if counted.waiting >= new.room.waiting {
        return Err(RunRefused::QueueFull { waiting: counted.waiting });
    }
    sqlx::query!(
        "insert into program_runs (id, kind, language, code, input, requester, streams, state, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, 'queued', now() + make_interval(secs => $8))",
        id.0,
        new.kind.as_str(),
        new.language,
        new.code.as_bytes(),
        new.input.as_bytes(),
        new.requester,
        new.streams,
        new.room.wait.as_secs_f64()
    )
    .execute(&mut *tx)
    .await?;
    listen::notify_new_program(&mut tx).await?;
    tx.commit().await?;
    Ok(id)
}

/// Where a run stands.
#[derive(Debug, Clone, PartialEq)]
pub enum RunState {
    /// It waits; so many are before it.
    Queued {
        /// How many.
        ahead: i64,
    },
    /// A worker has it.
    Running,
    /// It has a result, as JSON.
    Done(serde_json::Value),
    /// We failed.
    Failed,
    /// It was called off.
    Cancelled,
}

impl RunState {
    /// Whether nothing will change any more.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Failed | Self::Cancelled)
    }
}

/// A run as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Where it stands.
    pub state: RunState,
    /// Who asked for it.
    pub requester: String,
    /// The program, or a block as JSON.
    pub code: String,
    /// Which try this is, counted from 1; 0 before the first.
    pub attempt: i32,
    /// Whether its turn did not come in time.
    pub expired: bool,
}

/// Reads a run; `None` when there is none of that id, or none any more.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn find(pool: &Pool, id: RunId) -> Result<Option<Run>> {
    let row = sqlx::query!(
        "select r.state, r.requester, r.code, r.attempts, r.result as \"result: Json<serde_json::Value>\",
             r.state = 'queued' and r.expires_at <= now() as \"expired!\",
             case when r.state = 'queued' then (
                 select count(*) from program_runs o
                 where o.kind = r.kind and o.state = 'queued' and o.expires_at > now() and o.queued_at < r.queued_at)
             else 0 end as \"ahead!\"
         from program_runs r where r.id = $1",
        id.0
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let state = match (row.state.as_str(), row.result) {
        ("queued", _) => RunState::Queued { ahead: row.ahead },
        ("running", _) => RunState::Running,
        ("done", Some(result)) => RunState::Done(result.0),
        ("failed", _) => RunState::Failed,
        ("cancelled", _) => RunState::Cancelled,
        (other, _) => return Err(unexpected("state of a run", other)),
    };
    let code = String::from_utf8(row.code).map_err(|_| unexpected("code of run", id))?;
    Ok(Some(Run { state, requester: row.requester, code, attempt: row.attempts, expired: row.expired }))
}

/// What a run wrote so far in its present attempt, from piece `first` on.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn output(pool: &Pool, id: RunId, attempt: i32, first: i32) -> Result<Vec<Chunk>> {
    let rows = sqlx::query!(
        "select stream, text from program_output where run_id = $1 and attempt = $2 and seq >= $3 order by seq",
        id.0,
        attempt,
        first
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let stream = match row.stream.as_str() {
                "stdout" => Stream::Stdout,
                "stderr" => Stream::Stderr,
                other => return Err(unexpected("stream", other)),
            };
            Ok(Chunk { stream, text: String::from_utf8_lossy(&row.text).into_owned() })
        })
        .collect()
}

/// Calls a run off: whoever wanted it has gone. One that has ended stays as it is.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn cancel(pool: &Pool, id: RunId) -> Result<()> {
    let mut tx = begin(pool).await?;
    let cancelled = sqlx::query!(
        "update program_runs set state = 'cancelled', lease_token = null, lease_until = null, finished_at = now()
         where id = $1 and state in ('queued', 'running')",
        id.0
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if cancelled > 0 {
        listen::notify_program_called_off(&mut tx, id).await?;
        listen::notify_run(&mut tx, id).await?;
    }
    tx.commit().await?;
    Ok(())
}
