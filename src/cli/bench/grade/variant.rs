//! What is measured side by side: one way to set the sandbox up, by a name such as `docker/runc/jit`.

use std::fmt;
use std::str::FromStr;

/// What makes containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// The Docker engine.
    Docker,
    /// The runtime called directly, without a daemon.
    Oci,
}

/// Which VM runs the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flavour {
    /// Code is compiled to the processor's instructions when it is loaded.
    Jit,
    /// Code is interpreted: loads faster, takes half the memory, computes at half the speed.
    Emu,
    /// Whichever the image takes where none is asked for.
    Own,
}

/// How the VM in the container boots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Boot {
    /// By the image's own boot file, which loads what a first job needs in batches.
    Batch,
    /// By Erlang's, which loads modules one by one when they are needed: what there was before.
    StartClean,
}

/// A way to set the sandbox up. Its name is `engine/runtime/flavour`, with `/start_clean` after it for that boot; the
/// runtime `default` is whatever the settings or the engine take where none is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variant {
    /// What makes containers.
    pub engine: Engine,
    /// The container runtime; `None` for the one that is taken where none is asked for.
    pub runtime: Option<String>,
    /// Which VM runs the code.
    pub flavour: Flavour,
    /// How it boots.
    pub boot: Boot,
}

impl Variant {
    /// What `bin/bench --full` measures when no others are asked for. What this machine or this build lacks has a row
    /// that says so.
    pub const ALL: [&str; 7] = [
        "docker/runc/jit",
        "docker/runc/emu",
        "oci/runc/jit",
        "oci/runc/emu",
        "docker/runsc/jit",
        "docker/runsc/emu",
        "docker/runc/jit/start_clean",
    ];

    /// The one that `name` means, where it means one.
    fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split('/');
        let engine = match parts.next()? {
            "docker" => Engine::Docker,
            "oci" => Engine::Oci,
            _ => return None,
        };
        let runtime = match parts.next()? {
            "" => return None,
            "default" => None,
            named => Some(named.to_owned()),
        };
        let flavour = match parts.next()? {
            "jit" => Flavour::Jit,
            "emu" => Flavour::Emu,
            "default" => Flavour::Own,
            _ => return None,
        };
        let boot = match parts.next() {
            None => Boot::Batch,
            Some("start_clean") => Boot::StartClean,
            Some(_) => return None,
        };
        parts.next().is_none().then_some(Self { engine, runtime, flavour, boot })
    }
}

impl FromStr for Variant {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::parse(name).ok_or_else(|| {
            format!(
                "a variant is ENGINE/RUNTIME/FLAVOUR, with `/start_clean` after it for that boot: `docker` or `oci`, the \
                 name of a runtime or `default`, `jit`, `emu` or `default`; for instance {}",
                Self::ALL[0]
            )
        })
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Docker => "docker",
            Self::Oci => "oci",
        })
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jit => "jit",
            Self::Emu => "emu",
            Self::Own => "default",
        })
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runtime = self.runtime.as_deref().unwrap_or("default");
        write!(f, "{}/{runtime}/{}", self.engine, self.flavour)?;
        match self.boot {
            Boot::Batch => Ok(()),
            Boot::StartClean => f.write_str("/start_clean"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_its_variant_are_one() {
        for name in
            Variant::ALL.iter().chain(&["oci/crun/emu/start_clean", "docker/default/jit", "docker/default/default"])
        {
            assert_eq!(name.parse::<Variant>().expect(name).to_string(), *name);
        }
    }

    #[test]
    fn a_name_that_is_none_is_refused_with_the_form_it_should_have() {
        for name in
            ["", "docker", "docker/runc", "podman/runc/jit", "docker//jit", "docker/runc/wasm", "oci/runc/jit/cold"]
        {
            let said = name.parse::<Variant>().expect_err(name);
            assert!(said.contains("ENGINE/RUNTIME/FLAVOUR"), "{said}");
        }
        assert!("docker/runc/jit/start_clean/more".parse::<Variant>().is_err());
    }
}
