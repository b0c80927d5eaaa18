//! Finds containers that nobody sees to any more.
//!
//! A worker that was killed leaves its containers behind. And an engine under load may make a container long after we gave
//! up on it, when there was nothing yet to remove.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::engine::Found;
use super::fleet::Fleet;
use super::reap::Reaper;
use crate::sandbox::SandboxError;

/// Looks now and then, until `stop`.
pub async fn keep(fleet: Arc<Fleet>, reaper: Reaper, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(fleet.settings.sweep_every)).await.is_some() {
        once(&fleet, &reaper).await;
    }
}

/// Looks once.
pub async fn once(fleet: &Fleet, reaper: &Reaper) {
    let swept = async {
        orphans(fleet, reaper).await?;
        strays(fleet, reaper).await
    };
    if let Err(error) = swept.await {
        tracing::debug!(%error, "could not look for containers that are left over");
    }
}

/// Has the containers of dead workers removed.
///
/// # Errors
///
/// [`SandboxError::Unreachable`].
pub async fn orphans(fleet: &Fleet, reaper: &Reaper) -> Result<(), SandboxError> {
    bury(fleet, reaper, fleet.engine.orphans().await?, "removing containers whose worker has gone");
    Ok(())
}

/// Has our own removed that nothing here knows.
async fn strays(fleet: &Fleet, reaper: &Reaper) -> Result<(), SandboxError> {
    bury(fleet, reaper, fleet.engine.own().await?, "removing containers that appeared after they were given up");
    Ok(())
}

/// Has all our own removed, and those of dead workers: the last thing a sandbox does.
pub async fn all(fleet: &Fleet, reaper: &Reaper) {
    match fleet.engine.own().await {
        Ok(left) => left.into_iter().for_each(|found| reaper.bury(found.id, true, None)),
        Err(error) => tracing::warn!(%error, "could not look for containers that are left"),
    }
    if let Err(error) = orphans(fleet, reaper).await {
        tracing::warn!(%error, "could not look for the containers of dead workers");
    }
}

fn bury(fleet: &Fleet, reaper: &Reaper, found: Vec<Found>, why: &str) {
    let unknown = found.into_iter().filter(|found| !fleet.knows(&found.name) && !fleet.knows(&found.id));
    let unknown: Vec<Found> = unknown.collect();
    if !unknown.is_empty() {
        tracing::info!(count = unknown.len(), "{why}");
    }
    for container in unknown {
        fleet.meet(&container.id);
        reaper.bury(container.id, true, None);
    }
}
