//! What containers use, by what the kernel counts for their control groups: of either version, made by whatever engine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where the kernel shows its control groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    cpu: PathBuf,
    memory: PathBuf,
    /// The version: 1, or 2 (one tree for everything).
    pub version: u8,
}

/// How deep below the root a container may be: `machine.slice/athanor.slice/NAME/ID` and the like.
const DEPTH: usize = 5;

impl Tree {
    /// Finds it. `None` where there is none that counts both processor and memory.
    #[must_use]
    pub fn find() -> Option<Self> {
        Self::parse(&std::fs::read_to_string("/proc/self/mounts").ok()?)
    }

    fn parse(mounts: &str) -> Option<Self> {
        let (mut cpu, mut memory, mut second) = (None, None, None);
        for line in mounts.lines() {
            let fields: Vec<_> = line.split_whitespace().collect();
            let [_, place, kind, options, ..] = fields.as_slice() else { continue };
            let has = |controller| options.split(',').any(|option| option == controller);
            match *kind {
                "cgroup" if has("cpuacct") => cpu = Some(PathBuf::from(place)),
                "cgroup" if has("memory") => memory = Some(PathBuf::from(place)),
                "cgroup2" => second = Some(PathBuf::from(place)),
                _ => {}
            }
        }
        match (cpu, memory, second) {
            (Some(cpu), Some(memory), _) => Some(Self { cpu, memory, version: 1 }),
            (None, None, Some(second)) => Some(Self { cpu: second.clone(), memory: second, version: 2 }),
            _ => None,
        }
    }

    /// The groups of containers that there are, relative to the root of the tree.
    #[must_use]
    pub fn containers(&self) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        let mut folders = vec![(self.cpu.clone(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    continue;
                }
                let path = entry.path();
                if is_container(&entry.file_name().to_string_lossy()) {
                    found.extend(path.strip_prefix(&self.cpu).map(Path::to_owned));
                } else if depth < DEPTH {
                    folders.push((path, depth + 1));
                }
            }
        }
        found
    }

    /// CPU seconds since the group was made; `None` once it is gone.
    #[must_use]
    pub fn cpu_seconds(&self, group: &Path) -> Option<f64> {
        let folder = self.cpu.join(group);
        if self.version == 1 {
            let nanoseconds: f64 = std::fs::read_to_string(folder.join("cpuacct.usage")).ok()?.trim().parse().ok()?;
            return Some(nanoseconds / 1e9);
        }
        let text = std::fs::read_to_string(folder.join("cpu.stat")).ok()?;
        let microseconds: f64 = text.lines().find_map(|line| line.strip_prefix("usage_usec "))?.trim().parse().ok()?;
        Some(microseconds / 1e6)
    }

    /// Bytes that the group is charged.
    #[must_use]
    pub fn memory_bytes(&self, group: &Path) -> Option<f64> {
        let name = if self.version == 1 { "memory.usage_in_bytes" } else { "memory.current" };
        std::fs::read_to_string(self.memory.join(group).join(name)).ok()?.trim().parse().ok()
    }

    /// The processes in it.
    #[must_use]
    pub fn processes(&self, group: &Path) -> Vec<u32> {
        let text = std::fs::read_to_string(self.cpu.join(group).join("cgroup.procs")).unwrap_or_default();
        text.lines().filter_map(|line| line.trim().parse().ok()).collect()
    }
}

/// The groups of this process's own containers.
pub struct Own<'a> {
    /// The tree that they are in.
    pub tree: &'a Tree,
    ours: BTreeSet<PathBuf>,
    foreign: BTreeSet<PathBuf>,
}

impl<'a> Own<'a> {
    /// Of those that are made from now on.
    #[must_use]
    pub fn from_now(tree: &'a Tree) -> Self {
        Self { tree, ours: BTreeSet::new(), foreign: tree.containers() }
    }

    /// Those that there are.
    pub fn groups(&mut self) -> Vec<PathBuf> {
        let mut own = Vec::new();
        for group in self.tree.containers() {
            if self.foreign.contains(&group) {
                continue;
            }
            // Each is looked at once: it takes reading a file.
            if self.ours.contains(&group) || is_own(&group, Path::new(CONTAINERS)) {
                self.ours.insert(group.clone());
                own.push(group);
            } else {
                self.foreign.insert(group);
            }
        }
        own
    }
}

/// Where Docker usually keeps what it knows of containers. Reading it there costs the engine nothing, which is measured.
const CONTAINERS: &str = "/var/lib/docker/containers";

/// What the names of all containers of this process begin with.
#[must_use]
pub fn own_prefix() -> String {
    format!("athanor-{}-", std::process::id())
}

