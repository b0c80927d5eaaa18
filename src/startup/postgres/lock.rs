//! Two locks say who may start or stop the cluster, and who uses it.
//!
//! Both are `flock`s: the kernel drops them when a process ends, even by `kill -9`, and the server does not
//! inherit them, because Rust opens files close-on-exec.
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{EmbeddedError, io};

/// The right to start or stop the cluster, held for as long as that takes.
#[derive(Debug)]
pub struct Turn(#[allow(dead_code)] File);

impl Turn {
    /// Waits for it.
    pub async fn take(data_dir: &Path, limit: Duration) -> Result<Self, EmbeddedError> {
        let path = data_dir.join("postgres.turn");
        let file = open(&path)?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::Error(error)) => return Err(io("lock", &path)(error)),
                Err(TryLockError::WouldBlock) if began.elapsed() > limit => {
                    return Err(EmbeddedError::Busy { path: data_dir.into(), seconds: limit.as_secs() });
                }
                Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// Takes it if it is free.
    pub fn try_take(data_dir: &Path) -> Option<Self> {
        let file = open(&data_dir.join("postgres.turn")).ok()?;
        file.try_lock().is_ok().then_some(Self(file))
    }
}

/// One process's use of the cluster. Take and leave it only during a [`Turn`].
#[derive(Debug)]
pub struct Use(File);

impl Use {
    /// Becomes one of the users.
    pub fn take(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let path = data_dir.join("postgres.use");
        let file = open(&path)?;
        // Only `leave` locks it exclusively, during a turn, and lets go within it: there is no waiting here.
        file.lock_shared().map_err(io("lock", &path))?;
        Ok(Self(file))
    }

    /// Ends the use; true when there is no other.
    pub fn leave(self) -> bool {
        // Not converted in place: `flock` may lose the lock on the way, which is what we want anyway.
        self.0.unlock().is_ok() && self.0.try_lock().is_ok()
    }
}

fn open(path: &Path) -> Result<File, EmbeddedError> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).map_err(io("open", path))
}
