//! The Docker engine: connecting, checking what it has, and what becomes of containers there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bollard::Docker;
use bollard::container::{AttachContainerResults, LogOutput};
use bollard::errors::Error;
use bollard::models::{ContainerStateStatusEnum, SystemInfo, SystemInfoCgroupDriverEnum};
use bollard::query_parameters::{
    AttachContainerOptionsBuilder, CreateContainerOptionsBuilder, ListContainersOptionsBuilder,
    ListImagesOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions, WaitContainerOptions,
};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio_util::sync::CancellationToken;

use super::fate::DockerFate;
use super::recipe;
use super::watch::Watch;
use crate::sandbox::SandboxError;
use crate::sandbox::containers::cgroup::{Cgroup, Trees};
use crate::sandbox::containers::engine::{
    Chunk, Engine, Found, Image, ProgramImage, Recipe, Share, State, Vessel, is_gvisor,
};
use crate::sandbox::containers::identity::{self, Owner};

/// How long a VM whose channel was closed may take to end by itself.
const LEAVING: Duration = Duration::from_secs(1);

/// Longest time for a call of the engine that does no work.
const CALL: Duration = Duration::from_secs(5);

/// A connection to a Docker engine.
#[derive(Debug, Clone)]
pub struct DockerEngine {
    docker: Docker,
    runtime: Option<String>,
    gvisor: bool,
    owner: Owner,
    /// The group below which the engine puts those of its containers, as far as it is known.
    groups: Option<Groups>,
    /// Whether the engine went away meanwhile.
    pub(super) watch: Watch,
}

/// Where an engine on this machine puts the groups of its containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Groups {
    /// `/docker/ID`
    Folders,
    /// `/system.slice/docker-ID.scope`
    Systemd,
}

impl Groups {
    fn of(info: &SystemInfo) -> Option<Self> {
        match info.cgroup_driver? {
            SystemInfoCgroupDriverEnum::CGROUPFS => Some(Self::Folders),
            SystemInfoCgroupDriverEnum::SYSTEMD => Some(Self::Systemd),
            _ => None,
        }
    }

    fn path(self, id: &str) -> PathBuf {
        match self {
            Self::Folders => Path::new("/docker").join(id),
            Self::Systemd => Path::new("/system.slice").join(format!("docker-{id}.scope")),
        }
    }
}

impl DockerEngine {
    /// Connects, and finds the runtime.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`] or [`SandboxError::NoSuchRuntime`].
    pub async fn connect(host: Option<&str>, wanted: Option<&str>, owner: &Owner) -> Result<Self, SandboxError> {
        let docker = match host {
            Some(host) => Docker::connect_with_host(host),
            None => Docker::connect_with_defaults(),
        };
        let docker = docker.map_err(unreachable)?.with_timeout(Duration::from_secs(30));
        let docker = call(docker.negotiate_version()).await?;
        let info = call(docker.info()).await?;
        let groups = Groups::of(&info);
        let gvisor = is_gvisor(&runtime(info, wanted)?);
        let (runtime, owner) = (wanted.map(str::to_owned), owner.clone());
        Ok(Self { docker, runtime, gvisor, owner, groups, watch: Watch::default() })
    }

    /// The label of this owner's containers, with its value.
    fn own_label(&self) -> String {
        format!("{}={}", identity::WORKER, self.owner.label())
    }

