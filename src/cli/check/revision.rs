//! A course as it was in a revision of the git repository that it lies in.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use tokio::process::Command;

use crate::content;

/// The files of a revision, for as long as this lives.
pub(super) struct Revision {
    folder: TempDir,
    /// The part of the course that was asked for, from the folder of all.
    part: PathBuf,
}

impl Revision {
    /// Takes the whole course that `path` is a part of out of git: a lesson's links and needs lead into the rest of it.
    /// Where only a part of the course lies in the repository, it is that part.
    ///
    /// # Errors
    /// There is no such revision or no repository; git is not installed.
    pub async fn of(revision: &str, path: &Path) -> anyhow::Result<Self> {
        ensure!(!revision.starts_with('-'), "'{revision}' is not the name of a revision");
        let here = if path.is_dir() {
            path
        } else {
            path.parent().filter(|it| *it != Path::new("")).unwrap_or(Path::new("."))
        };
        let here = here.canonicalize()?;
        let part = match path.file_name() {
            Some(file) if !path.is_dir() => here.join(file),
            _ => here.clone(),
        };
        let course = content::root_of(path);
        let unknown = |output: &Output| {
            let said = String::from_utf8_lossy(&output.stderr);
            format!("git does not know {} as of {revision}: {}", path.display(), said.trim())
        };
        let top = git(&here, &["rev-parse", "--show-toplevel"]).await?;
        ensure!(top.status.success(), unknown(&top));
        let top = PathBuf::from(String::from_utf8_lossy(&top.stdout).trim_end_matches('\n'));
        let base = if course.starts_with(top.canonicalize()?) { course } else { here };
        // Within a folder of the repository, git takes that folder only, and names from there.
        let files = git(&base, &["archive", "--format=tar", revision]).await?;
        ensure!(files.status.success(), unknown(&files));
        let folder = tempfile::tempdir().context("there is no room for the older course")?;
        tar::Archive::new(files.stdout.as_slice()).unpack(folder.path()).context("what git sent cannot be unpacked")?;
        let part = part.strip_prefix(&base).unwrap_or(Path::new("")).to_owned();
        Ok(Self { folder, part })
    }

    /// Where the course is, or as much of it as the repository holds.
    pub fn course(&self) -> &Path {
        self.folder.path()
    }

    /// Whether a lesson is of the part that was asked for, by its path from the course's folder.
    pub fn has(&self, lesson: &str) -> bool {
        Path::new(lesson).starts_with(&self.part)
    }
}

async fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<Output> {
    let mut git = Command::new("git");
    git.current_dir(folder).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    git.output().await.context("git cannot be run; `--since` needs it")
}
