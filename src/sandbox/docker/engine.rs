//! The container engine: connecting, checking what it has, and what a container is made of.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bollard::Docker;
use bollard::errors::Error;
use bollard::models::{
    ContainerCreateBody, ContainerStateStatusEnum, HostConfig, HostConfigCgroupnsModeEnum, HostConfigLogConfig,
    ResourcesUlimits,
};
use bollard::query_parameters::{ListContainersOptionsBuilder, RemoveContainerOptionsBuilder, WaitContainerOptions};
use futures_util::StreamExt as _;

use super::identity::{self, Owner};
use super::settings::DockerSettings;
use super::watch::Watch;
use crate::domain::limits::Limits;
use crate::sandbox::SandboxError;

/// How long a VM whose channel was closed may take to end by itself.
const LEAVING: Duration = Duration::from_secs(1);

/// Our allow-list of system calls. The VM boots and compiles with it; all else answers EPERM.
const SECCOMP: &str = include_str!("seccomp.json");

/// Longest time for a call of the engine that does no work.
pub const CALL: Duration = Duration::from_secs(5);

/// A connection to the engine, and what it was asked to make.
#[derive(Debug)]
pub struct Engine {
    /// The client.
    pub docker: Docker,
    /// The settings.
    pub settings: DockerSettings,
    /// The image's id, so that building it again changes nothing under a running worker.
    pub image_id: String,
    /// Whose containers these are.
    pub owner: Owner,
    /// Whether the engine went away meanwhile.
    pub watch: Watch,
    seccomp: String,
    gvisor: bool,
    containers: AtomicUsize,
    known: Mutex<HashSet<String>>,
}

