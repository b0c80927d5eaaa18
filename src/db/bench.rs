//! A database of its own for `athanor bench queue`: made, filled, measured and dropped.

use jiff_sqlx::{Timestamp, ToSqlx as _};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

use super::{Pool, Result, begin, listen};

/// Makes an empty database on the server that `options` lead to; answers how to reach it.
///
/// # Errors
/// [`super::Error`] when there is no server, or the role may not make databases.
pub async fn create(options: &PgConnectOptions) -> Result<PgConnectOptions> {
    let name = format!("athanor_bench_{}", Uuid::new_v4().simple());
    let mut connection = PgConnection::connect_with(options).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await?;
    connection.close().await?;
    Ok(options.clone().database(&name))
}

/// Drops a database that [`create`] made.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn drop(options: &PgConnectOptions, made: &PgConnectOptions) -> Result<()> {
    let name = made.get_database().unwrap_or_default();
    if !name.starts_with("athanor_bench_") {
        return Err(super::unexpected("name of a database", name));
    }
    let mut connection = PgConnection::connect_with(options).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("drop database {name} with (force)"))).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// Fills the queue: so many submissions of this code, two of each of as many new learners. Answers since when they wait.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn fill(pool: &Pool, source: &str, submissions: i64) -> Result<jiff::Timestamp> {
    let batch = Uuid::new_v4().to_string();
    let since = sqlx::query_scalar!("select clock_timestamp() as \"now!: Timestamp\"").fetch_one(pool).await?;
    let learners = (submissions / 2).max(1);
    sqlx::query!(
        "insert into users (id, role, name) select gen_random_uuid(), 'guest', $2 || n::text
         from generate_series(1, $1::bigint) n",
        learners,
        batch
    )
    .execute(pool)
    .await?;
    let mut tx = begin(pool).await?;
    sqlx::query!(
        "with new as (
             insert into submissions (id, user_id, exercise_id, version_id, kind, source, idempotency_key)
             select gen_random_uuid(), u.id, e.id, e.current_version, 'submit', $1, gen_random_uuid()
             from generate_series(1, $2::bigint) n join users u on u.name = $4 || (1 + n % $3::bigint)::text cross join exercises e
             returning id, user_id, exercise_id, version_id, kind
         )
         insert into gradings (id, submission_id, user_id, exercise_id, version_id, kind, reason, state)
         select gen_random_uuid(), id, user_id, exercise_id, version_id, kind, 'first', 'queued' from new",
        source.as_bytes(),
        submissions,
        learners,
        batch
    )
    .execute(&mut *tx)
    .await?;
    listen::notify_queue(&mut tx).await?;
    tx.commit().await?;
    // As autovacuum would have it: a queue that was filled a moment ago is no usual one.
    sqlx::query!("analyze users, submissions, gradings, turns").execute(pool).await?;
    Ok(since.to_jiff())
}

/// How far the workers are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Submissions without a verdict.
    pub left: i64,
    /// Verdicts `passed`.
    pub passed: i64,
    /// From the first claim to the last verdict, in seconds.
    pub seconds: f64,
}

/// How far the workers are with what waits since then.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn progress(pool: &Pool, since: jiff::Timestamp) -> Result<Progress> {
    let row = sqlx::query!(
        "select count(*) filter (where state <> 'done') as \"left!\",
             count(*) filter (where verdict = 'passed') as \"passed!\",
             coalesce(extract(epoch from max(finished_at) - min(started_at)), 0)::float8 as \"seconds!\"
         from gradings where queued_at >= $1",
        since.to_sqlx() as Timestamp
    )
    .fetch_one(pool)
    .await?;
    Ok(Progress { left: row.left, passed: row.passed, seconds: row.seconds })
}

/// How the server keeps what is committed: names and values of its settings.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn durability(pool: &Pool) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        "select name as \"name!\", setting as \"setting!\" from pg_settings
         where name in ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'wal_level',
             'wal_sync_method', 'shared_buffers')
         order by name"
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.setting)).collect())
}
