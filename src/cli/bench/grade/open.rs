//! From a variant to a sandbox. A variant that this build or this machine lacks is said why, and is no failure.

use std::sync::Arc;

use anyhow::bail;

use super::start_clean;
use super::variant::{Boot, Engine, Flavour, Variant};
use crate::config::Config;
use crate::sandbox::Sandbox;
use crate::startup;

/// Brings up the sandbox of a variant, with a pool of this size.
///
/// # Errors
/// Why it cannot be measured here.
pub async fn open(variant: &Variant, config: &Config, pool: usize) -> anyhow::Result<Arc<dyn Sandbox>> {
    let mut config = config.clone();
    match (variant.engine, variant.flavour) {
        (Engine::Oci, _) => bail!("this build knows no engine but Docker"),
        (Engine::Docker, Flavour::Emu) => bail!("this build's images have no interpreter"),
        (Engine::Docker, Flavour::Jit) => {}
    }
    if variant.boot == Boot::StartClean {
        config.image = start_clean::image(&config.image).await?;
    }
    Ok(startup::sandbox(&config, variant.runtime.as_deref(), Some(pool)).await?)
}