    async fn find(
        &self,
        label: String,
        wanted: impl Fn(&HashMap<String, String>, bool) -> bool + Send,
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

    /// The group of a container by its id, if it is on this machine and can be set.
    fn group(&self, id: &str) -> Option<Cgroup> {
        let group = Trees::of_this_machine().group(&self.groups?.path(id));
        group.exists().then_some(group)
    }

    async fn make(&self, name: &str, recipe: &Recipe) -> Result<Vessel, SandboxError> {
        let followed = self.watch.follow(name);
        let options = CreateContainerOptionsBuilder::default().name(name).build();
        let body = recipe::body(recipe, &self.owner, self.runtime.as_deref(), self.gvisor);
        let id = self.docker.create_container(Some(options), body).await.map_err(boot_error)?.id;
        // Attached before the start, so that not a byte is missed.
        let options =
            AttachContainerOptionsBuilder::default().stdin(true).stdout(true).stderr(true).stream(true).build();
        let AttachContainerResults { output, input } =
            self.docker.attach_container(name, Some(options)).await.map_err(boot_error)?;
        self.docker.start_container(name, None::<StartContainerOptions>).await.map_err(boot_error)?;
        let output = output.map(|piece| match piece {
            Ok(LogOutput::StdOut { message }) => Ok(Chunk::Out(message)),
            Ok(other) => Ok(Chunk::Err(other.into_bytes())),
            Err(error) => Err(std::io::Error::other(error)),
        });
        let cgroup = self.group(&id);
        let fate = DockerFate::new(Arc::new(self.clone()), name.to_owned(), followed, cgroup.clone());
        Ok(Vessel { input, output: Box::pin(output), fate: Box::new(fate), cgroup })
    }

    async fn remove_container(&self, container: &str, leaving: bool) -> Result<(), SandboxError> {
        if leaving {
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

    async fn kill_container(&self, container: &str) -> Result<(), SandboxError> {
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
    pub(super) async fn state(&self, container: &str) -> Result<State, SandboxError> {
        let inspected = call(self.docker.inspect_container(container, None)).await?;
        let state = inspected.state.unwrap_or_default();
        Ok(State {
            running: state.status == Some(ContainerStateStatusEnum::RUNNING),
            out_of_memory: state.oom_killed.unwrap_or(false),
            exit_code: state.exit_code,
        })
    }
}

impl Engine for DockerEngine {
    fn image<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Image, SandboxError>> {
        async move {
            match self.docker.inspect_image(name).await {
                Ok(image) => {
                    let labels = image.config.and_then(|config| config.labels).unwrap_or_default();
                    let id = image.id.unwrap_or_else(|| name.to_owned());
                    Ok(Image::new(id, |label| labels.get(label).cloned()))
                }
                Err(error) if status(&error) == Some(404) => Err(SandboxError::NoSuchImage { image: name.to_owned() }),
                Err(error) => Err(unreachable(error)),
            }
        }
        .boxed()
    }

    fn program_images(&self) -> BoxFuture<'_, Result<Vec<ProgramImage>, SandboxError>> {
        async {
            let filters = HashMap::from([("label", vec![ProgramImage::FILE])]);
            let options = ListImagesOptionsBuilder::default().filters(&filters).build();
            let mut images = call(self.docker.list_images(Some(options))).await?;
            // An image that lost its name to a newer one is still there, and not meant.
            images.retain(|image| image.repo_tags.iter().any(|tag| tag != "<none>:<none>"));
            images.sort_by(|one, other| one.repo_tags.cmp(&other.repo_tags));
            let images = images.into_iter().filter_map(|mut image| {
                let file = image.labels.remove(ProgramImage::FILE)?;
                let version = image.labels.remove(ProgramImage::VERSION).unwrap_or_default();
                Some(ProgramImage { name: image.repo_tags.first()?.clone(), id: image.id, file, version })
            });
            Ok(images.collect())
        }
        .boxed()
    }

    fn boot<'a>(&'a self, name: &'a str, recipe: &'a Recipe) -> BoxFuture<'a, Result<Vessel, SandboxError>> {
        async move {
            let vessel = self.make(name, recipe).await?;
            if vessel.cgroup.is_some() || recipe.share != Share::Boot {
                return Ok(vessel);
            }
            // Its share could never be raised from here.
            let usual = bollard::models::ContainerUpdateBody {
                cpu_shares: Some(Share::Grading.shares().into()),
                ..Default::default()
            };
            self.docker.update_container(name, usual).await.map_err(boot_error)?;
            Ok(vessel)
        }
        .boxed()
    }

    fn kill<'a>(&'a self, container: &'a str) -> BoxFuture<'a, Result<(), SandboxError>> {
        self.kill_container(container).boxed()
    }

    fn remove<'a>(&'a self, container: &'a str, leaving: bool) -> BoxFuture<'a, Result<(), SandboxError>> {
        self.remove_container(container, leaving).boxed()
    }

    fn own(&self) -> BoxFuture<'_, Result<Vec<Found>, SandboxError>> {
        self.find(self.own_label(), |_, _| true).boxed()
    }

    fn orphans(&self) -> BoxFuture<'_, Result<Vec<Found>, SandboxError>> {
        self.find(identity::WORKER.to_owned(), |labels, running| self.owner.is_orphan(labels, running)).boxed()
    }

    fn listen(self: Arc<Self>, stop: CancellationToken) -> BoxFuture<'static, ()> {
        self.watch.clone().keep(self.docker.clone(), self.own_label(), stop).boxed()
    }
}

/// The runtime that containers will have.
fn runtime(info: SystemInfo, wanted: Option<&str>) -> Result<String, SandboxError> {
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

/// A call of the engine, with an end.
///
/// # Errors
///
/// [`SandboxError::Unreachable`].
async fn call<T>(request: impl Future<Output = Result<T, Error>>) -> Result<T, SandboxError> {
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

fn boot_error(error: Error) -> SandboxError {
    SandboxError::Boot(error.to_string())
}
