//! Calls a runtime: `runc`, `crun` or gVisor's `runsc`. All of them have the same commands.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::sandbox::SandboxError;
use crate::sandbox::containers::engine::is_gvisor;

/// The runtime where none is asked for.
const USUAL: &str = "runc";

/// Where programs are that a service may not have on its path.
const MORE_PATHS: [&str; 3] = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

/// What gVisor's is called with: its fastest way to catch system calls that needs no hardware, no network stack, and our
/// filter of system calls, which it otherwise ignores.
const GVISOR: [&str; 3] = ["--platform=systrap", "--network=none", "--oci-seccomp"];

/// How long a runtime may take to say its version.
const VERSION: Duration = Duration::from_secs(5);

/// How long a runtime may take to remove something.
const REMOVAL: Duration = Duration::from_secs(15);

/// A runtime that is installed.
#[derive(Debug, Clone)]
pub struct Runtime {
    program: PathBuf,
    /// Whether it has a kernel of its own.
    pub gvisor: bool,
    /// What it says when it is asked for its version.
    pub version: String,
}

/// The ends of a container's channel that it gets.
pub struct Ends {
    /// Standard input.
    pub input: OwnedFd,
    /// Standard output.
    pub output: OwnedFd,
    /// Standard error.
    pub error: OwnedFd,
}

impl Runtime {
    /// Finds it, by its name or its path, and asks for its version.
    ///
    /// # Errors
    ///
    /// [`SandboxError::NoSuchRuntime`], or [`SandboxError::Unreachable`] when it does not answer.
    pub async fn find(wanted: Option<&str>) -> Result<Self, SandboxError> {
        let wanted = wanted.unwrap_or(USUAL);
        let program = find(wanted).ok_or_else(|| SandboxError::NoSuchRuntime {
            wanted: wanted.to_owned(),
            present: ["runc", "crun", "runsc"]
                .into_iter()
                .filter(|name| find(name).is_some())
                .map(str::to_owned)
                .collect(),
        })?;
        let mut version = Command::new(&program);
        version.arg("--version").stdin(Stdio::null()).kill_on_drop(true);
        let said = tokio::time::timeout(VERSION, version.output()).await.map_err(|_| {
            SandboxError::Unreachable(format!("{} did not say its version within {VERSION:?}", program.display()))
        })?;
        let said = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned()).unwrap_or_default();
        let version = said.lines().next().unwrap_or_default().to_owned();
        Ok(Self { gvisor: is_gvisor(wanted), program, version })
    }

    /// Whether it is `crun`.
    #[must_use]
    pub fn is_crun(&self) -> bool {
        self.version.starts_with("crun")
    }

    fn command(&self, root: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--root").arg(root);
        if self.gvisor {
            command.args(GVISOR);
        }
        command
    }

    /// Makes and starts the container of this bundle, and answers the id of its first process (on gVisor, of its kernel). That
    /// is a child of ours from then on, since the runtime ends.
    ///
    /// # Errors
    ///
    /// What is known of why it did not; the rest it wrote to the container's standard error.
    pub async fn run(&self, root: &Path, bundle: &Path, name: &str, ends: Ends) -> Result<i32, String> {
        let pid_file = bundle.join("pid");
        let mut command = self.command(root);
        command.args(["run", "--detach", "--bundle"]).arg(bundle).arg("--pid-file").arg(&pid_file);
        command.arg(name).stdin(ends.input).stdout(ends.output).stderr(ends.error);
        // One that takes too long must not make its container after that was removed.
        command.kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", self.program.display()))?;
        // It holds ends of the channel, which would otherwise never close.
        drop(command);
        let status = child.wait().await.map_err(|error| error.to_string())?;
        if !status.success() {
            return Err(format!("{} ended with {status}", self.program.display()));
        }
        let pid = tokio::fs::read_to_string(&pid_file).await.map_err(|error| error.to_string())?;
        pid.trim().parse().map_err(|_| format!("it has no process: {pid:?}"))
    }

    /// Has it remove what it keeps of a container, and the container if it runs.
    ///
    /// # Errors
    ///
    /// Whatever it said.
    pub async fn delete(&self, root: &Path, name: &str) -> Result<(), String> {
        let mut command = self.command(root);
        command.args(["delete", "--force", name]).stdin(Stdio::null()).kill_on_drop(true);
        let said = tokio::time::timeout(REMOVAL, command.output()).await;
        let said = said.map_err(|_| format!("it took longer than {REMOVAL:?}"))?.map_err(|error| error.to_string())?;
        if said.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&said.stderr).trim().to_owned()) }
    }
}

fn find(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|path| path.is_file());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(MORE_PATHS.map(PathBuf::from));
    folders.map(|folder| folder.join(name)).find(|program| program.is_file())
}
