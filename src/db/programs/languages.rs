//! The languages that workers can run, as they say themselves.

use std::time::Duration;

use crate::db::json::AsJson;
use sqlx::types::Json;

use crate::db::{Pool, Result, begin};
use crate::domain::program::Installed;

/// How long what a worker said holds.
const FRESH: Duration = Duration::from_secs(60);

/// Notes which languages a worker has now.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn announce(pool: &Pool, worker: &str, languages: &[Installed]) -> Result<()> {
    let mut tx = begin(pool).await?;
    let names: Vec<String> = languages.iter().map(|language| language.name.to_string()).collect();
    sqlx::query!(
        "delete from worker_languages
         where (worker = $1 and language <> all($2)) or seen_at < now() - interval '1 day'",
        worker,
        &names
    )
    .execute(&mut *tx)
    .await?;
    for language in languages {
        sqlx::query!(
            "insert into worker_languages (worker, language, detail, seen_at) values ($1, $2, $3, now())
             on conflict (worker, language) do update set detail = excluded.detail, seen_at = excluded.seen_at",
            worker,
            language.name.as_str(),
            AsJson(language) as _
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A language, and whether a worker that has it is there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The language.
    pub installed: Installed,
    /// Whether some worker that has it was heard of lately.
    pub served: bool,
}

/// The languages that any worker said it has within the last day, by name.
///
/// # Errors
/// [`crate::db::Error`] when the database fails.
pub async fn all(pool: &Pool) -> Result<Vec<Known>> {
    let rows = sqlx::query!(
        "select distinct on (language) detail as \"detail: Json<Installed>\",
             seen_at > now() - make_interval(secs => $1) as \"served!\"
         from worker_languages order by language, seen_at desc",
        FRESH.as_secs_f64()
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| Known { installed: row.detail.0, served: row.served }).collect())
}
