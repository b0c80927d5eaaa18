//! In what submissions run.

use std::path::PathBuf;

use super::{ConfigError, Vars};
use crate::domain::job::Flavour;

/// Who makes the containers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EngineKind {
    /// A Docker engine.
    #[default]
    Docker,
    /// A runtime that the worker calls itself.
    Oci,
}

/// Which user ids of the host containers get.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Uids {
    /// Of a range that the sandbox chooses.
    #[default]
    Usual,
    /// The host's own.
    Off,
    /// From this one on, so many.
    Range(u32, u32),
}

/// Settings of the sandbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SandboxConfig {
    /// `ATHANOR_SANDBOX`: `docker` or `oci`.
    pub engine: EngineKind,
    /// `ATHANOR_FLAVOUR`: the VM that gradings run in, where neither exercise nor image says another.
    pub flavour: Option<Flavour>,
    /// `ATHANOR_OCI_STATE`: the folder of running containers.
    pub state: Option<PathBuf>,
    /// `ATHANOR_OCI_IMAGES`: the folder of unpacked images.
    pub images: Option<PathBuf>,
    /// `ATHANOR_OCI_UIDS`: `FIRST:COUNT`, or `off`.
    pub uids: Uids,
}

impl SandboxConfig {
    pub(super) fn read(vars: &Vars) -> Result<Self, ConfigError> {
        let one_of = |name: &'static str, wanted| move |value: String| ConfigError::Unusable { name, value, wanted };
        let engine = match vars.text("ATHANOR_SANDBOX").as_deref() {
            None | Some("docker") => EngineKind::Docker,
            Some("oci") => EngineKind::Oci,
            Some(other) => {
                return Err(one_of("ATHANOR_SANDBOX", "it takes 'docker' or 'oci'")(other.to_owned()));
            }
        };
        let uids = match vars.text("ATHANOR_OCI_UIDS") {
            None => Uids::Usual,
            Some(off) if off == "off" => Uids::Off,
            Some(range) => uids(&range).ok_or_else(|| {
                one_of(
                    "ATHANOR_OCI_UIDS",
                    "it takes the first user id, 1000 or more, a colon and how many follow, two for each container: \
                     1900000000:8192; or 'off'",
                )(range)
            })?,
        };
        Ok(Self {
            engine,
            flavour: vars.parse("ATHANOR_FLAVOUR", "it takes 'jit' or 'emu'")?,
            state: vars.text("ATHANOR_OCI_STATE").map(PathBuf::from),
            images: vars.text("ATHANOR_OCI_IMAGES").map(PathBuf::from),
            uids,
        })
    }
}

fn uids(text: &str) -> Option<Uids> {
    let (first, count) = text.split_once(':')?;
    let (first, count): (u32, u32) = (first.parse().ok()?, count.parse().ok()?);
    let fits = first >= 1000 && count >= 2 && first.checked_add(count).is_some();
    fits.then_some(Uids::Range(first, count))
}
