//! Containers without a daemon: a runtime is called on bundles that are made here, and the rest is files.
//!
//! Nothing stands between the worker and a container: its standard input and output are pipes that the worker holds, its
//! processes and its memory are read from its control group, and how it ended from the kernel. That costs a half to a third
//! of what the way through a daemon costs (`docs/PERFORMANCE.md`).

mod bundle;
mod channel;
mod exit;
mod fate;
mod host;
pub mod images;
mod place;
mod runtime;
mod settings;
mod uids;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bollard::Docker;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use rustix::process::{Pid, Signal, kill_process};
use tokio_util::sync::CancellationToken;

use exit::{Ended, Exit};
use fate::OciFate;
pub use host::GROUPS;
use host::Host;
use images::{ImageError, Store, StoredImage};
use place::Place;
use runtime::Runtime;
pub use settings::{OciSettings, UidRange};
use uids::{Pair, Uids};

use super::SandboxError;
use super::containers::cgroup::Trees;
use super::containers::engine::{Engine, Found, Image, ProgramImage, Recipe, Vessel};
use super::containers::identity::Owner;

/// How long a VM whose channel was closed may take to end by itself.
const LEAVING: Duration = Duration::from_secs(1);

/// How long processes that were killed may take to be gone.
const DYING: Duration = Duration::from_secs(10);

/// Pause before it is looked again whether they are.
const PAUSE: Duration = Duration::from_millis(2);

/// Makes containers by calling a runtime.
pub struct OciEngine {
    runtime: Runtime,
    place: Place,
    store: Store,
    docker: Option<Docker>,
    uids: Option<Uids>,
    /// Images that containers were made of, which are verified when they are first used.
    images: Mutex<HashMap<String, Arc<StoredImage>>>,
    /// Containers that run, and how they ended.
    living: Mutex<HashMap<String, Living>>,
}

struct Living {
    ended: Ended,
    /// Its first process.
    first: i32,
    /// Its user ids, which are free again when it has been removed.
    _ids: Option<Pair>,
}

/// What this machine gives to containers that are made without a daemon, in words.
///
/// # Errors
///
/// [`SandboxError::NoSuchRuntime`], [`SandboxError::Unreachable`], or [`SandboxError::Host`] with what is missing.
pub async fn describe(settings: &OciSettings, runtime: Option<&str>) -> Result<String, SandboxError> {
    let runtime = Runtime::find(runtime).await?;
    let host = Host::look(&runtime, settings.uids)?;
    let users = match host.uids {
        Some(range) => format!("user ids of their own from {}", range.first),
        None if runtime.gvisor => "gVisor's own users".to_owned(),
        None => "the host's nobody".to_owned(),
    };
    Ok(format!("{}, control groups {}, {users}", runtime.version, Trees::of_this_machine().kind()))
}

impl OciEngine {
    /// Looks whether this machine can do it, and makes a place for this owner's containers.
    ///
    /// # Errors
    ///
    /// [`SandboxError::NoSuchRuntime`], or [`SandboxError::Host`] with what is missing.
    pub async fn start(settings: &OciSettings, runtime: Option<&str>, owner: &Owner) -> Result<Self, SandboxError> {
        let runtime = Runtime::find(runtime).await?;
        let host = Host::look(&runtime, settings.uids)?;
        // A runtime leaves its container to whoever started it, so that it can be waited for.
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
            .map_err(|error| SandboxError::Host(format!("it may not wait for containers: {error}")))?;
        let place = Place::new(&settings.state, &host.groups, owner);
        place.prepare(&place::labels(owner)).map_err(|error| {
            SandboxError::Host(format!("{} cannot be used for its containers: {error}", settings.state.display()))
        })?;
        Ok(Self {
            runtime,
            place,
            store: Store::new(&settings.images),
            docker: docker(settings.docker.as_deref()).await,
            uids: host.uids.map(Uids::new),
            images: Mutex::default(),
            living: Mutex::default(),
        })
    }

