//! The container engine: connecting, checking what it has, and what a container is made of.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    containers: AtomicUsize,
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
        if let Some(wanted) = &settings.runtime {
            let mut present: Vec<String> =
                call(docker.info()).await?.runtimes.unwrap_or_default().into_keys().collect();
            if !present.contains(wanted) {
                present.sort();
                return Err(SandboxError::NoSuchRuntime { wanted: wanted.clone(), present });
            }
        }
        let image_id = match docker.inspect_image(&settings.image).await {
            Ok(image) => image.id.unwrap_or_else(|| settings.image.clone()),
            Err(error) if status(&error) == Some(404) => {
                return Err(SandboxError::NoSuchImage { image: settings.image });
            }
            Err(error) => return Err(unreachable(error)),
        };
        // Without its line breaks: it travels in every request that makes a container.
        let seccomp = serde_json::from_str::<serde_json::Value>(SECCOMP)
            .map_err(|error| SandboxError::Boot(error.to_string()))?
            .to_string();
        Ok(Self {
            docker,
            settings,
            image_id,
            owner: Owner::new(),
            watch: Watch::default(),
            seccomp,
            containers: AtomicUsize::new(1),
        })
    }

    /// A name that no container of ours had before.
    pub fn next_name(&self) -> String {
        self.owner.container_name(self.containers.fetch_add(1, Ordering::Relaxed))
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
        // gVisor's file system does not work with a limit on file sizes.
        if self.settings.runtime.as_deref() != Some("runsc") {
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

    /// Names or ids of containers with our labels: those of this owner when `own`, else those whose owner has gone.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`].
    pub async fn find(&self, own: bool) -> Result<Vec<String>, SandboxError> {
        let label =
            if own { format!("{}={}", identity::WORKER, self.owner.label()) } else { identity::WORKER.to_owned() };
        let filters = HashMap::from([("label", vec![label])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let found = call(self.docker.list_containers(Some(options))).await?;
        Ok(found
            .into_iter()
            .filter(|container| {
                let running = container.state.as_ref().is_some_and(|state| state.as_ref() == "running");
                own || self.owner.is_orphan(container.labels.as_ref().unwrap_or(&HashMap::new()), running)
            })
            .filter_map(|container| container.id)
            .collect())
    }

    /// Removes a container, whatever it does. One that is not there is removed.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`], also when it is being removed by someone else and still there.
    pub async fn remove(&self, container: &str, waits: bool) -> Result<(), SandboxError> {
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
