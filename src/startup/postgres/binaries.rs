//! Where PostgreSQL's server programs are.
use std::path::{Path, PathBuf};
use std::process::Command;

use super::EmbeddedError;

/// The oldest version that Athanor's SQL works with.
const OLDEST: u32 = 15;

/// A folder with `initdb` and `postgres` of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerBinaries {
    dir: PathBuf,
    major: u32,
}

impl ServerBinaries {
    /// The newest that are installed.
    ///
    /// # Errors
    /// [`EmbeddedError::NoBinaries`] when there are none of version 15 or later.
    pub fn newest() -> Result<Self, EmbeddedError> {
        Self::newest_in(&usual_folders())
    }

    /// The newest in the given folders.
    ///
    /// # Errors
    /// As [`newest`](Self::newest).
    pub fn newest_in(folders: &[PathBuf]) -> Result<Self, EmbeddedError> {
        folders.iter().filter_map(|dir| Self::at(dir)).max_by_key(|found| found.major).ok_or_else(|| {
            let looked: Vec<String> = folders.iter().map(|dir| dir.display().to_string()).collect();
            EmbeddedError::NoBinaries { looked: looked.join(", ") }
        })
    }

    /// Those of the version that made a cluster: no other can open it.
    pub(super) fn of_version(major: u32) -> Result<Self, EmbeddedError> {
        let folders = usual_folders();
        let found = folders.iter().filter_map(|dir| Self::at(dir)).find(|found| found.major == major);
        found.ok_or(EmbeddedError::OtherVersion { major })
    }

    /// One of the programs.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn at(dir: &Path) -> Option<Self> {
        let major = major_of(&output(&dir.join("postgres"), "--version")?)?;
        let complete = dir.join("initdb").is_file();
        (complete && major >= OLDEST).then(|| Self { dir: dir.to_owned(), major })
    }
}

/// What `pg_config` says, Debian's folder per version, and where other systems put them.
fn usual_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    folders.extend(output(Path::new("pg_config"), "--bindir").map(|dir| PathBuf::from(dir.trim())));
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders.extend(["/usr/bin", "/usr/local/bin"].map(PathBuf::from));
    folders
}

fn output(program: &Path, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` is 15; so is `… 15beta1`.
fn major_of(version: &str) -> Option<u32> {
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_the_server_says() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_of("postgres: command not found"), None);
    }

    #[test]
    fn no_programs_is_an_error_that_names_the_folders_and_a_way_out() {
        let error = ServerBinaries::newest_in(&["/nowhere/bin".into()]).unwrap_err().to_string();
        assert!(error.contains("/nowhere/bin") && error.contains("apt-get install postgresql-15"), "{error}");
    }
}
