//! Where the kernel accounts for a container: read and set through files, with no daemon asked.
//!
//! There are two versions. In the first each controller has a tree of its own; in the second all share one. A machine may
//! have both ("hybrid"), with the controllers still in trees of the first.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::engine::Share;

/// Controllers that hold our limits or count for us.
pub const CONTROLLERS: [&str; 4] = ["cpu", "memory", "pids", "freezer"];

/// The trees of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trees {
    /// Each controller of the first version that has a tree, with where that is mounted.
    first: Vec<(String, PathBuf)>,
    /// Where the tree of the second version is mounted.
    second: Option<PathBuf>,
}

impl Trees {
    /// The trees of this machine, looked for once.
    pub fn of_this_machine() -> &'static Self {
        static TREES: OnceLock<Trees> = OnceLock::new();
        TREES.get_or_init(|| Self::parse(&std::fs::read_to_string("/proc/self/mounts").unwrap_or_default()))
    }

    /// Reads a table of mounts (fstab(5)).
    #[must_use]
    pub fn parse(mounts: &str) -> Self {
        let mut trees = Self::default();
        for line in mounts.lines() {
            let mut fields = line.split(' ').skip(1);
            let (Some(place), Some(kind), Some(options)) = (fields.next(), fields.next(), fields.next()) else {
                continue;
            };
            match kind {
                "cgroup2" if trees.second.is_none() => trees.second = Some(place.into()),
                "cgroup" => {
                    let controllers = options.split(',').filter(|option| !["rw", "ro", "relatime"].contains(option));
                    trees.first.extend(controllers.map(|controller| (controller.to_owned(), place.into())));
                }
                _ => {}
            }
        }
        trees
    }

    /// Whether the controllers are those of the second version.
    #[must_use]
    pub fn unified(&self) -> bool {
        self.second.is_some() && self.tree("memory").is_none()
    }

    /// In a word: `v1`, `hybrid`, `v2`, or `none`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match (self.first.is_empty(), &self.second) {
            (true, None) => "none",
            (true, Some(_)) => "v2",
            (false, Some(_)) => "hybrid",
            (false, None) => "v1",
        }
    }

    fn tree(&self, controller: &str) -> Option<&Path> {
        self.first.iter().find(|(name, _)| name == controller).map(|(_, place)| place.as_path())
    }

    /// Every tree in which a group of this path, from the root of each, may have a folder.
    pub fn folders(&self, path: &Path) -> Vec<PathBuf> {
        let below = path.strip_prefix("/").unwrap_or(path);
        let mut folders: Vec<PathBuf> =
            self.first.iter().map(|(_, place)| place).chain(&self.second).map(|place| place.join(below)).collect();
        folders.sort();
        folders.dedup();
        folders
    }

    /// The group of this path, from the root of each tree.
    #[must_use]
    pub fn group(&self, path: &Path) -> Cgroup {
        Cgroup { trees: self.clone(), path: path.to_owned() }
    }
}

/// The group of one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cgroup {
    trees: Trees,
    path: PathBuf,
}

impl Cgroup {
    fn file(&self, controller: &str, first: &str, second: &str) -> Option<PathBuf> {
        let below = self.path.strip_prefix("/").unwrap_or(&self.path);
        match (self.trees.tree(controller), &self.trees.second) {
            (Some(tree), _) => Some(tree.join(below).join(first)),
            (None, Some(tree)) => Some(tree.join(below).join(second)),
            (None, None) => None,
        }
    }

    fn read(&self, controller: &str, first: &str, second: &str) -> Option<String> {
        std::fs::read_to_string(self.file(controller, first, second)?).ok()
    }

