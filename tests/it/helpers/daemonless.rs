//! Containers without a daemon, with a runtime, an image and a disk of a test's own, all of which it may break.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use athanor::sandbox::containers::ContainerSettings;
use rustix::process::{Pid, Signal, kill_process};

use super::breakable::{Breakable, Disk, MoodyRuntime};

/// A folder with all that `ATHANOR_SANDBOX=oci` needs.
pub struct Daemonless {
    // Gone before the folder that it is in.
    disk: Option<Disk>,
    runtime: MoodyRuntime,
    folder: tempfile::TempDir,
}

impl Daemonless {
    pub fn start() -> Self {
        Self::on(None)
    }

    /// With its bundles on a disk of so many bytes.
    pub fn with_disk(bytes: u64) -> Self {
        Self::on(Some(bytes))
    }

    fn on(disk: Option<u64>) -> Self {
        let folder = tempfile::Builder::new().prefix("athanor-daemonless-").tempdir().expect("a folder");
        let state = folder.path().join("state");
        std::fs::create_dir(&state).expect("a folder");
        let disk = disk.map(|bytes| Disk::mount(&state, bytes));
        let runtime = MoodyRuntime::new(folder.path());
        let image = ContainerSettings::detect().image;
        let added = Command::new(env!("CARGO_BIN_EXE_athanor"))
            .args(["images", "add", &image])
            .env("ATHANOR_OCI_IMAGES", folder.path().join("images"))
            .stdout(Stdio::null())
            .status();
        assert!(added.expect("athanor").success());
        Self { folder, runtime, disk }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes its runtime hang, or not any more.
    pub fn hang(&self, hangs: bool) {
        self.runtime.hang(hangs);
    }

    fn groups(&self) -> Vec<PathBuf> {
        let trees = ["/sys/fs/cgroup/memory/athanor", "/sys/fs/cgroup/athanor"].map(Path::new);
        let tree = trees.into_iter().find(|tree| tree.is_dir());
        let owners: Vec<_> = folders(&self.path("state"));
        let groups =
            tree.into_iter().flat_map(|tree| owners.iter().filter_map(|owner| Some(tree.join(owner.file_name()?))));
        groups.flat_map(|group| folders(&group)).collect()
    }
}

impl Breakable for Daemonless {
    fn settings(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.path(name).display().to_string();
        vec![
            ("ATHANOR_SANDBOX", "oci".to_owned()),
            ("ATHANOR_RUNTIME", self.runtime.path().display().to_string()),
            ("ATHANOR_OCI_STATE", path("state")),
            ("ATHANOR_OCI_IMAGES", path("images")),
            // No engine from which an image could be fetched again.
            ("DOCKER_HOST", format!("unix://{}", path("nowhere"))),
        ]
    }

    fn containers(&self) -> Vec<String> {
        let bundles = folders(&self.path("state")).into_iter().flat_map(|owner| folders(&owner));
        let found = bundles.chain(self.groups()).map(|folder| folder.display().to_string());
        found.filter(|path| path.rsplit('/').next().is_some_and(|name| name.starts_with("athanor-"))).collect()
    }

    fn remove_image(&self) {
        std::fs::rename(self.path("images"), self.path("images.away")).expect("renamed");
        // What was booted before has its files open.
        for group in self.groups() {
            let processes = std::fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
            for process in processes.lines().filter_map(|line| Pid::from_raw(line.parse().ok()?)) {
                let _ = kill_process(process, Signal::KILL);
            }
        }
    }

    fn bring_image_back(&self) {
        // A worker that looked for it may have made an empty one.
        let _ = std::fs::remove_dir_all(self.path("images"));
        std::fs::rename(self.path("images.away"), self.path("images")).expect("renamed");
    }

    fn refuse(&self, refuses: bool) {
        self.runtime.refuse(refuses);
    }

    fn fill_disk(&self, full: bool) {
        self.disk.as_ref().expect("a disk of its own").fill(full);
    }
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}
