//! Waits for containers and keeps how they ended.

use std::os::fd::{AsFd as _, OwnedFd};

use rustix::process::{Pid, PidfdFlags, WaitId, WaitIdOptions, pidfd_open, waitid};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::watch;

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

/// Begins to wait for a process, which is to be a child of ours.
///
/// # Errors
///
/// It has gone already, and nobody kept how.
pub fn follow(pid: i32) -> std::io::Result<Ended> {
    let (sender, receiver) = watch::channel(None);
    let pid = Pid::from_raw(pid).ok_or(std::io::ErrorKind::InvalidData)?;
    let process = pidfd_open(pid, PidfdFlags::NONBLOCK)?;
    #[expect(deprecated, reason = "what may go wrong with other types cannot with one that owns its descriptor")]
    let process = AsyncFd::with_interest(process, Interest::READABLE)?;
    tokio::spawn(async move {
        let _ = process.readable().await;
        sender.send_replace(Some(collect(process.get_ref())));
    });
    Ok(receiver)
}

/// Takes away the last of children that have ended and that nobody follows: what gVisor's runtime starts beside a
/// container's kernel, under the name `exe`. Nothing else that we start is called so.
pub fn bury_strays(followed: &[i32]) {
    let own = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    for process in processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()) {
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else { continue };
        // proc(5): number, name in parentheses, state, parent.
        let Some((before, after)) = stat.rsplit_once(')') else { continue };
        let mut fields = after.split_whitespace();
        let ended = fields.next() == Some("Z") && fields.next() == Some(own.as_str());
        if ended
            && before.ends_with("(exe")
            && !followed.contains(&process)
            && let Some(pid) = Pid::from_raw(process)
        {
            let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
        }
    }
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