    fn living(&self) -> MutexGuard<'_, HashMap<String, Living>> {
        self.living.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The unpacked image of this id. It is verified when it is first asked for.
    async fn stored(&self, id: &str) -> Result<Arc<StoredImage>, SandboxError> {
        let known = |engine: &Self| engine.images.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if let Some(image) = known(self) {
            return Ok(image);
        }
        let (store, wanted) = (self.store.clone(), id.to_owned());
        let opened = tokio::task::spawn_blocking(move || store.open(&wanted)).await;
        let opened = opened.map_err(|panic| SandboxError::Boot(panic.to_string()))?.map_err(host_error)?;
        let image = Arc::new(opened.ok_or_else(|| SandboxError::NoSuchImage { image: id.to_owned() })?);
        self.images.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), image.clone());
        Ok(image)
    }

    async fn make(&self, name: &str, recipe: &Recipe) -> Result<Vessel, SandboxError> {
        let image = self.stored(&recipe.image).await?;
        let ids = match &self.uids {
            Some(uids) => Some(uids.take().ok_or_else(|| SandboxError::Boot("no user ids are free".to_owned()))?),
            None => None,
        };
        let boot = |error: &dyn std::fmt::Display| SandboxError::Boot(error.to_string());
        let bundle = self.place.bundle(name);
        let config = bundle::config(recipe, &image, &self.place.group_path(name), ids.as_ref(), self.runtime.gvisor);
        std::fs::create_dir(&bundle).map_err(|error| boot(&error))?;
        std::fs::write(bundle.join("config.json"), config.to_string()).map_err(|error| boot(&error))?;
        let (ours, theirs) = channel::open().map_err(|error| boot(&error))?;
        if let Some(ids) = &ids {
            theirs.give_to(ids.nobody()).map_err(|error| boot(&error))?;
        }
        let first = match self.runtime.run(&self.place.runtime(name), &bundle, name, theirs).await {
            Ok(first) => first,
            Err(reason) => return Err(boot(&format!("{reason}: {}", ours.complaint().await))),
        };
        let ended = exit::follow(first).map_err(|error| boot(&error))?;
        let group = self.place.group(name);
        self.living().insert(name.to_owned(), Living { ended: ended.clone(), first, _ids: ids });
        let fate = Box::new(OciFate::new(ended, group.clone()));
        let (input, output) = ours.split();
        Ok(Vessel { input, output, fate, cgroup: Some(group) })
    }

    /// How a container of ours ended; `None` if it has not, or is not one of ours.
    fn exit(&self, container: &str) -> Option<Exit> {
        self.living().get(container).and_then(|living| *living.ended.borrow())
    }

    async fn wait(&self, container: &str, longest: Duration) {
        let ended = self.living().get(container).map(|living| living.ended.clone());
        if let Some(mut ended) = ended {
            let _ = tokio::time::timeout(longest, ended.wait_for(Option::is_some)).await;
        }
    }

    /// Sends the signal that cannot be caught to all processes of a container, whether it is ours or was somebody's.
    fn kill_all(&self, container: &str) {
        self.place.group(container).thaw();
        for process in self.place.group(container).processes().into_iter().filter_map(Pid::from_raw) {
            let _ = kill_process(process, Signal::KILL);
        }
    }

    async fn take_away(&self, container: &str, leaving: bool) -> Result<(), SandboxError> {
        if leaving {
            self.wait(container, LEAVING).await;
        }
        let began = std::time::Instant::now();
        // What has ended may have left processes in its group for a moment: those of a namespace end with its first.
        while !self.place.group(container).processes().is_empty() {
            self.kill_all(container);
            if began.elapsed() > DYING {
                return Err(SandboxError::Unreachable(format!("processes of it do not end within {DYING:?}")));
            }
            tokio::time::sleep(PAUSE).await;
        }
        if self.exit(container).is_none() {
            self.wait(container, DYING).await;
        }
        if self.runtime.gvisor {
            // Its kernel has files and mounts of its own.
            let (_, name) = container.rsplit_once('/').unwrap_or(("", container));
            if let Err(error) = self.runtime.delete(&self.place.runtime(container), name).await {
                tracing::debug!(container, error, "the runtime could not remove it");
            }
        }
        // Everything that a runtime would still remove are folders, and it takes a process of 20 ms to do so.
        let mut removed = self.place.remove(container);
        while removed.is_err() && began.elapsed() < DYING {
            tokio::time::sleep(PAUSE).await;
            removed = self.place.remove(container);
        }
        removed.map_err(|error| SandboxError::Unreachable(error.to_string()))?;
        let mut living = self.living();
        living.remove(container);
        if self.runtime.gvisor {
            let followed: Vec<i32> = living.values().map(|living| living.first).collect();
            drop(living);
            exit::bury_strays(&followed);
        }
        Ok(())
    }
}