    /// Whether it is there.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.file("memory", "", "").is_some_and(|folder| folder.is_dir())
    }

    /// Sets its share of the CPU: the write of one small file.
    ///
    /// # Errors
    ///
    /// It is gone, or not ours to set.
    pub fn set_share(&self, share: Share) -> io::Result<()> {
        let file = self.file("cpu", "cpu.shares", "cpu.weight").ok_or(io::ErrorKind::NotFound)?;
        let number = if file.ends_with("cpu.shares") { share.shares() } else { share.weight() };
        std::fs::write(file, number.to_string())
    }

    /// How many of its processes the kernel has ended for want of memory; `None` where it is gone.
    #[must_use]
    pub fn out_of_memory_kills(&self) -> Option<u64> {
        counter(&self.read("memory", "memory.oom_control", "memory.events")?, "oom_kill")
    }

    /// Whether somebody froze it, or has begun to.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        // In the second version freezing needs no controller.
        self.read("freezer", "freezer.state", "cgroup.freeze")
            .is_some_and(|state| matches!(state.trim(), "FROZEN" | "FREEZING" | "1"))
    }

    /// Lets it go on, if somebody froze it: in the first version even a kill waits for that.
    pub fn thaw(&self) {
        if self.is_frozen()
            && let Some(file) = self.file("freezer", "freezer.state", "cgroup.freeze")
        {
            let word = if file.ends_with("freezer.state") { "THAWED" } else { "0" };
            let _ = std::fs::write(file, word);
        }
    }

    /// Its processes.
    #[must_use]
    pub fn processes(&self) -> Vec<i32> {
        let text = self.read("memory", "cgroup.procs", "cgroup.procs").unwrap_or_default();
        text.lines().filter_map(|line| line.trim().parse().ok()).collect()
    }

    /// Its folder in each tree, those that are there.
    pub fn folders(&self) -> Vec<PathBuf> {
        self.trees.folders(&self.path).into_iter().filter(|folder| folder.is_dir()).collect()
    }
}

/// The number after this word at the beginning of a line.
fn counter(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\n\
        cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0\n\
        cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0\n";
    const BOTH: &str = "cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0\n\
        cgroup2 /sys/fs/cgroup/unified cgroup2 rw,nosuid 0 0\n";
    const SECOND: &str = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime 0 0\n";

    #[test]
    fn a_machine_has_the_first_version_the_second_or_both() {
        let kinds = [FIRST, BOTH, SECOND, ""].map(|mounts| Trees::parse(mounts).kind());
        assert_eq!(kinds, ["v1", "hybrid", "v2", "none"]);
        assert_eq!([FIRST, BOTH, SECOND].map(|mounts| Trees::parse(mounts).unified()), [false, false, true]);
    }

    #[test]
    fn a_file_is_where_its_controller_is() {
        let file = |mounts: &str| {
            let group = Trees::parse(mounts).group(Path::new("/a/b"));
            group.file("memory", "one", "two").map(|path| path.to_string_lossy().into_owned())
        };
        assert_eq!(file(FIRST).as_deref(), Some("/sys/fs/cgroup/memory/a/b/one"));
        assert_eq!(file(BOTH).as_deref(), Some("/sys/fs/cgroup/memory/a/b/one"));
        assert_eq!(file(SECOND).as_deref(), Some("/sys/fs/cgroup/a/b/two"));
        assert_eq!(file(""), None);
    }

    #[test]
    fn kills_for_want_of_memory_are_counted_in_both_versions() {
        assert_eq!(counter("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", "oom_kill"), Some(3));
        assert_eq!(counter("low 0\noom 4\noom_kill 2\noom_group_kill 0\n", "oom_kill"), Some(2));
        assert_eq!(counter("oom_kill_disable 0\n", "oom_kill"), None);
    }

    #[test]
    fn what_is_written_and_read_is_what_the_kernel_has() {
        let folder = tempfile::tempdir().expect("a folder");
        let tree = folder.path().join("g");
        std::fs::create_dir(&tree).expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(tree.join(name), text).expect("a file");
        write("cgroup.freeze", "1\n");
        write("cgroup.procs", "12\n13\n");
        let group = Trees { first: Vec::new(), second: Some(folder.path().to_owned()) }.group(Path::new("/g"));
        assert!(group.exists() && group.is_frozen());
        assert_eq!(group.processes(), [12, 13]);
        group.set_share(Share::Boot).expect("written");
        assert_eq!(std::fs::read_to_string(tree.join("cpu.weight")).expect("a file"), "3");
    }
}
