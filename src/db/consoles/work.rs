//! What workers do to consoles: a lease and its token guard each write, as they do for gradings.

use std::time::Duration;

use uuid::Uuid;

use crate::db::{Pool, Result, begin, listen, unexpected};
use crate::domain::console::{EndReason, Piece, Start, Typed};
use crate::domain::ids::ConsoleId;

/// A console that a worker holds.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Which one.
    pub id: ConsoleId,
    /// What it begins with.
    pub start: Start,
    /// What every write must show.
    pub lease: Uuid,
    /// How long it waited, in milliseconds, by the database's clock.
    pub waited_ms: i64,
}

/// Takes the console that has waited longest, if somebody still waits for one.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn claim(pool: &Pool, worker: &str, lease: Duration) -> Result<Option<Claimed>> {
    let token = Uuid::new_v4();
    let mut tx = begin(pool).await?;
    sqlx::query!("set local synchronous_commit = off").execute(&mut *tx).await?;
    let row = sqlx::query!(
        "with next as (
             select id from consoles where state = 'queued' and attached_until > now()
             order by opened_at limit 1 for update skip locked
         )
         update consoles c
         set state = 'running', lease_token = $1, worker = $2, started_at = now(),
             lease_until = now() + make_interval(secs => $3)
         from next where c.id = next.id
         returning c.id, c.start, (extract(epoch from clock_timestamp() - c.opened_at) * 1000)::bigint as \"waited_ms!\"",
        token,
        worker,
        lease.as_secs_f64()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    listen::notify_console(&mut tx, ConsoleId(row.id)).await?;
    tx.commit().await?;
    let start = serde_json::from_slice(&row.start).map_err(|error| unexpected("start of a console", error))?;
    Ok(Some(Claimed { id: ConsoleId(row.id), start, lease: token, waited_ms: row.waited_ms }))
}

/// What a worker finds when it renews its lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Somebody is there.
    Attended,
    /// Nobody is there any more.
    Left,
    /// The console is over, or it is another's.
    Lost,
}

/// Keeps a lease from running out.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn renew(pool: &Pool, claimed: &Claimed, lease: Duration) -> Result<Held> {
    let attended = sqlx::query_scalar!(
        "update consoles set lease_until = now() + make_interval(secs => $3)
         where id = $1 and lease_token = $2 returning attached_until > now() as \"attended!\"",
        claimed.id.0,
        claimed.lease,
        lease.as_secs_f64()
    )
    .fetch_optional(pool)
    .await?;
    Ok(match attended {
        Some(true) => Held::Attended,
        Some(false) => Held::Left,
        None => Held::Lost,
    })
}

/// Takes what was typed, in its order, at most so much of it; `None` when the console is over.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn take(pool: &Pool, claimed: &Claimed, most: i64) -> Result<Option<Vec<Typed>>> {
    let mut tx = begin(pool).await?;
    sqlx::query!("set local synchronous_commit = off").execute(&mut *tx).await?;
    let open = sqlx::query_scalar!(
        "select id from consoles where id = $1 and lease_token = $2 for update",
        claimed.id.0,
        claimed.lease
    )
    .fetch_optional(&mut *tx)
    .await?;
    if open.is_none() {
        return Ok(None);
    }
    let mut rows = sqlx::query!(
        "delete from console_inputs
         where id in (select id from console_inputs where console_id = $1 order by id limit $2)
         returning id, kind, text",
        claimed.id.0,
        most
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    rows.sort_by_key(|row| row.id);
    let typed = rows.into_iter().map(|row| match row.kind.as_str() {
        "interrupt" => Typed::Interrupt,
        _ => Typed::Lines(String::from_utf8_lossy(&row.text).into_owned()),
    });
    Ok(Some(typed.collect()))
}

/// Adds pieces to what is shown if the lease still holds, which it answers; `first` is the number of the first one. Only
/// the last `keep` pieces are kept.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn add(pool: &Pool, claimed: &Claimed, first: i32, pieces: &[Piece], keep: i32) -> Result<bool> {
    let numbers: Vec<i32> = (first..).take(pieces.len()).collect();
    let kinds: Vec<String> = pieces.iter().map(|piece| piece.kind.as_str().to_owned()).collect();
    let texts: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.text.as_bytes().to_vec()).collect();
    let mut tx = begin(pool).await?;
    // What is lost with the database's last moments is lost with the console, too.
    sqlx::query!("set local synchronous_commit = off").execute(&mut *tx).await?;
    let added = sqlx::query!(
        "insert into console_pieces (console_id, seq, kind, text)
         select c.id, p.seq, p.kind, p.text
         from consoles c, unnest($3::int[], $4::text[], $5::bytea[]) as p (seq, kind, text)
         where c.id = $1 and c.lease_token = $2",
        claimed.id.0,
        claimed.lease,
        &numbers,
        &kinds,
        &texts
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if added == 0 {
        return Ok(false);
    }
    let last = numbers.last().copied().unwrap_or(first);
    sqlx::query!("delete from console_pieces where console_id = $1 and seq <= $2", claimed.id.0, last - keep)
        .execute(&mut *tx)
        .await?;
    listen::notify_console_watchers(&mut tx, claimed.id).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends a console that this worker holds.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn end_held(pool: &Pool, claimed: &Claimed, reason: EndReason) -> Result<()> {
    let mut tx = begin(pool).await?;
    let ended = sqlx::query!(
        "update consoles set state = 'ended', reason = $3, ended_at = now(), lease_token = null, lease_until = null,
             start = ''
         where id = $1 and lease_token = $2",
        claimed.id.0,
        claimed.lease,
        reason.as_str()
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if ended > 0 {
        listen::notify_console_watchers(&mut tx, claimed.id).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Why a console ended; `None` when it is open, or not there any more.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn reason(pool: &Pool, id: ConsoleId) -> Result<Option<EndReason>> {
    let reason = sqlx::query_scalar!("select reason from consoles where id = $1", id.0).fetch_optional(pool).await?;
    let reason = reason.flatten();
    reason.map(|name| EndReason::named(&name).ok_or_else(|| unexpected("reason", name))).transpose()
}

/// Ends consoles whose worker let its lease run out, and those that wait for a worker and have nobody who waits for them.
/// Answers how many were lost.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn reap(pool: &Pool) -> Result<u64> {
    let mut tx = begin(pool).await?;
    let ended = sqlx::query!(
        "update consoles
         set reason = case when state = 'running' then 'lost' else 'left' end, state = 'ended', ended_at = now(),
             lease_token = null, lease_until = null, start = ''
         where (state = 'running' and lease_until < now()) or (state = 'queued' and attached_until < now())
         returning id, reason as \"reason!\""
    )
    .fetch_all(&mut *tx)
    .await?;
    for row in &ended {
        listen::notify_console(&mut tx, ConsoleId(row.id)).await?;
    }
    tx.commit().await?;
    Ok(ended.iter().filter(|row| row.reason == "lost").count() as u64)
}

/// Removes consoles that ended longer ago than this, with all that was said in them.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn purge(pool: &Pool, older_than: Duration) -> Result<u64> {
    let purged = sqlx::query!(
        "delete from consoles where state = 'ended' and ended_at < now() - make_interval(secs => $1)",
        older_than.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(purged.rows_affected())
}
