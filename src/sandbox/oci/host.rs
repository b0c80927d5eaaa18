//! What the host allows, looked at once: refused early and in words, where it is not enough.

use std::path::{Path, PathBuf};

use super::runtime::Runtime;
use super::settings::UidRange;
use crate::sandbox::SandboxError;
use crate::sandbox::containers::cgroup::{CONTROLLERS, Trees};

/// The group below which containers are when the worker is root, from the root of each tree.
pub const GROUPS: &str = "/athanor";

/// Controllers without which our limits do not hold.
const NEEDED: [&str; 3] = ["cpu", "memory", "pids"];

/// What containers can have here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The group below which theirs are, from the root of each tree.
    pub groups: PathBuf,
    /// User ids of their own, if they can have them.
    pub uids: Option<UidRange>,
}

/// Facts that decide.
#[derive(Debug, Clone)]
struct Facts {
    root: bool,
    trees: Trees,
    /// Our own group in the tree of the second version.
    own_group: Option<PathBuf>,
    /// Controllers that our own group may pass on.
    delegated: Vec<String>,
    /// How many user namespaces there may be.
    user_namespaces: u64,
}

impl Host {
    /// Looks what is possible, and prepares groups where that is to be done.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Host`] with what is missing, and what would help.
    pub fn look(runtime: &Runtime, uids: Option<UidRange>) -> Result<Self, SandboxError> {
        let facts = Facts::gather();
        let host = decide(&facts, runtime.is_crun(), runtime.gvisor, uids).map_err(SandboxError::Host)?;
        if !facts.root
            && let Some(own) = &facts.own_group
        {
            delegate(&facts.trees, own).map_err(|error| {
                SandboxError::Host(format!("its control group {} cannot be divided: {error}", own.display()))
            })?;
        }
        Ok(host)
    }
}

impl Facts {
    fn gather() -> Self {
        let trees = Trees::of_this_machine().clone();
        let own = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let own_group = own.lines().find_map(|line| line.strip_prefix("0::"));
        // A process that divided its group before is in the part of it that it made for itself.
        let own_group = own_group.map(|path| PathBuf::from(path.strip_suffix("/worker").unwrap_or(path)));
        let delegated = own_group.iter().flat_map(|group| trees.folders(group)).find_map(|folder| {
            let text = std::fs::read_to_string(folder.join("cgroup.controllers")).ok()?;
            let ours = rustix::fs::access(folder.join("cgroup.procs"), rustix::fs::Access::WRITE_OK).is_ok();
            ours.then(|| text.split_whitespace().map(str::to_owned).collect())
        });
        let most = std::fs::read_to_string("/proc/sys/user/max_user_namespaces").unwrap_or_default();
        Self {
            root: rustix::process::geteuid().is_root(),
            trees,
            own_group,
            delegated: delegated.unwrap_or_default(),
            user_namespaces: most.trim().parse().unwrap_or(0),
        }
    }
}

/// What follows from the facts.
fn decide(facts: &Facts, crun: bool, gvisor: bool, uids: Option<UidRange>) -> Result<Host, String> {
    if facts.trees.kind() == "none" {
        return Err("no control groups are mounted, and without them no limit on memory or processes holds".to_owned());
    }
    if crun && facts.trees.kind() == "hybrid" {
        return Err("crun needs control groups of one version, and both are mounted here; use runc".to_owned());
    }
    // gVisor's kernel runs as nobody in a namespace of its own already.
    let uids = uids.filter(|_| !gvisor && facts.root && facts.user_namespaces > 0);
    if facts.root {
        let groups = PathBuf::from(GROUPS);
        return Ok(Host { groups, uids });
    }
    let missing: Vec<&str> =
        NEEDED.into_iter().filter(|needed| !facts.delegated.iter().any(|has| has == needed)).collect();
    match &facts.own_group {
        Some(own) if facts.trees.unified() && missing.is_empty() => Ok(Host { groups: own.join("boxes"), uids: None }),
        _ if !facts.trees.unified() => Err(format!(
            "without root it needs control groups of version 2, which can be delegated; here they are {}. Run the worker as \
             root, or take ATHANOR_SANDBOX=docker",
            facts.trees.kind()
        )),
        _ => Err(format!(
            "its control group does not have the controllers {} to give on; let the service have `Delegate=cpu memory pids`, \
             run the worker as root, or take ATHANOR_SANDBOX=docker",
            missing.join(", ")
        )),
    }
}

/// Divides our own group: a group with children may have no processes itself, so we move to a child first.
fn delegate(trees: &Trees, own: &Path) -> std::io::Result<()> {
    let Some(folder) = trees.folders(own).into_iter().find(|folder| folder.join("cgroup.controllers").is_file()) else {
        return Err(std::io::ErrorKind::NotFound.into());
    };
    let worker = folder.join("worker");
    std::fs::create_dir_all(&worker)?;
    for process in std::fs::read_to_string(folder.join("cgroup.procs"))?.lines() {
        std::fs::write(worker.join("cgroup.procs"), process)?;
    }
    let boxes = folder.join("boxes");
    std::fs::create_dir_all(&boxes)?;
    for place in [&folder, &boxes] {
        for controller in CONTROLLERS.into_iter().filter(|name| *name != "freezer") {
            std::fs::write(place.join("cgroup.subtree_control"), format!("+{controller}"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: &str = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n";
    const BOTH: &str =
        "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";

    fn facts(root: bool, mounts: &str, delegated: &[&str]) -> Facts {
        Facts {
            root,
            trees: Trees::parse(mounts),
            own_group: Some("/user.slice/a.service".into()),
            delegated: delegated.iter().map(|name| (*name).to_owned()).collect(),
            user_namespaces: 100,
        }
    }

    const UIDS: Option<UidRange> = Some(UidRange { first: 100_000, pairs: 10 });

    #[test]
    fn root_gets_ids_for_its_containers_where_there_are_user_namespaces() {
        let of = |facts: &Facts, gvisor| decide(facts, false, gvisor, UIDS).map(|host| host.uids);
        let root = facts(true, BOTH, &[]);
        assert_eq!(of(&root, false), Ok(UIDS));
        assert_eq!(of(&root, true), Ok(None));
        assert_eq!(of(&Facts { user_namespaces: 0, ..root }, false), Ok(None));
    }

    #[test]
    fn others_get_a_group_below_their_own_where_it_was_delegated() {
        let host = decide(&facts(false, SECOND, &["cpu", "memory", "pids", "io"]), false, false, UIDS);
        assert_eq!(host, Ok(Host { groups: "/user.slice/a.service/boxes".into(), uids: None }));
    }

    #[test]
    fn what_is_not_enough_is_refused_in_words() {
        let refused = |facts: &Facts, crun| decide(facts, crun, false, UIDS).expect_err("refused");
        assert!(refused(&facts(false, BOTH, &["cpu"]), false).contains("version 2"));
        assert!(refused(&facts(false, SECOND, &["cpu"]), false).contains("memory, pids"));
        assert!(refused(&facts(true, BOTH, &[]), true).contains("use runc"));
        assert!(refused(&facts(true, "", &[]), false).contains("no control groups"));
    }
}
