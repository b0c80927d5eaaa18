//! The sandbox that the settings ask for.

use std::sync::Arc;

use crate::config::{Config, Languages};
use crate::sandbox::docker::programs::ProgramSettings;
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
    Ok(Arc::new(DockerSandbox::start(settings(config, runtime, pool)).await?))
}

/// Brings up the sandbox of a worker, with program runs beside the gradings.
///
/// # Errors
/// As [`sandbox`].
pub(super) async fn worker_sandbox(config: &Config) -> Result<Arc<dyn Sandbox>, SandboxError> {
    let languages = match &config.programs.languages {
        Languages::All => Some(None),
        Languages::Off => None,
        Languages::Some(names) => Some(Some(names.clone())),
    };
    let programs = languages.map(|languages| ProgramSettings {
        languages,
        waiting: config.programs.warm,
        limits: config.programs.limits,
    });
    Ok(Arc::new(DockerSandbox::start(DockerSettings { programs, ..settings(config, None, None) }).await?))
}

fn settings(config: &Config, runtime: Option<&str>, pool: Option<usize>) -> DockerSettings {
    let detected = DockerSettings::detect();
    DockerSettings {
        image: config.image.clone(),
        runtime: runtime.map(str::to_owned).or_else(|| config.runtime.clone()),
        pool_size: pool.or(config.pool).unwrap_or(detected.pool_size),
        max_jobs: at_once(config),
        limits: config.limits,
        ..detected
    }
}