/// A container that the engine has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Engine {
    /// Connects, and finds the runtime and the image.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`], [`SandboxError::NoSuchRuntime`] or [`SandboxError::NoSuchImage`].
    pub async fn connect(settings: DockerSettings) -> Result<Self, SandboxError> {
        let docker = match &settings.host {
            Some(host) => Docker::connect_with_host(host),
            None => Docker::connect_with_defaults(),
        };
        let docker = docker.map_err(unreachable)?.with_timeout(Duration::from_secs(30));
        let docker = call(docker.negotiate_version()).await?;
        let gvisor = is_gvisor(&runtime(&docker, settings.runtime.as_deref()).await?);
        let image_id = match docker.inspect_image(&settings.image).await {
            Ok(image) => image.id.unwrap_or_else(|| settings.image.clone()),
            Err(error) if status(&error) == Some(404) => {
                return Err(SandboxError::NoSuchImage { image: settings.image });
            }
            Err(error) => return Err(unreachable(error)),
        };
        let seccomp = seccomp(gvisor).map_err(|error| SandboxError::Boot(error.to_string()))?;
        Ok(Self {
            docker,
            settings,
            image_id,
            owner: Owner::new(),
            watch: Watch::default(),
            seccomp,
            gvisor,
            containers: AtomicUsize::new(1),
            known: Mutex::default(),
        })
    }

    /// A name that no container of ours had before. It [is known](Self::knows) until the container is removed.
    pub fn next_name(&self) -> String {
        let name = self.owner.container_name(self.containers.fetch_add(1, Ordering::Relaxed));
        self.meet(&name);
        name
    }

    /// What a container is made of. The reasons for each setting are in `docs/ARCHITECTURE.md`.
    pub fn recipe(&self, limits: &Limits) -> ContainerCreateBody {
        // Longer than any container of ours lives: idle ones are recycled, and jobs are short.
        let lifetime = 2 * self.settings.recycle_after + limits.job() + Duration::from_secs(600);
        ContainerCreateBody {
            image: Some(self.image_id.clone()),
            labels: Some(self.owner.labels(&self.image_id, lifetime)),
            user: Some("65534:65534".to_owned()),
            hostname: Some("sandbox".to_owned()),
            network_disabled: Some(true),
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            open_stdin: Some(true),
            stdin_once: Some(true),
            host_config: Some(self.host_config(limits)),
            ..ContainerCreateBody::default()
        }
    }

    fn host_config(&self, limits: &Limits) -> HostConfig {
        let ulimit = |name: &str, value: i64| ResourcesUlimits {
            name: Some(name.to_owned()),
            soft: Some(value),
            hard: Some(value),
        };
        let mut ulimits = vec![ulimit("nofile", limits.open_files), ulimit("core", 0)];
        // gVisor's own files would be under a limit on file sizes, too, and one of them is the container's memory.
        if !self.gvisor {
            ulimits.push(ulimit("fsize", limits.tmp_bytes));
        }
        HostConfig {
            memory: Some(limits.memory_bytes),
            memory_swap: Some(limits.memory_bytes),
            pids_limit: Some(limits.pids),
            nano_cpus: Some(limits.cpu_millis * 1_000_000),
            cap_drop: Some(vec!["ALL".to_owned()]),
            security_opt: Some(vec!["no-new-privileges".to_owned(), format!("seccomp={}", self.seccomp)]),
            readonly_rootfs: Some(true),
            tmpfs: Some(HashMap::from([(
                "/tmp".to_owned(),
                format!("size={},noexec,nosuid,nodev,nr_inodes=1024,mode=1777", limits.tmp_bytes),
            )])),
            ulimits: Some(ulimits),
            log_config: Some(HostConfigLogConfig { typ: Some("none".to_owned()), config: None }),
            ipc_mode: Some("none".to_owned()),
            cgroupns_mode: Some(HostConfigCgroupnsModeEnum::PRIVATE),
            runtime: self.settings.runtime.clone(),
            ..HostConfig::default()
        }
    }

    /// The label of this owner's containers, with its value.
    #[must_use]
    pub fn own_label(&self) -> String {
        format!("{}={}", identity::WORKER, self.owner.label())
    }

    /// The containers of this owner.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`].
    pub async fn find_own(&self) -> Result<Vec<Found>, SandboxError> {
        self.find(self.own_label(), |_, _| true).await
    }

    /// The containers whose owner has gone.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`].
    pub async fn find_orphans(&self) -> Result<Vec<Found>, SandboxError> {
        self.find(identity::WORKER.to_owned(), |labels, running| self.owner.is_orphan(labels, running)).await
    }

    async fn find(
        &self,
        label: String,
        wanted: impl Fn(&HashMap<String, String>, bool) -> bool,
    ) -> Result<Vec<Found>, SandboxError> {
        let filters = HashMap::from([("label", vec![label])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let found = call(self.docker.list_containers(Some(options))).await?;
        let found = found.into_iter().filter(|container| {
            let running = container.state.as_ref().is_some_and(|state| state.as_ref() == "running");
            wanted(container.labels.as_ref().unwrap_or(&HashMap::new()), running)
        });
        let found = found.filter_map(|container| {
            let names = container.names.unwrap_or_default();
            let name = names.first().map(|name| name.trim_start_matches('/').to_owned()).unwrap_or_default();
            Some(Found { id: container.id?, name })
        });
        Ok(found.collect())
    }

    /// Whether something of ours knows this container, by name or id, and will see to its removal.
    #[must_use]
    pub fn knows(&self, container: &str) -> bool {
        self.known().contains(container)
    }

    /// From now on something knows this container.
    pub fn meet(&self, container: &str) {
        self.known().insert(container.to_owned());
    }

    fn known(&self) -> MutexGuard<'_, HashSet<String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes a container, whatever it does. One that is not there is removed.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`], also when it is being removed by someone else and still there.
    pub async fn remove(&self, container: &str, waits: bool) -> Result<(), SandboxError> {
        self.remove_known(container, waits).await?;
        self.known().remove(container);
        Ok(())
    }

    async fn remove_known(&self, container: &str, waits: bool) -> Result<(), SandboxError> {
        if waits {
            // Cheaper than a kill: it is on its way out already. Whatever stays is killed by the removal.
            let mut ended = self.docker.wait_container(container, None::<WaitContainerOptions>);
            let _ = tokio::time::timeout(LEAVING, ended.next()).await;
        }
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        match tokio::time::timeout(Duration::from_secs(20), self.docker.remove_container(container, Some(options)))
            .await
        {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if status(&error) == Some(404) => Ok(()),
            Ok(Err(error)) => Err(unreachable(error)),
            Err(_) => Err(SandboxError::Unreachable("removing a container took longer than 20 s".to_owned())),
        }
    }

    /// Ends all processes of a container at once. One that has ended or gone is fine.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`].
    pub async fn kill(&self, container: &str) -> Result<(), SandboxError> {
        match tokio::time::timeout(CALL, self.docker.kill_container(container, None)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if matches!(status(&error), Some(404 | 409)) => Ok(()),
            Ok(Err(error)) => Err(unreachable(error)),
            Err(_) => Err(SandboxError::Unreachable(format!("no answer within {CALL:?}"))),
        }
    }

    /// How a container ended, or that it runs.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`].
    pub async fn state(&self, container: &str) -> Result<State, SandboxError> {
        let inspected = call(self.docker.inspect_container(container, None)).await?;
        let state = inspected.state.unwrap_or_default();
        Ok(State {
            running: state.status == Some(ContainerStateStatusEnum::RUNNING),
            out_of_memory: state.oom_killed.unwrap_or(false),
            exit_code: state.exit_code,
        })
    }
}

/// What the engine says of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// Whether it runs.
    pub running: bool,
    /// Whether the kernel ended a process in it for want of memory.
    pub out_of_memory: bool,
    /// Its exit code, once it ended.
    pub exit_code: Option<i64>,
}

