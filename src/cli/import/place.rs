//! Where the course goes: made beside its place and then moved there, so that it is there whole or not at all.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::content::import::Lesson;

/// Why nothing is written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("{0} is not empty: name a new folder, or give --force to replace all that it holds")]
    NotEmpty(String),
    #[error("{0} is no folder: name a new one")]
    NoFolder(String),
    #[error("{0} holds what is to be imported, or lies in it: name a folder elsewhere")]
    HoldsSource(String),
    #[error("{path} cannot be written: {error}")]
    Unwritable { path: String, error: io::Error },
}

/// A place that may be written.
pub(super) struct Place {
    dest: PathBuf,
    beside: PathBuf,
}

impl Place {
    /// Looks at it, before any work is done.
    pub fn find(source: &Path, dest: &Path, force: bool) -> Result<Self, Refused> {
        let shown = || dest.display().to_string();
        let unwritable = |error| Refused::Unwritable { path: shown(), error };
        // What a link leads to is replaced, not the link.
        let real = if dest.exists() { fs::canonicalize(dest).map_err(unwritable)? } else { dest.to_owned() };
        let parent = match real.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            Some(_) => PathBuf::from("."),
            None => return Err(Refused::NoFolder(shown())),
        };
        if real.is_symlink() || (real.exists() && !real.is_dir()) {
            return Err(Refused::NoFolder(shown()));
        }
        if real.is_dir() && !force && fs::read_dir(&real).map_err(unwritable)?.next().is_some() {
            return Err(Refused::NotEmpty(shown()));
        }
        if let Ok(source) = fs::canonicalize(source) {
            let full = std::path::absolute(&real).map_err(unwritable)?;
            if source.starts_with(&full) || full.starts_with(&source) {
                return Err(Refused::HoldsSource(shown()));
            }
        }
        Ok(Self { dest: real, beside: parent })
    }

    /// Writes lessons and pictures beside the place, where they vanish unless they are put there.
    pub fn stage(&self, lessons: &[Lesson]) -> Result<TempDir, Refused> {
        self.write(lessons).map_err(|error| self.unwritable(error))
    }

    fn write(&self, lessons: &[Lesson]) -> io::Result<TempDir> {
        fs::create_dir_all(&self.beside)?;
        let staged = tempfile::Builder::new().prefix(".athanor-import-").tempdir_in(&self.beside)?;
        for lesson in lessons {
            let file = staged.path().join(&lesson.path);
            let chapter = file.parent().unwrap_or(staged.path()).to_owned();
            fs::create_dir_all(&chapter)?;
            fs::write(&file, &lesson.text)?;
            for picture in &lesson.pictures {
                fs::write(chapter.join(&picture.name), &picture.bytes)?;
            }
        }
        Ok(staged)
    }

    /// Moves what was written to its place; what was there before goes once it is.
    pub fn put(&self, staged: TempDir) -> Result<(), Refused> {
        self.exchange(&staged).map_err(|error| self.unwritable(error))
    }

    fn exchange(&self, staged: &TempDir) -> io::Result<()> {
        // A temporary folder is for its owner only; a course is to be read by others.
        fs::set_permissions(staged.path(), fs::Permissions::from_mode(0o755))?;
        if !self.dest.exists() {
            return fs::rename(staged.path(), &self.dest);
        }
        let old = tempfile::Builder::new().prefix(".athanor-replaced-").tempdir_in(&self.beside)?;
        let kept = old.path().join("course");
        fs::rename(&self.dest, &kept)?;
        fs::rename(staged.path(), &self.dest).inspect_err(|_| {
            // Back to how it was; if even that fails, the old course must not be cleared away with its folder.
            if fs::rename(&kept, &self.dest).is_err() {
                eprintln!("athanor: what {} held is now in {}", self.dest.display(), kept.display());
            }
        })
    }

    fn unwritable(&self, error: io::Error) -> Refused {
        Refused::Unwritable { path: self.dest.display().to_string(), error }
    }
}
