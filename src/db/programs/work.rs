//! What workers do to program runs: the row is the queue, a lease and its token guard each write.

use std::time::Duration;

use uuid::Uuid;

use super::RunKind;
use crate::db::{Pool, Result, begin, listen, unexpected};
use crate::domain::ids::RunId;
use crate::domain::program::Chunk;

/// Tries of a run, the first included: who waits for one sits before it.
pub const MAX_ATTEMPTS: i32 = 2;

/// A run that a worker holds.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The run.
    pub id: RunId,
    /// In which language.
    pub language: String,
    /// The program, or a block as JSON.
    pub code: String,
    /// What is typed on its standard input.
    pub input: String,
    /// Whether somebody reads the output as it comes.
    pub streams: bool,
    /// Which try this is, counted from 1.
    pub attempt: i32,
    /// What every write must show.
    pub lease: Uuid,
    /// How long it waited, in milliseconds, by the database's clock.
    pub waited_ms: i64,
}

/// What a worker can take.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Programs, blocks, or text to be formatted.
    pub kind: RunKind,
    /// The languages it has.
    pub languages: &'a [String],
    /// What the rows and logs call it.
    pub worker: &'a str,
    /// How long it holds a run without a sign of life.
    pub lease: Duration,
}

/// Takes the next run, if there is one: of somebody who has none running first, then the oldest. No program is taken
/// while a learner's grading waits.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn claim(pool: &Pool, wanted: Wanted<'_>) -> Result<Option<Claimed>> {
    let token = Uuid::new_v4();
    let mut tx = begin(pool).await?;
    sqlx::query!("set local synchronous_commit = off").execute(&mut *tx).await?;
    let row = sqlx::query!(
        "with next as (
             select r.id from program_runs r
             where r.kind = $1 and r.state = 'queued' and r.expires_at > now() and r.language = any($2)
               and ($1 <> 'program' or not exists (
                   select 1 from gradings g
                   where g.state = 'queued' and g.run_after <= now() and g.reason <> 'regrade'
                     and not exists (
                         select 1 from gradings o
                         where o.user_id = g.user_id and o.state = 'running' and o.reason <> 'regrade')))
             order by exists (
                 select 1 from program_runs o where o.requester = r.requester and o.state = 'running'), r.queued_at
             limit 1
             for update of r skip locked
         )
         update program_runs r
         set state = 'running', attempts = r.attempts + 1, lease_token = $3, worker = $4, started_at = now(),
             lease_until = now() + make_interval(secs => $5)
         from next where r.id = next.id
         returning r.id, r.language, r.code, r.input, r.streams, r.attempts,
             (extract(epoch from clock_timestamp() - r.queued_at) * 1000)::bigint as \"waited_ms!\"",
        wanted.kind.as_str(),
        wanted.languages,
        token,
        wanted.worker,
        wanted.lease.as_secs_f64()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    listen::notify_run(&mut tx, RunId(row.id)).await?;
    tx.commit().await?;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|_| unexpected("text of run", row.id));
    Ok(Some(Claimed {
        id: RunId(row.id),
        language: row.language,
        code: text(row.code)?,
        input: text(row.input)?,
        streams: row.streams,
        attempt: row.attempts,
        lease: token,
        waited_ms: row.waited_ms,
    }))
}

/// Keeps a lease from running out. Answers `false` when it is lost already, or the run was called off.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn renew(pool: &Pool, claimed: &Claimed, lease: Duration) -> Result<bool> {
    let renewed = sqlx::query!(
        "update program_runs set lease_until = now() + make_interval(secs => $3) where id = $1 and lease_token = $2",
        claimed.id.0,
        claimed.lease,
        lease.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Whether a write was made, or refused because the run is somebody else's now, or nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It was made.
    Yes,
    /// The lease was lost: nothing was written.
    LeaseLost,
}

/// Adds pieces of output, in order, if the lease still holds. `first` is the number of the first one.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn add_output(pool: &Pool, claimed: &Claimed, first: i32, chunks: &[Chunk]) -> Result<Written> {
    let mut tx = begin(pool).await?;
    sqlx::query!("set local synchronous_commit = off").execute(&mut *tx).await?;
    let numbers: Vec<i32> = (first..).take(chunks.len()).collect();
    let streams: Vec<String> = chunks.iter().map(|chunk| chunk.stream.as_str().to_owned()).collect();
    let texts: Vec<Vec<u8>> = chunks.iter().map(|chunk| chunk.text.clone().into_bytes()).collect();
    let added = sqlx::query!(
        "insert into program_output (run_id, attempt, seq, stream, text)
         select $1, $3, c.seq, c.stream, c.text from unnest($4::int[], $5::text[], $6::bytea[]) as c (seq, stream, text)
         where exists (select 1 from program_runs where id = $1 and lease_token = $2 for key share)",
        claimed.id.0,
        claimed.lease,
        claimed.attempt,
        &numbers,
        &streams,
        &texts
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if added == 0 {
        return Ok(Written::LeaseLost);
    }
    listen::notify_run(&mut tx, claimed.id).await?;
    tx.commit().await?;
    Ok(Written::Yes)
}

