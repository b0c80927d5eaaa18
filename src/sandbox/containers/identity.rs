//! Whose container this is. A worker that was killed leaves containers behind; the next one recognises them by labels.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Label with the owner: process id, its start time, its process namespace and a number within the process.
pub const WORKER: &str = "athanor.worker";
/// Label with the image's id.
pub const IMAGE: &str = "athanor.image";
/// Label with the boot id of the owner's machine.
pub const BOOT: &str = "athanor.boot";
/// Label with the time, in seconds since 1970, at which any living owner would have removed it.
pub const EXPIRES: &str = "athanor.expires";

/// The owner of containers: one sandbox in one process of one boot of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    boot: String,
    namespace: String,
    pid: u32,
    started: String,
    number: usize,
}

impl Owner {
    /// A new owner in this process.
    #[must_use]
    pub fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let pid = std::process::id();
        Self {
            boot: boot_id(),
            namespace: namespace(),
            pid,
            started: start_time(pid).unwrap_or_default(),
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// The owner as the value of its label.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}.{}.{}.{}", self.pid, self.started, self.namespace, self.number)
    }

    /// A name for its container of this number.
    #[must_use]
    pub fn container_name(&self, number: usize) -> String {
        format!("athanor-{}-{}-{}-{number}", self.pid, self.started, self.number)
    }

    /// The labels of a container that lives at most so long.
    #[must_use]
    pub fn labels(&self, image: &str, lifetime: Duration) -> HashMap<String, String> {
        let expires = now() + lifetime.as_secs();
        HashMap::from([
            (WORKER.to_owned(), self.label()),
            (IMAGE.to_owned(), image.to_owned()),
            (BOOT.to_owned(), self.boot.clone()),
            (EXPIRES.to_owned(), expires.to_string()),
        ])
    }

    /// The labels of an owner of which only the name is known, by a group on this machine: a group does not outlive a boot.
    /// Of one in another namespace nothing can be said, so it never expires.
    #[must_use]
    pub fn labels_of_group(&self, label: &str) -> HashMap<String, String> {
        let never = u64::MAX.to_string();
        [(WORKER, label), (BOOT, self.boot.as_str()), (EXPIRES, never.as_str())]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    /// Whether a container with these labels has lost its owner.
    #[must_use]
    pub fn is_orphan(&self, labels: &HashMap<String, String>, running: bool) -> bool {
        orphan(self, labels, running, now(), start_time)
    }
}

impl Default for Owner {
    fn default() -> Self {
        Self::new()
    }
}

/// In doubt a container is left alone: it may belong to a worker on another machine or in another container, whose
/// processes cannot be seen from here. Then only its expiry tells. Of an owner that can be seen it tells nothing: our
/// clock may have jumped, or theirs.
fn orphan(
    own: &Owner,
    labels: &HashMap<String, String>,
    running: bool,
    now: u64,
    start_time: impl Fn(u32) -> Option<String>,
) -> bool {
    let Some(worker) = labels.get(WORKER) else {
        return false;
    };
    let expired = labels.get(EXPIRES).and_then(|text| text.parse::<u64>().ok()).is_none_or(|expires| expires < now);
    if labels.get(BOOT) != Some(&own.boot) {
        // Another machine, or this one before it was started again: after which nothing runs.
        return expired || !running;
    }
    let mut parts = worker.split('.');
    let (Some(pid), Some(started), Some(namespace)) = (parts.next(), parts.next(), parts.next()) else {
        return true;
    };
    if namespace != own.namespace {
        return expired;
    }
    pid.parse().ok().and_then(start_time).is_none_or(|actual| actual != started)
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

/// The process namespace, without which process ids mean nothing.
fn namespace() -> String {
    std::fs::read_link("/proc/self/ns/pid")
        .map(|path| path.to_string_lossy().chars().filter(char::is_ascii_digit).collect())
        .unwrap_or_default()
}

/// When a process started, in ticks since the machine did: field 22 of `/proc/PID/stat` (proc(5)). `None` for one that has
/// ended, even if nobody has collected it.
fn start_time(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in parentheses and may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    if matches!(fields.next(), Some("Z" | "X")) {
        return None;
    }
    fields.nth(18).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> Owner {
        Owner { boot: "b1".into(), namespace: "4".into(), pid: 10, started: "77".into(), number: 1 }
    }

    fn labels(worker: &str, boot: &str, expires: u64) -> HashMap<String, String> {
        [(WORKER, worker), (BOOT, boot), (EXPIRES, &expires.to_string())]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    fn alive(pid: u32) -> Option<String> {
        (pid == 20).then(|| "5".to_owned())
    }

    #[test]
    fn a_container_is_an_orphan_only_when_its_owner_is_surely_gone() {
        let cases = [
            ("of a living worker", "20.5.4.1", "b1", 100, true, false),
            ("of a worker that ended", "21.5.4.1", "b1", 100, true, true),
            ("of a worker whose process id was used again", "20.4.4.1", "b1", 100, true, true),
            ("of a worker in another namespace", "21.5.9.1", "b1", 100, true, false),
            ("of another machine", "21.5.4.1", "b2", 100, true, false),
            ("of this machine's last boot", "21.5.4.1", "b2", 100, false, true),
            ("of a living worker, by a clock that jumped", "20.5.4.1", "b1", 49, true, false),
            ("of another namespace that nobody living would have kept so long", "21.5.9.1", "b1", 49, true, true),
            ("of another machine that nobody living would have kept so long", "21.5.4.1", "b2", 49, true, true),
            ("that is no one's", "nonsense", "b1", 100, true, true),
        ];
        for (what, worker, boot, expires, running, expected) in cases {
            let seen = orphan(&owner(), &labels(worker, boot, expires), running, 50, alive);
            assert_eq!(seen, expected, "a container {what}");
        }
        assert!(!orphan(&owner(), &HashMap::new(), true, 50, alive), "a container that is not ours at all");
    }

    #[test]
    fn a_running_process_has_a_start_time() {
        assert!(start_time(std::process::id()).is_some_and(|time| time.parse::<u64>().is_ok()));
    }
}
