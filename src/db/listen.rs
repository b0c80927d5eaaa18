//! Notifications. They are hints that carry ids only: the row is the truth.

use sqlx::postgres::PgListener;

use super::{Pool, Result};
use crate::domain::ids::{RunId, SubmissionId};

/// Says that the queue holds something new.
const QUEUE: &str = "athanor_queue";
/// Says that a submission's row changed; the payload is its id.
const SUBMISSIONS: &str = "athanor_submissions";

/// Says to workers that a program run was asked for, or was called off; the payload is then its id.
const PROGRAMS: &str = "athanor_programs";

/// Opens a listener for program runs that are asked for (no payload) or called off (their ids).
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn programs(pool: &Pool) -> Result<PgListener> {
    open(pool, PROGRAMS).await
}

/// Opens a listener for new work.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn queue(pool: &Pool) -> Result<PgListener> {
    open(pool, QUEUE).await
}

/// Opens a listener for changes of submissions. `PgListener::try_recv` answers `None` after it reconnected: whatever
/// was sent meanwhile is lost, so every watcher reads its row again.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn submissions(pool: &Pool) -> Result<PgListener> {
    open(pool, SUBMISSIONS).await
}

async fn open(pool: &Pool, channel: &str) -> Result<PgListener> {
    let mut listener = PgListener::connect_with(pool).await?;
    // The pool's connections serve requests; this one is the listener's own for as long as it lives.
    listener.ignore_pool_close_event(true);
    listener.listen(channel).await?;
    Ok(listener)
}

pub(super) async fn notify_queue(tx: &mut sqlx::PgTransaction<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_notify($1, '')", QUEUE).execute(&mut **tx).await?;
    Ok(())
}

pub(super) async fn notify_submission(tx: &mut sqlx::PgTransaction<'_>, id: SubmissionId) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_notify($1, $2)", SUBMISSIONS, id.to_string()).execute(&mut **tx).await?;
    Ok(())
}

pub(super) async fn notify_new_program(tx: &mut sqlx::PgTransaction<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_notify($1, '')", PROGRAMS).execute(&mut **tx).await?;
    Ok(())
}

pub(super) async fn notify_program_called_off(tx: &mut sqlx::PgTransaction<'_>, id: RunId) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_notify($1, $2)", PROGRAMS, id.to_string()).execute(&mut **tx).await?;
    Ok(())
}

/// Whoever watches a run hears of it as whoever watches a submission does: no two rows have the same id.
pub(super) async fn notify_run(tx: &mut sqlx::PgTransaction<'_>, id: RunId) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_notify($1, $2)", SUBMISSIONS, id.to_string()).execute(&mut **tx).await?;
    Ok(())
}
