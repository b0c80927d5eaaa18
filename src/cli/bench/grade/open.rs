//! From a variant to a sandbox. A variant that this build or this machine lacks is said why, and is no failure.

use std::sync::Arc;

use anyhow::bail;

use super::start_clean;
use super::variant::{Boot, Engine, Flavour, Variant};
use crate::config::{Config, EngineKind};
use crate::domain::job;
use crate::sandbox::Sandbox;
use crate::startup;

/// Brings up the sandbox of a variant, with a pool of this size.
///
/// # Errors
/// Why it cannot be measured here.
pub async fn open(variant: &Variant, config: &Config, pool: usize) -> anyhow::Result<Arc<dyn Sandbox>> {
    let mut config = config.clone();
    config.sandbox.engine = match variant.engine {
        Engine::Docker => EngineKind::Docker,
        Engine::Oci => EngineKind::Oci,
    };
    config.sandbox.flavour = match variant.flavour {
        Flavour::Jit => Some(job::Flavour::Jit),
        Flavour::Emu => Some(job::Flavour::Emu),
        Flavour::Own => None,
    };
    if variant.boot == Boot::StartClean {
        config.image = start_clean::image(&config.image).await?;
    }
    let sandbox = startup::sandbox(&config, variant.runtime.as_deref(), Some(pool)).await?;
    // An image without it runs what it has.
    if let Some(flavour) = config.sandbox.flavour.filter(|flavour| sandbox.flavour() != Some(*flavour)) {
        sandbox.shutdown().await;
        bail!("the image has no {flavour}");
    }
    Ok(sandbox)
}
