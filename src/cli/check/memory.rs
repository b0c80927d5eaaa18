//! What `athanor check` has seen before, so that what did not change need not run again.
//!
//! One small file for each run, named by a hash of everything that decides its outcome. It is a cache: whatever cannot be
//! read is run again, and whatever cannot be written is not remembered. Without files it is kept in the process, for as long
//! as one check takes: a check that fixes looks twice at what it did not change.

use std::collections::HashMap;
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::cli::whole;

/// What has not been asked for in so long is forgotten.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How often one looks for such, and how exact the last use is known.
const LOOKED: Duration = Duration::from_secs(24 * 60 * 60);
/// Says when one looked last.
const STAMP: &str = "looked";

/// The name of a run: SHA-256 (FIPS 180-4) over all that decides its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key([u8; 32]);

impl Key {
    /// Of these parts, each with its length before it, so that no two lists of parts read the same.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn path(&self, folder: &Path) -> PathBuf {
        let name: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        folder.join(&name[..2]).join(&name[2..])
    }
}

/// The files, or what stands for them.
#[derive(Debug, Default)]
pub(super) struct Memory {
    folder: Option<PathBuf>,
    /// Used without a folder.
    here: Mutex<HashMap<[u8; 32], Vec<u8>>>,
}

impl Memory {
    /// In this folder, which only its owner may enter: expected values of hidden cases are in it.
    pub fn open(folder: PathBuf) -> Self {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        if let Err(error) = made {
            eprintln!("athanor: {} cannot be used, so every check runs everything: {error}", folder.display());
            return Self::default();
        }
        forget_old(&folder);
        Self { folder: Some(folder), here: Mutex::default() }
    }

    /// What was put under this name.
    pub fn get<T: DeserializeOwned>(&self, key: Key) -> Option<T> {
        let Some(folder) = &self.folder else {
            return serde_json::from_slice(self.here().get(&key.0)?).ok();
        };
        let path = key.path(folder);
        let found = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        if age(&path).is_some_and(|age| age > LOOKED) {
            let _ = File::options().append(true).open(&path).and_then(|file| file.set_modified(SystemTime::now()));
        }
        Some(found)
    }

    /// Puts something under a name.
    pub fn put<T: Serialize>(&self, key: Key, value: &T) {
        if let Some(folder) = &self.folder {
            let _ = write(&key.path(folder), value);
        } else if let Ok(text) = serde_json::to_vec(value) {
            self.here().insert(key.0, text);
        }
    }

    /// Forgets what is kept in the process.
    pub fn forget(&self) {
        self.here().clear();
    }

    fn here(&self) -> MutexGuard<'_, HashMap<[u8; 32], Vec<u8>>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write<T: Serialize>(path: &Path, value: &T) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    whole::write_private(path, &serde_json::to_vec(value)?)
}

fn age(path: &Path) -> Option<Duration> {
    SystemTime::now().duration_since(path.metadata().ok()?.modified().ok()?).ok()
}

fn forget_old(folder: &Path) {
    let stamp = folder.join(STAMP);
    if age(&stamp).is_some_and(|age| age < LOOKED) || fs::write(&stamp, "").is_err() {
        return;
    }
    let folders = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = folders.flat_map(|entry| fs::read_dir(entry.path()).into_iter().flatten().flatten());
    for file in files.filter(|file| age(&file.path()).is_some_and(|age| age > KEPT)) {
        let _ = fs::remove_file(file.path());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_found_and_what_is_broken_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let memory = Memory::open(folder.path().join("check"));
        let (key, other) = (Key::of(&[b"ab", b"c"]), Key::of(&[b"a", b"bc"]));
        assert_ne!(key, other, "parts keep apart");
        memory.put(key, &vec![1, 2]);
        assert_eq!(memory.get::<Vec<i32>>(key), Some(vec![1, 2]));
        assert_eq!(memory.get::<Vec<i32>>(other), None);
        fs::write(key.path(&folder.path().join("check")), "[1, ").expect("written");
        assert_eq!(memory.get::<Vec<i32>>(key), None);
        assert_eq!(Memory::default().get::<Vec<i32>>(key), None);
    }

    #[test]
    fn without_files_a_check_remembers_its_own_runs_until_the_next_one() {
        let memory = Memory::default();
        let key = Key::of(&[b"a"]);
        memory.put(key, &vec![1, 2]);
        assert_eq!(memory.get::<Vec<i32>>(key), Some(vec![1, 2]));
        memory.forget();
        assert_eq!(memory.get::<Vec<i32>>(key), None);
    }

    #[test]
    fn what_nobody_asked_for_in_a_month_is_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let memory = Memory::open(folder.path().to_owned());
        let (old, used) = (Key::of(&[b"old"]), Key::of(&[b"used"]));
        let long_ago = SystemTime::now() - KEPT - LOOKED;
        for key in [old, used] {
            memory.put(key, &true);
            let file = File::options().append(true).open(key.path(folder.path())).expect("a file");
            file.set_modified(long_ago).expect("its time is set");
        }
        assert_eq!(memory.get::<bool>(used), Some(true), "and so it is used again");
        let stamp = File::options().append(true).open(folder.path().join(STAMP)).expect("a stamp");
        stamp.set_modified(long_ago).expect("its time is set");
        let memory = Memory::open(folder.path().to_owned());
        assert_eq!((memory.get::<bool>(old), memory.get::<bool>(used)), (None, Some(true)));
    }
}
