//! The sandbox that the settings ask for.

use std::sync::Arc;

use tokio::sync::watch;

use crate::config::{Config, EngineKind, Languages, Uids};
use crate::sandbox::containers::programs::ProgramSettings;
use crate::sandbox::containers::{ContainerSandbox, ContainerSettings, EngineSettings, Prepared};
use crate::sandbox::oci::{OciSettings, UidRange};
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
    Ok(Arc::new(ContainerSandbox::start(settings(config, runtime, pool)).await?))
}

/// Looks for what [`sandbox`] needs, without starting any of it. `runtime` goes before the settings.
///
/// # Errors
/// As [`sandbox`].
pub async fn prepare(config: &Config, runtime: Option<&str>) -> Result<Prepared, SandboxError> {
    Prepared::new(settings(config, runtime, None)).await
}

/// Brings up the sandbox of a worker, with program runs beside the gradings. `pool` goes before the settings; where it is
/// given, no container waits for programs. `wish` is how many somebody wishes to be warm.
///
/// # Errors
/// As [`sandbox`].
pub async fn worker_sandbox(
    config: &Config,
    pool: Option<usize>,
    wish: Option<watch::Receiver<usize>>,
) -> Result<Arc<dyn Sandbox>, SandboxError> {
    let languages = match &config.programs.languages {
        Languages::All => Some(None),
        Languages::Off => None,
        Languages::Some(names) => Some(Some(names.clone())),
    };
    let programs = languages.map(|languages| ProgramSettings {
        languages,
        waiting: if pool.is_some() { 0 } else { config.programs.warm },
        limits: config.programs.limits,
    });
    Ok(Arc::new(ContainerSandbox::start(ContainerSettings { programs, wish, ..settings(config, None, pool) }).await?))
}

fn settings(config: &Config, runtime: Option<&str>, pool: Option<usize>) -> ContainerSettings {
    let detected = ContainerSettings::detect();
    let policy = config.policies.pool;
    ContainerSettings {
        engine: engine(config),
        flavour: config.sandbox.flavour,
        image: config.image.clone(),
        runtime: runtime.map(str::to_owned).or_else(|| config.runtime.clone()),
        pool_size: pool.or(config.pool).unwrap_or(detected.pool_size),
        // Where a number is asked for, exactly so many are there: for measuring, and for looking whether it works.
        adapt: pool.is_none() && !policy.fixed,
        pool_most: policy.most.unwrap_or(detected.pool_most).max(pool.or(config.pool).unwrap_or(1)),
        max_jobs: at_once(config),
        limits: config.limits,
        max_boots: policy.boots.unwrap_or(detected.max_boots),
        recycle_after: policy.recycle.unwrap_or(detected.recycle_after),
        boot_timeout: policy.boot_timeout.unwrap_or(detected.boot_timeout),
        removal_backlog: policy.backlog.unwrap_or(detected.removal_backlog),
        removal_age: policy.backlog_age.unwrap_or(detected.removal_age),
        ..detected
    }
}

fn engine(config: &Config) -> EngineSettings {
    match config.sandbox.engine {
        EngineKind::Docker => EngineSettings::default(),
        EngineKind::Oci => EngineSettings::Oci(oci_settings(config)),
    }
}

/// Settings of the engine without a daemon, whether it is the one that is used or not.
#[must_use]
pub fn oci_settings(config: &Config) -> OciSettings {
    let usual = OciSettings::default();
    let set = &config.sandbox;
    OciSettings {
        state: set.state.clone().unwrap_or(usual.state),
        images: set.images.clone().unwrap_or(usual.images),
        uids: match set.uids {
            Uids::Usual => usual.uids,
            Uids::Off => None,
            Uids::Range(first, count) => Some(UidRange { first, pairs: count / 2 }),
        },
        docker: None,
    }
}
