//! Takes away what is too old, every now and then, wherever something grades.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::config::Retention;
use crate::db::{self, Pool, identities, resets, retention, sessions};

/// Pause between two rounds.
const ROUND: Duration = Duration::from_secs(10 * 60);

/// Pause between two steps of a round, so that grading goes first.
const BREATH: Duration = Duration::from_millis(100);

/// Does so until `stop`.
pub(super) async fn keep(pool: Pool, keep: Retention, stop: CancellationToken) {
    loop {
        match stop.run_until_cancelled(round(&pool, keep)).await {
            None => return,
            Some(Ok((0, 0))) => {}
            Some(Ok((sources, details))) => info!(sources, details, "removed what is too old to be kept"),
            Some(Err(error)) => warn!(%error, "what is too old could not be removed; it is tried again later"),
        }
        if stop.run_until_cancelled(tokio::time::sleep(ROUND)).await.is_none() {
            return;
        }
    }
}

async fn round(pool: &Pool, keep: Retention) -> db::Result<(u64, u64)> {
    retention::remove_events(pool, keep.events).await?;
    sessions::sweep(pool).await?;
    resets::sweep(pool).await?;
    identities::sweep(pool).await?;
    let (mut sources, mut details) = (0, 0);
    if let Some(age) = keep.source {
        loop {
            let step = retention::remove_sources(pool, age).await?;
            sources += step;
            if step < retention::STEP.unsigned_abs() {
                break;
            }
            tokio::time::sleep(BREATH).await;
        }
    }
    if let Some(age) = keep.output {
        loop {
            let step = retention::remove_details(pool, age).await?;
            details += step;
            if step < retention::STEP.unsigned_abs() {
                break;
            }
            tokio::time::sleep(BREATH).await;
        }
    }
    Ok((sources, details))
}
