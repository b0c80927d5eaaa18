//! The containers of a stage's workers, whatever makes them: listed, and ended from outside.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};

use super::stage::SandboxKind;
use crate::config::{Config, EngineKind};
use crate::sandbox::containers::cgroup::Trees;
use crate::sandbox::oci::GROUPS;
use crate::startup;

/// Where they are.
#[derive(Debug, Clone)]
pub(super) enum Boxes {
    /// Nowhere: nothing makes any.
    None,
    /// With a Docker engine.
    Docker,
    /// Bundles in this folder.
    Bundles(PathBuf),
}

impl Boxes {
    /// By the settings that workers inherit.
    pub(super) fn of(sandbox: SandboxKind, config: &Config) -> Self {
        match (sandbox, config.sandbox.engine) {
            (SandboxKind::Costless, _) => Self::None,
            (SandboxKind::Real, EngineKind::Docker) => Self::Docker,
            (SandboxKind::Real, EngineKind::Oci) => Self::Bundles(startup::oci_settings(config).state),
        }
    }

    /// Those of these owners, each by what its label or folder begins with; those that ended too, if asked for.
    pub(super) fn list(&self, owners: &BTreeSet<String>, ended_too: bool) -> anyhow::Result<Vec<String>> {
        let own = |label: &str| owners.iter().any(|owner| label.starts_with(owner));
        match self {
            Self::None => Ok(Vec::new()),
            Self::Docker => list_docker(own, ended_too),
            Self::Bundles(state) => {
                let groups = Trees::of_this_machine().folders(Path::new(GROUPS));
                let places: Vec<&PathBuf> = std::iter::once(state).chain(groups.iter().filter(|_| ended_too)).collect();
                let mut found = Vec::new();
                for owner in places.into_iter().flat_map(|place| folders_in(place)).filter(|owner| own(&name(owner))) {
                    let bundles = folders_in(&owner).into_iter().filter(|path| name(path).starts_with("athanor-"));
                    found.extend(bundles.map(|path| path.display().to_string()));
                }
                Ok(found)
            }
        }
    }

    /// Ends one from outside. False when there was nothing to end any more.
    pub(super) fn kill(&self, container: &str) -> anyhow::Result<bool> {
        match self {
            Self::None => Ok(false),
            Self::Docker => Ok(Command::new("docker")
                .args(["kill", container])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()?
                .success()),
            Self::Bundles(_) => {
                let bundle = Path::new(container);
                let text = std::fs::read_to_string(bundle.join("pid")).unwrap_or_default();
                let Some(pid) = text.trim().parse().ok().and_then(Pid::from_raw) else { return Ok(false) };
                // The id of one that has ended may be another's by now.
                let group = std::fs::read_to_string(format!("/proc/{}/cgroup", text.trim())).unwrap_or_default();
                Ok(group.contains(&name(bundle)) && kill_process(pid, Signal::KILL).is_ok())
            }
        }
    }
}

fn list_docker(own: impl Fn(&str) -> bool, ended_too: bool) -> anyhow::Result<Vec<String>> {
    let mut docker = Command::new("docker");
    docker.args(["ps", "--no-trunc", "--filter", "label=athanor.worker"]);
    docker.args(["--format", r#"{{.ID}} {{.Label "athanor.worker"}}"#]);
    if ended_too {
        docker.arg("--all");
    }
    let listed = docker.output().context("this needs the `docker` command")?;
    Ok(String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, owner)| own(owner))
        .map(|(id, _)| id.to_owned())
        .collect())
}

fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
