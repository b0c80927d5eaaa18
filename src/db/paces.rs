//! Who grades now, and how fast: what an estimate of a wait rests on.

use std::time::Duration;

use super::{Pool, Result};
use crate::domain::wait::{Graders, Pace};

/// How often a worker says that it is there.
pub const SIGN_OF_LIFE: Duration = Duration::from_secs(3);

/// After so many seconds without a sign of life a worker does not count: three of them were missed.
const GONE_S: f64 = 10.0;

/// What a worker says of itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Present<'a> {
    /// Its name, one for each process.
    pub name: &'a str,
    /// Gradings it holds at once.
    pub at_once: i32,
    /// From claim to commit on average of late, in milliseconds, once it is known.
    pub service_ms: Option<f64>,
    /// Whether its sandbox takes jobs.
    pub well: bool,
}

/// A worker is there. Whoever was not heard of for a day is forgotten.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn present(pool: &Pool, worker: &Present<'_>) -> Result<()> {
    sqlx::query!(
        "with gone as (
             delete from paces where seen_at < now() - interval '1 day' and name <> $1
         )
         insert into paces (name, at_once, service_ms, well) values ($1, $2, $3, $4)
         on conflict (name) do update set at_once = excluded.at_once, well = excluded.well,
             service_ms = coalesce(excluded.service_ms, paces.service_ms), seen_at = excluded.seen_at",
        worker.name,
        worker.at_once,
        worker.service_ms,
        worker.well
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// A worker ends.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn leave(pool: &Pool, name: &str) -> Result<()> {
    sqlx::query!("delete from paces where name = $1", name).execute(pool).await?;
    Ok(())
}

/// Who grades now.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn graders(pool: &Pool) -> Result<Graders> {
    let row = sqlx::query!(
        // A worker that graded nothing yet is taken to be as fast as the others.
        "select count(*) as \"present!\", sum(at_once)::float8 as at_once,
             avg(service_ms) filter (where service_ms > 0) as service_ms
         from paces where well and seen_at > clock_timestamp() - make_interval(secs => $1)",
        GONE_S
    )
    .fetch_one(pool)
    .await?;
    Ok(match (row.present, row.at_once, row.service_ms) {
        (0, _, _) => Graders::None,
        (_, Some(at_once), Some(service_ms)) => {
            Graders::At(Pace { per_s: at_once * 1000.0 / service_ms, service_s: service_ms / 1000.0 })
        }
        _ => Graders::Untried,
    })
}
