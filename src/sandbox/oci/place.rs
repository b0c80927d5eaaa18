//! Where on this machine the containers of a worker are: a folder with their bundles, and a group in each tree.
//!
//! Both are named after the worker, so that those of a dead one are found and removed whatever was left of it.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};

use crate::sandbox::containers::cgroup::{Cgroup, Trees};
use crate::sandbox::containers::engine::Found;
use crate::sandbox::containers::identity::{self, Owner};

/// The labels of an owner, kept beside its containers.
const OWNER: &str = "owner.json";
/// What the runtime keeps.
const RUNTIME: &str = "runtime";

/// Folders and groups of all workers, and which of them are ours.
#[derive(Debug, Clone)]
pub struct Place {
    state: PathBuf,
    /// The group below which all are, from the root of each tree.
    groups: PathBuf,
    owner: Owner,
}

impl Place {
    /// For this owner.
    pub fn new(state: &Path, groups: &Path, owner: &Owner) -> Self {
        Self { state: state.to_owned(), groups: groups.to_owned(), owner: owner.clone() }
    }

    /// Makes the owner's folder.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub fn prepare(&self, labels: &HashMap<String, String>) -> io::Result<()> {
        let folder = self.of(&self.owner.label());
        std::fs::create_dir_all(folder.join(RUNTIME))?;
        std::fs::write(folder.join(OWNER), serde_json::to_vec(labels).map_err(io::Error::other)?)
    }

    fn of(&self, owner: &str) -> PathBuf {
        self.state.join(owner)
    }

    /// The owner and the name of a container by its id: its name alone, for one of ours.
    fn parts<'a>(&self, id: &'a str) -> (String, &'a str) {
        match id.split_once('/') {
            Some((owner, name)) => (owner.to_owned(), name),
            None => (self.owner.label(), id),
        }
    }

    /// Where the runtime keeps what it knows of a container.
    pub fn runtime(&self, id: &str) -> PathBuf {
        self.of(&self.parts(id).0).join(RUNTIME)
    }

    /// A container's bundle.
    pub fn bundle(&self, id: &str) -> PathBuf {
        let (owner, name) = self.parts(id);
        self.of(&owner).join(name)
    }

    /// A container's group, from the root of each tree.
    pub fn group_path(&self, id: &str) -> PathBuf {
        let (owner, name) = self.parts(id);
        self.groups.join(owner).join(name)
    }

    /// A container's group.
    pub fn group(&self, id: &str) -> Cgroup {
        Trees::of_this_machine().group(&self.group_path(id))
    }

    /// The containers of this owner.
    pub fn own(&self) -> Vec<Found> {
        self.containers(&self.owner.label()).into_iter().map(|name| Found { id: name.clone(), name }).collect()
    }

    /// The containers of owners that have gone; owners that have gone and left nothing are forgotten.
    pub fn orphans(&self) -> Vec<Found> {
        let mut found = Vec::new();
        for owner in self.owners() {
            if owner == self.owner.label() || !self.has_gone(&owner) {
                continue;
            }
            let left = self.containers(&owner);
            if left.is_empty() {
                self.forget(&owner);
            }
            found.extend(left.into_iter().map(|name| Found { id: format!("{owner}/{name}"), name }));
        }
        found
    }

    /// Everybody of whom there is a folder or a group.
    fn owners(&self) -> BTreeSet<String> {
        let groups = Trees::of_this_machine().folders(&self.groups);
        std::iter::once(self.state.clone()).chain(groups).flat_map(|folder| folders_in(&folder)).collect()
    }

    fn containers(&self, owner: &str) -> BTreeSet<String> {
        let mut names: BTreeSet<String> =
            folders_in(&self.of(owner)).into_iter().filter(|name| name != RUNTIME).collect();
        for folder in Trees::of_this_machine().folders(&self.groups.join(owner)) {
            names.extend(folders_in(&folder));
        }
        names
    }

    fn has_gone(&self, owner: &str) -> bool {
        let text = std::fs::read(self.of(owner).join(OWNER)).unwrap_or_default();
        let labels = serde_json::from_slice(&text).unwrap_or_else(|_| self.owner.labels_of_group(owner));
        self.owner.is_orphan(&labels, true)
    }

    /// Removes what there is of an owner that has no containers.
    pub fn forget(&self, owner: &str) {
        for folder in Trees::of_this_machine().folders(&self.groups.join(owner)) {
            let _ = std::fs::remove_dir(folder);
        }
        let _ = std::fs::remove_dir_all(self.of(owner));
    }

    /// Removes what there is of us. What still has containers stays.
    pub fn leave(&self) {
        if self.own().is_empty() {
            self.forget(&self.owner.label());
        }
    }

    /// Removes a container's folders and groups. Its processes must have ended.
    ///
    /// # Errors
    ///
    /// Something stays, most likely since a process does.
    pub fn remove(&self, id: &str) -> io::Result<()> {
        for group in self.group(id).folders() {
            gone(std::fs::remove_dir(group))?;
        }
        let (_, name) = self.parts(id);
        gone(std::fs::remove_dir_all(self.runtime(id).join(name)))?;
        gone(std::fs::remove_dir_all(self.bundle(id)))
    }
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn folders_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// The labels under which an owner is asked about.
pub fn labels(owner: &Owner) -> HashMap<String, String> {
    let mut labels = owner.labels("", std::time::Duration::from_secs(365 * 24 * 3600));
    labels.remove(identity::IMAGE);
    labels
}
