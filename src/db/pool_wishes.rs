//! How many containers somebody wishes to be warm: written by the command line, read by workers.

use std::time::Duration;

use uuid::Uuid;

use super::{Pool, Result};

/// A wish that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// How many.
    pub count: usize,
    /// For how long still, by the database's clock.
    pub left: Duration,
}

/// Wishes for so many, for so long. What has run out is forgotten.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn put(pool: &Pool, count: i32, lasts: Duration) -> Result<()> {
    sqlx::query!(
        "with gone as (delete from pool_wishes where until < now())
         insert into pool_wishes (id, count, until) values ($1, $2, now() + make_interval(secs => $3))",
        Uuid::now_v7(),
        count,
        lasts.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Takes all wishes back; answers how many held.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn clear(pool: &Pool) -> Result<u64> {
    let held = sqlx::query_scalar!(
        r#"with gone as (delete from pool_wishes returning until)
         select count(*) filter (where until > now()) as "held!" from gone"#
    )
    .fetch_one(pool)
    .await?;
    Ok(held.unsigned_abs())
}

/// The largest wish that holds.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn current(pool: &Pool) -> Result<Option<Wish>> {
    let row = sqlx::query!(
        r#"select count, extract(epoch from until - now())::float8 as "left!" from pool_wishes
         where until > now() order by count desc, until desc limit 1"#
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Wish {
        count: usize::try_from(row.count).unwrap_or(0),
        left: Duration::from_secs_f64(row.left.max(0.0)),
    }))
}
