//! Every SQL statement of Athanor, one file for each concern. Nothing else talks SQL.
//!
//! Statements are checked against the schema when the program is compiled; `.sqlx/` holds what a build without a
//! database needs (`bin/prepare` renews it).

pub mod accounts;
pub mod api_tokens;
pub mod attempts;
pub mod audit;
pub mod bench;
mod code;
pub mod consoles;
pub mod course;
pub mod drafts;
pub mod events;
pub mod expected;
pub mod hints;
pub mod history;
pub mod identities;
mod json;
pub mod listen;
pub mod mails;
pub mod paces;
pub mod pool_wishes;
pub mod programs;
pub mod progress;
pub mod queue;
pub mod regrades;
pub mod reports;
pub mod resets;
pub mod results;
pub mod retention;
pub mod sessions;
pub mod submissions;
pub mod transfer;
pub mod users;

use std::time::Duration;

use sqlx::PgTransaction;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// A pool of connections.
pub type Pool = sqlx::PgPool;

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be reached, or it is shutting down. What was asked may be asked again.
    #[error("the database cannot be reached: {0}")]
    Unreachable(#[source] sqlx::Error),
    /// It answered, but not with what we asked for.
    #[error("the database refused: {0}")]
    Refused(#[source] sqlx::Error),
    /// A stored value is not what this version of the program writes.
    #[error("the database holds something unexpected: {0}")]
    Unexpected(String),
    /// The schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
}

impl Error {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        // Class 57 is operator intervention (a shutdown), class 08 a lost connection, 53300 too many connections:
        // PostgreSQL's documentation, appendix A.
        let passing = match &error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                true
            }
            sqlx::Error::Database(database) => {
                database.code().is_some_and(|code| code.starts_with("57") || code.starts_with("08") || code == "53300")
            }
            _ => false,
        };
        if passing { Self::Unreachable(error) } else { Self::Refused(error) }
    }
}

/// Shorthand of this module.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Longest wait for a free connection, after which the caller hears that the database cannot be reached.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens a pool and brings the schema up to date.
///
/// # Errors
/// [`Error::Unreachable`] when there is no database; [`Error::Migration`] when its schema is newer than this program
/// or a step fails.
pub async fn connect(options: PgConnectOptions, connections: u32) -> Result<Pool> {
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await?;
    sqlx::migrate!().run(&pool).await?;
    Ok(pool)
}

/// Begins a transaction, in a task of its own: sqlx 0.9 forgets a `BEGIN` whose caller goes away before the answer, and
/// its connection would go back to the pool inside a transaction that nobody commits. What the next user of it writes
/// outside of a transaction of their own would be lost.
///
/// # Errors
/// [`Error`] when the database fails.
pub async fn begin(pool: &Pool) -> Result<PgTransaction<'static>, sqlx::Error> {
    let pool = pool.clone();
    // Where the task was not waited for, the transaction is rolled back as it is dropped.
    tokio::spawn(async move { pool.begin().await }).await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
}

/// Asks the database for a sign of life.
///
/// # Errors
/// [`Error`] when it gives none.
pub async fn ping(pool: &Pool) -> Result<()> {
    sqlx::query_scalar!("select 1 as \"one!\"").fetch_one(pool).await?;
    Ok(())
}

fn unexpected(what: &str, value: impl std::fmt::Display) -> Error {
    Error::Unexpected(format!("{what} '{value}'"))
}
