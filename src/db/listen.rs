//! Notifications. They are hints that carry ids only: the row is the truth.

use sqlx::postgres::PgListener;

use super::{Pool, Result};
use crate::domain::ids::{ConsoleId, GradingId, RunId, SubmissionId};

/// Says that the queue holds something new.
const QUEUE: &str = "athanor_queue";
/// Says that a submission's row changed; the payload is its id.
const SUBMISSIONS: &str = "athanor_submissions";
/// Says that a grading was taken from its worker; the payload is its id.
const TAKEN_AWAY: &str = "athanor_taken_away";

/// Says to workers that a program run was asked for, or was called off; the payload is then its id.
const PROGRAMS: &str = "athanor_programs";

/// Says to workers that a console waits, or that something was done at one; the payload is then its id.
const CONSOLES: &str = "athanor_consoles";

/// Opens a listener for consoles that wait (no payload), or at which something was done (their ids).
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn consoles(pool: &Pool) -> Result<Hints> {
    Ok(Hints(open(pool, &[CONSOLES]).await?))
}

/// Opens a listener for program runs that are asked for (no payload) or called off (their ids).
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn programs(pool: &Pool) -> Result<Hints> {
    Ok(Hints(open(pool, &[PROGRAMS]).await?))
}

/// A listener for hints of one kind.
#[derive(Debug)]
pub struct Hints(PgListener);

impl Hints {
    /// Waits for the next one and answers what it says; `None` after a reconnection: some may have been missed.
    ///
    /// # Errors
    /// [`super::Error`] when the connection is gone for good.
    pub async fn next(&mut self) -> Result<Option<String>> {
        Ok(self.0.try_recv().await?.map(|notification| notification.payload().to_owned()))
    }
}

/// What a worker hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToWorkers {
    /// The queue holds something new.
    Work,
    /// A grading is not to be gone on with.
    TakenAway(GradingId),
    /// Something may have been missed: both of the above may have happened.
    Missed,
}

/// A listener for what workers hear.
#[derive(Debug)]
pub struct WorkerListener(PgListener);

impl WorkerListener {
    /// Waits for the next hint.
    ///
    /// # Errors
    /// [`super::Error`] when the connection is gone for good.
    pub async fn next(&mut self) -> Result<ToWorkers> {
        // `None` is a reconnection.
        let Some(notification) = self.0.try_recv().await? else { return Ok(ToWorkers::Missed) };
        if notification.channel() == QUEUE {
            return Ok(ToWorkers::Work);
        }
        Ok(notification.payload().parse().map_or(ToWorkers::Missed, ToWorkers::TakenAway))
    }
}

/// Opens a listener for workers.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn workers(pool: &Pool) -> Result<WorkerListener> {
    Ok(WorkerListener(open(pool, &[QUEUE, TAKEN_AWAY]).await?))
}

/// Opens a listener for changes of submissions. `PgListener::try_recv` answers `None` after it reconnected: whatever
/// was sent meanwhile is lost, so every watcher reads its row again.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn submissions(pool: &Pool) -> Result<PgListener> {
    open(pool, &[SUBMISSIONS]).await
}

async fn open(pool: &Pool, channels: &[&str]) -> Result<PgListener> {
    let mut listener = PgListener::connect_with(pool).await?;
    // The pool's connections serve requests; this one is the listener's own for as long as it lives.
    listener.ignore_pool_close_event(true);
    listener.listen_all(channels.iter().copied()).await?;
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

/// Tells those who wait for these submissions that they changed.
///
/// Not a part of the transactions that changed them: PostgreSQL lets transactions that notify commit one after the
/// other, flush included, and then a disk's flush would be the limit of all grading. What is lost with us here, watchers
/// find at their next look.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn announce(pool: &Pool, submissions: &[SubmissionId]) -> Result<()> {
    let ids: Vec<String> = submissions.iter().map(ToString::to_string).collect();
    sqlx::query!("select pg_notify($1, id) from unnest($2::text[]) as t (id)", SUBMISSIONS, &ids)
        .fetch_all(pool)
        .await?;
    Ok(())
}

pub(super) async fn notify_taken_away(tx: &mut sqlx::PgTransaction<'_>, id: GradingId) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_notify($1, $2)", TAKEN_AWAY, id.to_string()).execute(&mut **tx).await?;
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

pub(super) async fn notify_consoles(
    tx: &mut sqlx::PgTransaction<'_>,
    id: Option<ConsoleId>,
) -> Result<(), sqlx::Error> {
    let payload = id.map(|id| id.to_string()).unwrap_or_default();
    sqlx::query!("select pg_notify($1, $2)", CONSOLES, payload).execute(&mut **tx).await?;
    Ok(())
}

/// Whoever watches a console hears of it as whoever watches a submission does.
pub(super) async fn notify_console_watchers(
    tx: &mut sqlx::PgTransaction<'_>,
    id: ConsoleId,
) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_notify($1, $2)", SUBMISSIONS, id.to_string()).execute(&mut **tx).await?;
    Ok(())
}

/// Worker and watchers.
pub(super) async fn notify_console(tx: &mut sqlx::PgTransaction<'_>, id: ConsoleId) -> Result<(), sqlx::Error> {
    notify_consoles(tx, Some(id)).await?;
    notify_console_watchers(tx, id).await
}
