//! The containers of one sandbox: the engine that makes them, their names, and which of them somebody sees to.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::engine::{Engine, Image, Recipe, Share};
use super::identity::Owner;
use super::settings::ContainerSettings;
use crate::domain::ids::ImageName;
use crate::domain::limits::Limits;
use crate::sandbox::SandboxError;

/// An engine, what it was asked to make, and the names it was asked for.
pub struct Fleet {
    /// The engine.
    pub engine: Arc<dyn Engine>,
    /// The settings.
    pub settings: ContainerSettings,
    /// The image of gradings, by its id, so that building it again changes nothing under a running worker.
    pub image: Image,
    /// Those with packages that were asked for, by their ids, too.
    images: Mutex<HashMap<ImageName, Image>>,
    owner: Owner,
    containers: AtomicUsize,
    known: Mutex<HashSet<String>>,
}

impl Fleet {
    /// The fleet of this owner.
    pub fn new(engine: Arc<dyn Engine>, settings: ContainerSettings, image: Image, owner: Owner) -> Self {
        let (images, known) = (Mutex::default(), Mutex::default());
        Self { engine, settings, image, images, owner, containers: AtomicUsize::new(1), known }
    }

    /// A name that no container of ours had before. It [is known](Self::knows) until the container is removed.
    pub fn next_name(&self) -> String {
        let name = self.owner.container_name(self.containers.fetch_add(1, Ordering::Relaxed));
        self.meet(&name);
        name
    }

    /// The image of gradings, or the one with packages of this name.
    ///
    /// # Errors
    ///
    /// [`SandboxError::NoSuchImage`], [`SandboxError::Unreachable`].
    pub async fn image(&self, name: Option<&ImageName>) -> Result<Image, SandboxError> {
        let Some(name) = name else { return Ok(self.image.clone()) };
        if let Some(image) = self.images().get(name) {
            return Ok(image.clone());
        }
        let image = self.engine.image(&full_name(&self.settings.image, name)).await?;
        Ok(self.images().entry(name.clone()).or_insert(image).clone())
    }

    /// It is looked for anew when it is asked for again.
    pub fn forget(&self, name: &ImageName) {
        self.images().remove(name);
    }

    fn images(&self) -> MutexGuard<'_, HashMap<ImageName, Image>> {
        self.images.lock().unwrap_or_else(PoisonError::into_inner)
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

/// `usual` with the name after it, and before its tag if it has one.
pub(super) fn full_name(usual: &str, name: &ImageName) -> String {
    match usual.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => format!("{repository}-{name}:{tag}"),
        _ => format!("{usual}-{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_with_packages_is_called_after_the_usual_one() {
        let parsec = ImageName::parse("parsec").unwrap();
        for (usual, full) in [
            ("athanor-runner-elixir", "athanor-runner-elixir-parsec"),
            ("images.example.org:5000/elixir", "images.example.org:5000/elixir-parsec"),
            ("images.example.org:5000/elixir:1.18", "images.example.org:5000/elixir-parsec:1.18"),
        ] {
            assert_eq!(full_name(usual, &parsec), full);
        }
    }
}
