//! The containers of one sandbox: the engine that makes them, their names, and which of them somebody sees to.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::engine::{Engine, Image, Recipe, Share};
use super::identity::Owner;
use super::images::Images;
use super::settings::ContainerSettings;
use crate::domain::limits::Limits;
use crate::sandbox::SandboxError;

/// An engine, what it was asked to make, and the names it was asked for.
pub struct Fleet {
    /// The engine.
    pub engine: Arc<dyn Engine>,
    /// The settings.
    pub settings: ContainerSettings,
    /// What containers are made of.
    pub images: Arc<Images>,
    owner: Owner,
    containers: AtomicUsize,
    known: Mutex<HashSet<String>>,
}

impl Fleet {
    /// The fleet of this owner.
    pub fn new(engine: Arc<dyn Engine>, settings: ContainerSettings, images: Arc<Images>, owner: Owner) -> Self {
        Self { engine, settings, images, owner, containers: AtomicUsize::new(1), known: Mutex::default() }
    }

    /// A name that no container of ours had before. It [is known](Self::knows) until the container is removed.
    pub fn next_name(&self) -> String {
        let name = self.owner.container_name(self.containers.fetch_add(1, Ordering::Relaxed));
        self.meet(&name);
        name
    }

    /// What a container of this image for gradings is made of.
    pub fn recipe(&self, image: &Image, limits: &Limits, share: Share) -> Recipe {
        Recipe {
            image: image.id.clone(),
            command: None,
            environment: Vec::new(),
            limits: *limits,
            share,
            more_calls: &[],
            // Longer than any container of ours lives: idle ones are recycled, and jobs are short.
            lifetime: 2 * self.settings.recycle_after + limits.job() + Duration::from_secs(600),
        }
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

    /// Removes a container, see [`Engine::remove`].
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`].
    pub async fn remove(&self, container: &str, leaving: bool) -> Result<(), SandboxError> {
        self.engine.remove(container, leaving).await?;
        self.known().remove(container);
        Ok(())
    }
}
