use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why there is no PostgreSQL of our own. Every message ends with a way out.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No server programs of a version that Athanor works with.
    #[error(
        "no PostgreSQL server programs of version 15 or later were found (looked in: {looked}); \
         install them (Debian: apt-get install postgresql-15), or set DATABASE_URL to a server that runs elsewhere"
    )]
    NoBinaries {
        /// The folders that were tried.
        looked: String,
    },
    /// The cluster was made by a version whose programs are gone.
    #[error(
        "the data folder was made by PostgreSQL {major}, whose programs are not installed; \
         install postgresql-{major}, or move the data to a newer version with pg_upgrade"
    )]
    OtherVersion {
        /// The version that made the folder.
        major: u32,
    },
    /// Started by root, and there is no other user to run the server as.
    #[error(
        "PostgreSQL refuses to run as root, and there is no system user `postgres` to run it as; \
         make one (useradd --system postgres), start Athanor as another user, or set DATABASE_URL"
    )]
    NoServerUser,
    /// The server's user cannot get to the data folder.
    #[error(
        "the system user {user} cannot enter {}, so PostgreSQL cannot reach its data below it; \
         set ATHANOR_DATA to a folder outside of it, such as /var/lib/athanor", blocked.display()
    )]
    Unreachable {
        /// Who the server runs as.
        user: String,
        /// The folder that stops it.
        blocked: PathBuf,
    },
    /// The data folder cannot be used.
    #[error(
        "could not {doing} {}: {source}; make its folder writable for Athanor, or set ATHANOR_DATA to another",
        path.display()
    )]
    Folder {
        /// What was tried.
        doing: &'static str,
        /// On which path.
        path: Arc<Path>,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder for the socket exists, and others could put a server of theirs into it.
    #[error("{} is not a folder that only PostgreSQL's user may enter; remove it and start again", path.display())]
    OpenSocketFolder {
        /// The folder.
        path: PathBuf,
    },
    /// One of PostgreSQL's programs could not be run at all.
    #[error("could not run PostgreSQL's {program}: {source}; install its server package anew, or set DATABASE_URL")]
    NotStarted {
        /// `initdb` or `postgres`.
        program: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// One of PostgreSQL's programs failed.
    #[error("{program} failed ({status}); it said:\n{output}\nThe whole story is in {}", log.display())]
    Program {
        /// `initdb` or `postgres`.
        program: &'static str,
        /// How it ended.
        status: String,
        /// The last lines of its output.
        output: String,
        /// Where it writes.
        log: PathBuf,
    },
    /// The server runs and does not answer.
    #[error(
        "PostgreSQL (process {pid}) did not take a connection within {seconds} s: {last}; \
         see {}, or end that process and start again", log.display()
    )]
    NotReady {
        /// The server's process.
        pid: i32,
        /// How long we waited.
        seconds: u64,
        /// The last refusal.
        last: String,
        /// Where it writes.
        log: PathBuf,
    },
    /// The server does not end.
    #[error("PostgreSQL (process {pid}) did not end within {seconds} s; see {}", log.display())]
    StillRunning {
        /// The server's process.
        pid: i32,
        /// How long we waited.
        seconds: u64,
        /// Where it writes.
        log: PathBuf,
    },
    /// Another process has been starting or stopping the cluster for too long.
    #[error("another Athanor process has been starting or stopping PostgreSQL in {} for {seconds} s; end it and start again", path.display())]
    Busy {
        /// The data folder.
        path: PathBuf,
        /// How long we waited.
        seconds: u64,
    },
}
