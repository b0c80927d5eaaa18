//! What of the engine without a daemon can be set.

use std::path::PathBuf;

/// Host user ids from which containers get theirs, two for each. Above what distributions give to users and to
/// `systemd-nspawn` (524288 to 1879048191), and below what a signed number can hold.
const UIDS: UidRange = UidRange { first: 1_900_000_000, pairs: 4096 };

/// Settings of the engine that calls a runtime itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OciSettings {
    /// Folder of what belongs to running containers; best one that is empty after a boot of the machine.
    pub state: PathBuf,
    /// Folder of unpacked images.
    pub images: PathBuf,
    /// User ids for containers, or none for the host's own `nobody`.
    pub uids: Option<UidRange>,
    /// A Docker engine to fetch images from when they are not there, or newer there; `None` takes `DOCKER_HOST`, or the usual
    /// socket. None need be running.
    pub docker: Option<String>,
}

/// User and group ids of the host that nobody else has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UidRange {
    /// The first.
    pub first: u32,
    /// How many containers can have ids of their own at once: two each.
    pub pairs: u32,
}

impl Default for OciSettings {
    fn default() -> Self {
        let (state, images) = folders(rustix::process::geteuid().is_root(), |name| std::env::var_os(name));
        Self { state, images, uids: Some(UIDS), docker: None }
    }
}

/// Where things are, unless it is said otherwise: as the system has it for root, and for others as their session has it.
fn folders(root: bool, variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> (PathBuf, PathBuf) {
    if root {
        return ("/run/athanor/oci".into(), "/var/lib/athanor-images".into());
    }
    let home = || variable("HOME").map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
    let state = variable("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from).join("athanor/oci");
    let data = variable("XDG_DATA_HOME").map_or_else(|| home().join(".local/share"), PathBuf::from);
    (state, data.join("athanor/images"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_the_systems_for_root_and_the_sessions_for_others() {
        let variable = |name: &str| (name == "XDG_RUNTIME_DIR").then(|| "/run/user/7".into());
        assert_eq!(folders(true, variable).0, PathBuf::from("/run/athanor/oci"));
        assert_eq!(folders(false, variable).0, PathBuf::from("/run/user/7/athanor/oci"));
    }
}
