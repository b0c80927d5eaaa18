//! Who grades, and whether they can.

use super::{Pool, Result};

/// After so many seconds without a sign of life a worker is gone. It gives one every few seconds.
const GONE_S: f64 = 30.0;

/// Writes down that a worker lives, and what keeps it from grading, if anything does.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn report(pool: &Pool, name: &str, fault: Option<&str>) -> Result<()> {
    sqlx::query!(
        "with gone as (delete from workers where seen_at < now() - interval '1 day')
         insert into workers (name, well, fault) values ($1, $2, $3)
         on conflict (name) do update set seen_at = now(), well = excluded.well, fault = excluded.fault",
        name,
        fault.is_none(),
        fault
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Takes a worker off the list that stops.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn leave(pool: &Pool, name: &str) -> Result<()> {
    sqlx::query!("delete from workers where name = $1", name).execute(pool).await?;
    Ok(())
}

/// Whether anybody grades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// At least one worker can.
    Well,
    /// There are workers, and none of them can.
    Unwell,
    /// There is no worker.
    Absent,
}

/// Whether anybody grades at the moment.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn service(pool: &Pool) -> Result<Service> {
    let well = sqlx::query_scalar!(
        "select bool_or(well) from workers where seen_at > now() - make_interval(secs => $1)",
        GONE_S
    )
    .fetch_one(pool)
    .await?;
    Ok(match well {
        Some(true) => Service::Well,
        Some(false) => Service::Unwell,
        None => Service::Absent,
    })
}