/// Writes a result, if the lease still holds.
///
/// # Errors
/// [`crate::db::Error`] when the database fails; nothing is written then.
pub async fn finish(pool: &Pool, claimed: &Claimed, result: &serde_json::Value) -> Result<Written> {
    let mut tx = begin(pool).await?;
    sqlx::query!("set local synchronous_commit = off").execute(&mut *tx).await?;
    let changed = sqlx::query!(
        "update program_runs
         set state = 'done', result = $3::text::json, lease_token = null, lease_until = null, finished_at = clock_timestamp()
         where id = $1 and lease_token = $2 and state = 'running'",
        claimed.id.0,
        claimed.lease,
        // As text: sqlx says of JSON that it is jsonb, which refuses a NUL.
        result.to_string()
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    close(tx, claimed, changed).await
}

/// Notes that we failed for good.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn fail(pool: &Pool, claimed: &Claimed, fault: &str) -> Result<Written> {
    let mut tx = begin(pool).await?;
    let changed = sqlx::query!(
        "update program_runs
         set state = 'failed', fault = $3, lease_token = null, lease_until = null, finished_at = clock_timestamp()
         where id = $1 and lease_token = $2 and state = 'running'",
        claimed.id.0,
        claimed.lease,
        fault
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    close(tx, claimed, changed).await
}

/// Hands a run back, to be taken again.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn hand_back(pool: &Pool, claimed: &Claimed) -> Result<Written> {
    let mut tx = begin(pool).await?;
    let changed = sqlx::query!(
        "update program_runs set state = 'queued', lease_token = null, lease_until = null, worker = null,
             expires_at = greatest(expires_at, now() + interval '10 seconds')
         where id = $1 and lease_token = $2 and state = 'running'",
        claimed.id.0,
        claimed.lease
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    listen::notify_new_program(&mut tx).await?;
    close(tx, claimed, changed).await
}

async fn close(mut tx: sqlx::PgTransaction<'_>, claimed: &Claimed, changed: u64) -> Result<Written> {
    if changed == 0 {
        return Ok(Written::LeaseLost);
    }
    listen::notify_run(&mut tx, claimed.id).await?;
    tx.commit().await?;
    Ok(Written::Yes)
}

/// What the reaper found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reaped {
    /// Runs whose worker vanished and that wait again.
    pub requeued: u64,
    /// Runs that used up their tries, or whose turn did not come in time.
    pub given_up: u64,
}

/// Takes runs from workers that let their lease run out, and gives up those whose turn did not come in time.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn reap(pool: &Pool) -> Result<Reaped> {
    let mut tx = begin(pool).await?;
    let given_up = sqlx::query_scalar!(
        "update program_runs
         set state = 'failed', lease_token = null, lease_until = null, finished_at = now(),
             fault = case when state = 'queued' then 'its turn did not come in time'
                     else 'the machine that ran this stopped in the middle of it' end
         where (state = 'running' and lease_until < now() and attempts >= $1)
            or (state = 'queued' and expires_at <= now())
         returning id",
        MAX_ATTEMPTS
    )
    .fetch_all(&mut *tx)
    .await?;
    let requeued = sqlx::query_scalar!(
        "update program_runs set state = 'queued', lease_token = null, lease_until = null, worker = null,
             expires_at = greatest(expires_at, now() + interval '10 seconds')
         where state = 'running' and lease_until < now()
         returning id"
    )
    .fetch_all(&mut *tx)
    .await?;
    for id in given_up.iter().chain(&requeued) {
        listen::notify_run(&mut tx, RunId(*id)).await?;
    }
    if !requeued.is_empty() {
        listen::notify_new_program(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(Reaped { requeued: requeued.len() as u64, given_up: given_up.len() as u64 })
}

/// Removes runs that are older than this, with all that belongs to them.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn purge(pool: &Pool, older_than: Duration) -> Result<u64> {
    let purged = sqlx::query!(
        "delete from program_runs
         where queued_at < now() - make_interval(secs => $1) and state not in ('queued', 'running')",
        older_than.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(purged.rows_affected())
}
