//! The sandbox that the settings ask for.

use std::sync::Arc;

use crate::config::Config;
use crate::sandbox::docker::{DockerSandbox, DockerSettings};
use crate::sandbox::{Sandbox, SandboxError};

/// Jobs that run at once: as set, else one for each core.
#[must_use]
pub fn at_once(config: &Config) -> usize {
    config.at_once.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Brings up the sandbox. `runtime` and `pool` go before the settings.
///
/// # Errors
/// [`SandboxError`] when the engine, its runtime or the image is not there.
pub async fn sandbox(
    config: &Config,
    runtime: Option<&str>,
    pool: Option<usize>,
) -> Result<Arc<dyn Sandbox>, SandboxError> {
    let detected = DockerSettings::detect();
    let policy = config.policies.pool;
    let settings = DockerSettings {
        image: config.image.clone(),
        runtime: runtime.map(str::to_owned).or_else(|| config.runtime.clone()),
        pool_size: pool.or(config.pool).unwrap_or(detected.pool_size),
        max_jobs: at_once(config),
        limits: config.limits,
        max_boots: policy.boots.unwrap_or(detected.max_boots),
        recycle_after: policy.recycle.unwrap_or(detected.recycle_after),
        boot_timeout: policy.boot_timeout.unwrap_or(detected.boot_timeout),
        removal_backlog: policy.backlog.unwrap_or(detected.removal_backlog),
        removal_age: policy.backlog_age.unwrap_or(detected.removal_age),
        ..detected
    };
    Ok(Arc::new(DockerSandbox::start(settings).await?))
}