impl Engine for OciEngine {
    fn image<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Image, SandboxError>> {
        async move {
            let id = images::fetch(&self.store, self.docker.as_ref(), name).await.map_err(host_error)?;
            let id = id.ok_or_else(|| SandboxError::NoSuchImage { image: name.to_owned() })?;
            let stored = self.stored(&id).await?;
            Ok(Image::new(id, |label| stored.config.labels.get(label).cloned()))
        }
        .boxed()
    }

    fn program_images(&self) -> BoxFuture<'_, Result<Vec<ProgramImage>, SandboxError>> {
        async {
            images::fetch_programs(&self.store, self.docker.as_ref()).await;
            let mut found = Vec::new();
            for (name, id) in self.store.names() {
                let Ok(image) = self.stored(&id).await else { continue };
                let label = |label: &str| image.config.labels.get(label).cloned();
                if let Some(file) = label(ProgramImage::FILE) {
                    let version = label(ProgramImage::VERSION).unwrap_or_default();
                    found.push(ProgramImage { name, id, file, version });
                }
            }
            Ok(found)
        }
        .boxed()
    }

    fn boot<'a>(&'a self, name: &'a str, recipe: &'a Recipe) -> BoxFuture<'a, Result<Vessel, SandboxError>> {
        self.make(name, recipe).boxed()
    }

    fn kill<'a>(&'a self, container: &'a str) -> BoxFuture<'a, Result<(), SandboxError>> {
        async move {
            self.kill_all(container);
            Ok(())
        }
        .boxed()
    }

    fn remove<'a>(&'a self, container: &'a str, leaving: bool) -> BoxFuture<'a, Result<(), SandboxError>> {
        self.take_away(container, leaving).boxed()
    }

    fn own(&self) -> BoxFuture<'_, Result<Vec<Found>, SandboxError>> {
        async { Ok(self.place.own()) }.boxed()
    }

    fn orphans(&self) -> BoxFuture<'_, Result<Vec<Found>, SandboxError>> {
        async { Ok(self.place.orphans()) }.boxed()
    }

    fn listen(self: Arc<Self>, _stop: CancellationToken) -> BoxFuture<'static, ()> {
        // The kernel tells of each container by itself.
        std::future::ready(()).boxed()
    }
}

impl Drop for OciEngine {
    fn drop(&mut self) {
        self.place.leave();
    }
}

/// A Docker engine to fetch images from. It need not be there.
async fn docker(host: Option<&str>) -> Option<Docker> {
    let docker = match host {
        Some(host) => Docker::connect_with_host(host),
        None => Docker::connect_with_defaults(),
    };
    let docker = docker.ok()?.with_timeout(Duration::from_secs(120));
    tokio::time::timeout(Duration::from_secs(3), docker.negotiate_version()).await.ok()?.ok()
}

fn host_error(error: ImageError) -> SandboxError {
    SandboxError::Host(error.to_string())
}
