//! The images that jobs run in: the usual one, and those with packages that exercises ask for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::engine::{Engine, Image};
use crate::domain::ids::ImageName;
use crate::sandbox::SandboxError;

/// Images by their ids, so that building one again changes nothing under a running worker: what is kept by an image's digest,
/// and what runs in it, stay of one piece until the worker is started anew.
pub struct Images {
    engine: Arc<dyn Engine>,
    /// What the usual one is called.
    name: String,
    /// The usual one.
    pub usual: Image,
    found: Mutex<HashMap<ImageName, Image>>,
}

impl Images {
    /// Looks for the usual one. The others are looked for when they are first asked for.
    ///
    /// # Errors
    ///
    /// [`SandboxError::NoSuchImage`], [`SandboxError::Unreachable`].
    pub async fn new(engine: Arc<dyn Engine>, name: &str) -> Result<Self, SandboxError> {
        let usual = engine.image(name).await?;
        Ok(Self { engine, name: name.to_owned(), usual, found: Mutex::default() })
    }

    /// The usual one, or the one with packages of this name.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Packages`], [`SandboxError::Unreachable`].
    pub async fn get(&self, name: Option<&ImageName>) -> Result<Image, SandboxError> {
        let Some(name) = name else { return Ok(self.usual.clone()) };
        if let Some(image) = self.found().get(name) {
            return Ok(image.clone());
        }
        let full = full_name(&self.name, name);
        let image = self.engine.image(&full).await.map_err(|fault| match fault {
            SandboxError::NoSuchImage { image } => {
                SandboxError::Packages { image, why: "there is none on this machine".to_owned() }
            }
            other => other,
        })?;
        Ok(self.found().entry(name.clone()).or_insert(image).clone())
    }

    fn found(&self) -> MutexGuard<'_, HashMap<ImageName, Image>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The usual one's name with `name` after it: before its tag if it has one, and without its digest. `bin/image` does the same.
fn full_name(usual: &str, name: &ImageName) -> String {
    let usual = usual.split_once('@').map_or(usual, |(usual, _)| usual);
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
            ("images.example.org/elixir@sha256:0123", "images.example.org/elixir-parsec"),
        ] {
            assert_eq!(full_name(usual, &parsec), full);
        }
    }
}
