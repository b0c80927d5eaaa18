//! A PostgreSQL of our own, for when `DATABASE_URL` is unset: made, started and stopped without set-up.
//!
//! The cluster lives in `postgres/` below the data folder and listens only on a socket in a folder that
//! nobody else may enter. Every Athanor process on the same data folder *uses* the one cluster: the first
//! starts it, later ones join it, and the last one to leave stops it. Use is a shared lock on a file, which the
//! kernel takes back however a process ends; so a cluster that was left running by `kill -9` is simply found
//! by the next process, used, and stopped when that one leaves.
mod binaries;
mod cluster;
mod error;
mod folder;
mod lock;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

pub use binaries::ServerBinaries;
pub use error::EmbeddedError;

use cluster::Postmaster;
use folder::ServerUser;
use lock::{Turn, Use};

/// How long one process waits for another that is starting or stopping the same cluster.
const TURN_LIMIT: Duration = Duration::from_secs(90);

/// The cluster below one data folder, in use by this process until [`stop`](Self::stop).
///
/// Dropped without `stop`, it asks the server to end if nobody else uses it, and does not wait.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    data_dir: PathBuf,
    postmaster: Postmaster,
    held: Option<Use>,
}

impl EmbeddedPostgres {
    /// Starts the cluster below `data_dir`, or joins it when it is running; makes it first when there is none.
    ///
    /// # Errors
    /// When no server programs of version 15 or later are installed, when the folder cannot be used, or
    /// when the server does not start. Each error says what to do about it.
    pub async fn start(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let binaries = match folder::version_of(data_dir) {
            Some(major) => ServerBinaries::of_version(major)?,
            None => ServerBinaries::newest()?,
        };
        Self::start_with(data_dir, &binaries).await
    }

    /// As [`start`](Self::start), with the server programs given.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_with(data_dir: &Path, binaries: &ServerBinaries) -> Result<Self, EmbeddedError> {
        let user = ServerUser::for_folder(data_dir)?;
        let data_dir = folder::prepare(data_dir, &user)?;
        // Whoever starts or stops has its turn alone; the use is taken within it, so that nobody stops in between.
        let turn = Turn::take(&data_dir, TURN_LIMIT).await?;
        let held = Use::take(&data_dir)?;
        let postmaster = loop {
            match cluster::running(&data_dir).await {
                // `None`: it was on its way out.
                Some(found) => match found.ready_unless_it_ends(&data_dir).await? {
                    Some(postmaster) => break postmaster,
                    None => continue,
                },
                None => break cluster::start(&data_dir, binaries, &user).await?,
            }
        };
        drop(turn);
        Ok(Self { data_dir, postmaster, held: Some(held) })
    }

    /// How to connect: over the socket, as the role `athanor`, to the database `athanor` that it owns.
    pub fn url(&self) -> PgConnectOptions {
        connect_options(&self.postmaster.socket_dir)
    }

    /// The folder that holds the socket.
    pub fn socket_dir(&self) -> &Path {
        &self.postmaster.socket_dir
    }

    /// The server's process id, which stays the same for all that use the cluster.
    pub fn pid(&self) -> i32 {
        self.postmaster.pid
    }

    /// Ends this process's use, and the server if nobody else uses it. Open connections are closed by the server,
    /// so close the pool first.
    ///
    /// # Errors
    /// When another process holds its turn for too long, or the server does not end.
    pub async fn stop(mut self) -> Result<(), EmbeddedError> {
        let turn = Turn::take(&self.data_dir, TURN_LIMIT).await?;
        if self.leave_as_last() {
            self.postmaster.stop(&self.data_dir).await?;
        }
        drop(turn);
        Ok(())
    }

    /// Gives up the use; true when nobody else has one.
    fn leave_as_last(&mut self) -> bool {
        self.held.take().is_some_and(Use::leave)
    }
}

impl Drop for EmbeddedPostgres {
    fn drop(&mut self) {
        if self.held.is_none() {
            return;
        }
        // Someone else having its turn is starting or stopping, and will look after the server.
        if let Some(_turn) = Turn::try_take(&self.data_dir)
            && self.leave_as_last()
        {
            self.postmaster.ask_to_stop(&self.data_dir);
        }
    }
}

/// The port only names the socket file: nothing listens on the network.
const PORT: u16 = 5432;

fn connect_options(socket_dir: &Path) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket_dir)
        .port(PORT)
        .username("athanor")
        .database("athanor")
        .ssl_mode(PgSslMode::Disable)
}

/// Errors of the file system, with the path and what was being done.
fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> EmbeddedError {
    let path = Arc::from(path);
    move |source| EmbeddedError::Folder { doing, path, source }
}