/// The runtime that containers will have.
async fn runtime(docker: &Docker, wanted: Option<&str>) -> Result<String, SandboxError> {
    let info = call(docker.info()).await?;
    let Some(wanted) = wanted else {
        return Ok(info.default_runtime.unwrap_or_default());
    };
    let mut present: Vec<String> = info.runtimes.unwrap_or_default().into_keys().collect();
    if !present.iter().any(|name| name == wanted) {
        present.sort();
        return Err(SandboxError::NoSuchRuntime { wanted: wanted.to_owned(), present });
    }
    Ok(wanted.to_owned())
}

/// Whether containers of this runtime have gVisor's kernel: `runsc`, or a name for it with other arguments (`runsc-kvm`).
fn is_gvisor(runtime: &str) -> bool {
    runtime.starts_with("runsc") || runtime.starts_with("gvisor")
}

/// The allow-list as the engine wants it.
///
/// gVisor refuses with EPERM whatever number a rule names, so the C library would not learn that it should do without
/// `clone3`. There it is allowed: the new namespaces it could make are those of gVisor's own kernel.
fn seccomp(gvisor: bool) -> Result<String, serde_json::Error> {
    let mut profile: serde_json::Value = serde_json::from_str(SECCOMP)?;
    if gvisor && let Some(rules) = profile["syscalls"].as_array_mut() {
        rules.retain(|rule| rule["action"] == "SCMP_ACT_ALLOW");
        rules.push(serde_json::json!({ "names": ["clone3"], "action": "SCMP_ACT_ALLOW" }));
    }
    // Without its line breaks: it travels in every request that makes a container.
    Ok(profile.to_string())
}

/// A call of the engine, with an end.
///
/// # Errors
///
/// [`SandboxError::Unreachable`].
pub async fn call<T>(request: impl Future<Output = Result<T, Error>>) -> Result<T, SandboxError> {
    match tokio::time::timeout(CALL, request).await {
        Ok(answer) => answer.map_err(unreachable),
        Err(_) => Err(SandboxError::Unreachable(format!("no answer within {CALL:?}"))),
    }
}

fn unreachable(error: impl std::error::Error) -> SandboxError {
    use std::fmt::Write as _;
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    SandboxError::Unreachable(text)
}

/// The engine's status code, when it answered.
fn status(error: &Error) -> Option<u16> {
    match error {
        Error::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}
