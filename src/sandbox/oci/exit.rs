//! Waits for containers and keeps how they ended.

use std::os::fd::{AsFd as _, OwnedFd};

use rustix::process::{Pid, PidfdFlags, WaitId, WaitIdOptions, pidfd_open, waitid};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::process::Child;
use tokio::sync::watch;

use super::runtime::Started;

/// How a container's first process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By a signal of this number.
    Signal(i32),
    /// Nobody knows: somebody else waited for it.
    Unknown,
}

/// How it ended, once it has.
pub type Ended = watch::Receiver<Option<Exit>>;

/// Begins to wait for it.
///
/// # Errors
///
/// It has gone already, and nobody kept how.
pub fn follow(started: Started) -> std::io::Result<Ended> {
    let (sender, receiver) = watch::channel(None);
    match started {
        Started::Detached(pid) => {
            let pid = Pid::from_raw(pid).ok_or(std::io::ErrorKind::InvalidData)?;
            let process = pidfd_open(pid, PidfdFlags::NONBLOCK)?;
            #[expect(
                deprecated,
                reason = "what may go wrong with other types cannot with one that owns its descriptor"
            )]
            let process = AsyncFd::with_interest(process, Interest::READABLE)?;
            tokio::spawn(async move {
                let _ = process.readable().await;
                sender.send_replace(Some(collect(process.get_ref())));
            });
        }
        Started::Attended(child) => {
            tokio::spawn(async move {
                sender.send_replace(Some(attend(child).await));
            });
        }
    }
    Ok(receiver)
}

/// Takes the status of a process that has ended, which takes away the last of it.
fn collect(process: &OwnedFd) -> Exit {
    match waitid(WaitId::PidFd(process.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG) {
        Ok(Some(status)) => match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, Some(signal)) => Exit::Signal(signal),
            (None, None) => Exit::Unknown,
        },
        Ok(None) | Err(_) => Exit::Unknown,
    }
}

async fn attend(mut child: Child) -> Exit {
    use std::os::unix::process::ExitStatusExt as _;
    match child.wait().await {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, Some(signal)) => Exit::Signal(signal),
            (None, None) => Exit::Unknown,
        },
        Err(_) => Exit::Unknown,
    }
}
