//! How a sandbox comes up: what it needs is looked for first, and only then does anything run.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::activity::Activity;
use super::consoles::ContainerConsoles;
use super::engine::Engine;
use super::fleet::Fleet;
use super::identity::Owner;
use super::images::Images;
use super::kind::Kind;
use super::pool::Pool;
use super::programs::{ContainerPrograms, Shared};
use super::reap::Reaper;
use super::{ContainerSandbox, ContainerSettings, EngineSettings, sweep, warmth};
use crate::domain::ids::ImageName;
use crate::domain::job::Flavour;
use crate::sandbox::SandboxError;
use crate::sandbox::docker::DockerEngine;
use crate::sandbox::oci::OciEngine;

/// An engine that answers and has the image. No container has been made.
pub struct Prepared {
    engine: Arc<dyn Engine>,
    images: Arc<Images>,
    settings: ContainerSettings,
    owner: Owner,
}

impl Prepared {
    /// Connects to the engine and checks what it has.
    ///
    /// # Errors
    ///
    /// The engine cannot be reached, or lacks the runtime or the image.
    pub async fn new(settings: ContainerSettings) -> Result<Self, SandboxError> {
        let owner = Owner::new();
        let runtime = settings.runtime.as_deref();
        let engine: Arc<dyn Engine> = match &settings.engine {
            EngineSettings::Docker { host } => Arc::new(DockerEngine::connect(host.as_deref(), runtime, &owner).await?),
            EngineSettings::Oci(oci) => Arc::new(OciEngine::start(oci, runtime, &owner).await?),
        };
        let images = Arc::new(Images::new(engine.clone(), &settings.image).await?);
        Ok(Self { engine, images, settings, owner })
    }

    /// As [`Sandbox::image_digest`](crate::sandbox::Sandbox::image_digest).
    #[must_use]
    pub fn image_digest(&self) -> &str {
        &self.images.usual.id
    }

    /// As [`Sandbox::digest_of`](crate::sandbox::Sandbox::digest_of).
    ///
    /// # Errors
    ///
    /// [`SandboxError::Packages`], [`SandboxError::Unreachable`].
    pub async fn digest_of(&self, image: Option<&ImageName>) -> Result<String, SandboxError> {
        Ok(self.images.get(image).await?.id)
    }

    /// As [`Sandbox::flavour`](crate::sandbox::Sandbox::flavour).
    #[must_use]
    pub fn flavour(&self) -> Option<Flavour> {
        Kind::usual(self.settings.flavour, &self.images.usual).flavour
    }

    /// Removes what dead workers left, and begins to fill the pool.
    ///
    /// # Errors
    ///
    /// The engine fails.
    pub async fn start(&self) -> Result<ContainerSandbox, SandboxError> {
        let (engine, settings) = (self.engine.clone(), self.settings.clone());
        let fleet = Arc::new(Fleet::new(engine.clone(), settings, self.images.clone(), self.owner.clone()));
        let (stop, tasks, activity) = (CancellationToken::new(), TaskTracker::new(), Activity::default());
        let (reaper, graveyard) = Reaper::new();
        sweep::orphans(&fleet, &reaper).await?;
        let pool = Pool::new(fleet.clone(), reaper.clone(), activity.clone(), stop.clone(), tasks.clone());
        // The graveyard is tended for as long as anyone may bury, so it is not waited for.
        tokio::spawn(graveyard.tend(fleet.clone(), activity.clone(), stop.clone()));
        tasks.spawn(engine.listen(stop.clone()));
        tasks.spawn(sweep::keep(fleet.clone(), reaper.clone(), stop.clone()));
        tasks.spawn(pool.clone().tend());
        tasks.spawn(warmth::follow(fleet.clone(), pool.clone(), stop.clone()));
        let slots = Semaphore::new(fleet.settings.max_jobs);
        let programs = match fleet.settings.programs.clone() {
            None => None,
            Some(settings) => {
                let (fleet, reaper, activity) = (fleet.clone(), reaper.clone(), activity.clone());
                let shared = Shared { fleet, reaper, activity, stop: stop.clone(), tasks: tasks.clone() };
                Some(ContainerPrograms::start(shared, settings).await?)
            }
        };
        let consoles = Arc::new(ContainerConsoles {
            fleet: fleet.clone(),
            reaper: reaper.clone(),
            activity: activity.clone(),
            stop: stop.clone(),
            tasks: tasks.clone(),
        });
        Ok(ContainerSandbox { fleet, pool, reaper, activity, slots, programs, consoles, stop, tasks })
    }
}