/// Whether a container is this process's, by its name. Where that cannot be found out, it is taken for one: others should
/// not be using the machine.
fn is_own(group: &Path, containers: &Path) -> bool {
    let name = group.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if name.contains("athanor-") {
        return name.contains(&own_prefix());
    }
    let id = id_of(&name);
    std::fs::read_to_string(containers.join(id).join("config.v2.json"))
        .map_or(true, |config| config.contains(&format!("\"/{}", own_prefix())))
}

/// Whether a group of this name is a container's. Docker's are called after ids of 64 hexadecimal digits, with systemd as
/// `docker-ID.scope`; ours without Docker after our containers, `athanor-…`.
fn is_container(name: &str) -> bool {
    let id = id_of(name);
    let is_id = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_ours = name.contains("athanor-") && !name.ends_with(".service") && !name.ends_with(".slice");
    is_id || is_ours
}

/// Docker's id for a container, of the name of its group.
fn id_of(name: &str) -> &str {
    let bare = name.strip_suffix(".scope").unwrap_or(name);
    bare.rsplit('-').next().unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_and_a_mixture_are_found() {
        let one = "cgroup /cg/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\ncgroup /cg/memory cgroup rw,memory 0 0\n";
        let two = "cgroup2 /cg cgroup2 rw,nosuid 0 0\n";
        let mixed = format!("{one}cgroup2 /cg/unified cgroup2 rw 0 0\n");
        let found = |text: &str| Tree::parse(text).map(|tree| (tree.version, tree.cpu, tree.memory));
        let v1 = Some((1, "/cg/cpu,cpuacct".into(), "/cg/memory".into()));
        assert_eq!((found(one), found(&mixed)), (v1.clone(), v1));
        assert_eq!(found(two), Some((2, "/cg".into(), "/cg".into())));
        assert_eq!(found("proc /proc proc rw 0 0\n"), None);
    }

    #[test]
    fn containers_are_told_from_other_groups_by_their_names() {
        let id = "a1".repeat(32);
        for name in [id.clone(), format!("docker-{id}.scope"), "athanor-12-77-1-3".to_owned()] {
            assert!(is_container(&name), "{name}");
        }
        for name in ["docker", "athanor", "athanor-worker.service", "system.slice", "init.scope", "a1a1"] {
            assert!(!is_container(name), "{name}");
        }
    }

    #[test]
    fn our_own_containers_are_told_from_others_by_their_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let id = |digits: &str| digits.repeat(32);
        let prefix = own_prefix();
        for (digits, name) in [("aa", format!("/{prefix}77-1-3")), ("bb", "/athanor-1-77-1-3".to_owned())] {
            std::fs::create_dir(folder.path().join(id(digits))).expect("a folder");
            let file = folder.path().join(id(digits)).join("config.v2.json");
            std::fs::write(file, serde_json::json!({ "ID": id(digits), "Name": name }).to_string()).expect("a file");
        }
        let own = |group: &str| is_own(&PathBuf::from("docker").join(group), folder.path());
        assert!(own(&id("aa")) && own(&format!("docker-{}.scope", id("aa"))) && own(&format!("{prefix}1-1-1")));
        assert!(!own(&id("bb")) && !own("athanor-1-1-1-1"));
        assert!(own(&id("cc")), "what cannot be found out is taken for our own");
    }

    #[test]
    fn what_a_group_used_is_read_in_either_version() {
        let folder = tempfile::tempdir().expect("a folder");
        let group = PathBuf::from("docker").join("0b".repeat(32));
        let inside = folder.path().join(&group);
        std::fs::create_dir_all(&inside).expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(inside.join(name), text).expect("a file");
        write("cpuacct.usage", "1500000000\n");
        write("memory.usage_in_bytes", "40000000\n");
        write("cpu.stat", "usage_usec 2500000\nuser_usec 1\n");
        write("memory.current", "41000000\n");
        write("cgroup.procs", "12\n13\n");
        let tree = |version| Tree { cpu: folder.path().to_owned(), memory: folder.path().to_owned(), version };
        assert_eq!(tree(1).containers(), BTreeSet::from([group.clone()]));
        assert_eq!((tree(1).cpu_seconds(&group), tree(1).memory_bytes(&group)), (Some(1.5), Some(40e6)));
        assert_eq!((tree(2).cpu_seconds(&group), tree(2).memory_bytes(&group)), (Some(2.5), Some(41e6)));
        assert_eq!(tree(1).processes(&group), [12, 13]);
        assert_eq!(tree(1).cpu_seconds(Path::new("gone")), None);
    }
}
