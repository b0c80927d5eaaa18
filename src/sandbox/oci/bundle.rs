//! What a container is made of, in the words of the OCI runtime specification (version 1.0, `config.json`). The reasons for
//! each setting are in `docs/ARCHITECTURE.md`.

use std::path::Path;

use serde_json::{Value, json};

use super::images::StoredImage;
use super::uids::Pair;
use crate::domain::limits::Limits;
use crate::sandbox::containers::engine::Recipe;
use crate::sandbox::containers::seccomp;

/// The user as which everything runs: nobody.
const NOBODY: u32 = 65_534;

/// CPU time is counted over so many microseconds.
const PERIOD_US: i64 = 100_000;

/// What of the kernel's own files would tell about the machine, hidden as Docker hides it.
const MASKED: [&str; 9] = [
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
];

/// What could be set by root, so that not even a way to become root would help.
const READ_ONLY: [&str; 5] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/// The `config.json` of a container with this group. Without `ids` it shares the host's users.
pub fn config(recipe: &Recipe, image: &StoredImage, group: &Path, ids: Option<&Pair>, gvisor: bool) -> Value {
    let mut namespaces = vec!["pid", "network", "ipc", "uts", "mount", "cgroup"];
    if ids.is_some() {
        namespaces.push("user");
    }
    let namespaces: Vec<Value> = namespaces.iter().map(|kind| json!({ "type": kind })).collect();
    let mut linux = json!({
        "namespaces": namespaces,
        "cgroupsPath": group,
        "resources": resources(recipe),
        "seccomp": seccomp::for_runtime(gvisor, recipe.more_calls),
        "maskedPaths": MASKED,
        "readonlyPaths": READ_ONLY,
    });
    if let Some(ids) = ids {
        let map = json!([
            { "containerID": 0, "hostID": ids.root(), "size": 1 },
            { "containerID": NOBODY, "hostID": ids.nobody(), "size": 1 },
        ]);
        linux["uidMappings"] = map.clone();
        linux["gidMappings"] = map;
    }
    json!({
        "ociVersion": "1.0.2",
        "hostname": "sandbox",
        "root": { "path": image.root(), "readonly": true },
        "process": process(recipe, image, gvisor),
        "mounts": mounts(&recipe.limits),
        "linux": linux,
    })
}

fn process(recipe: &Recipe, image: &StoredImage, gvisor: bool) -> Value {
    let limits = &recipe.limits;
    let rlimit = |name: &str, value: i64| json!({ "type": name, "soft": value, "hard": value });
    let mut rlimits = vec![rlimit("RLIMIT_NOFILE", limits.open_files), rlimit("RLIMIT_CORE", 0)];
    // gVisor's own files would be under a limit on file sizes, too, and one of them is the container's memory.
    if !gvisor {
        rlimits.push(rlimit("RLIMIT_FSIZE", limits.tmp_bytes));
    }
    let (command, folder) = match &recipe.command {
        Some(command) => (command, "/tmp"),
        None => (&image.config.command, image.config.folder.as_str()),
    };
    let environment: Vec<&String> = image.config.environment.iter().chain(&recipe.environment).collect();
    json!({
        "terminal": false,
        "user": { "uid": NOBODY, "gid": NOBODY },
        "args": command,
        "env": environment,
        "cwd": folder,
        "capabilities": { "bounding": [], "effective": [], "inheritable": [], "permitted": [], "ambient": [] },
        "rlimits": rlimits,
        "noNewPrivileges": true,
    })
}

fn mounts(limits: &Limits) -> Value {
    json!([
        { "destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"] },
        {
            "destination": "/dev",
            "type": "tmpfs",
            "source": "tmpfs",
            "options": ["nosuid", "noexec", "mode=755", "size=64k"],
        },
        {
            "destination": "/tmp",
            "type": "tmpfs",
            "source": "tmpfs",
            "options": [
                "nosuid", "noexec", "nodev", "mode=1777", "nr_inodes=1024", format!("size={}", limits.tmp_bytes),
            ],
        },
    ])
}

fn resources(recipe: &Recipe) -> Value {
    let limits = &recipe.limits;
    json!({
        "devices": [{ "allow": false, "access": "rwm" }],
        // Memory and swap together: there is no swap beside the memory.
        "memory": { "limit": limits.memory_bytes, "swap": limits.memory_bytes },
        "cpu": {
            "shares": recipe.share.shares(),
            "quota": limits.cpu_millis * PERIOD_US / 1000,
            "period": PERIOD_US,
        },
        "pids": { "limit": limits.pids },
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::images::ImageConfig;
    use super::super::settings::UidRange;
    use super::super::uids::Uids;
    use super::*;
    use crate::sandbox::containers::engine::Share;

    fn recipe() -> Recipe {
        Recipe {
            image: "sha256:1".to_owned(),
            command: None,
            environment: vec!["ATHANOR_FLAVOUR=emu".to_owned()],
            limits: Limits::DEFAULT,
            share: Share::Boot,
            more_calls: &[],
            lifetime: Duration::from_secs(1),
        }
    }

    fn image() -> StoredImage {
        let config = ImageConfig {
            command: vec!["/athanor/boot".to_owned()],
            environment: vec!["LC_ALL=C.UTF-8".to_owned()],
            folder: "/tmp".to_owned(),
            ..ImageConfig::default()
        };
        StoredImage::new(Path::new("/images/1"), config)
    }

    #[test]
    fn a_container_has_every_restriction() {
        let config = config(&recipe(), &image(), Path::new("/athanor/w/c"), None, false);
        assert_eq!(config["root"], json!({ "path": "/images/1/root", "readonly": true }));
        let process = &config["process"];
        assert_eq!((&process["user"]["uid"], &process["noNewPrivileges"]), (&json!(65_534), &json!(true)));
        let capabilities = process["capabilities"].as_object().expect("all five sets");
        assert!(capabilities.len() == 5 && capabilities.values().all(|set| set == &json!([])));
        let kinds: Vec<_> =
            config["linux"]["namespaces"].as_array().into_iter().flatten().map(|it| &it["type"]).collect();
        assert_eq!(kinds, ["pid", "network", "ipc", "uts", "mount", "cgroup"]);
        let resources = &config["linux"]["resources"];
        assert_eq!(resources["memory"], json!({ "limit": 256 << 20, "swap": 256 << 20 }));
        assert_eq!(resources["cpu"], json!({ "shares": 32, "quota": 100_000, "period": 100_000 }));
        assert_eq!(resources["pids"]["limit"], json!(64));
        assert_eq!(resources["devices"], json!([{ "allow": false, "access": "rwm" }]));
        assert_eq!(config["linux"]["seccomp"]["defaultAction"], json!("SCMP_ACT_ERRNO"));
    }

    #[test]
    fn what_is_started_is_the_images_unless_something_else_is_asked_for() {
        let of = |recipe: &Recipe| config(recipe, &image(), Path::new("/g"), None, true)["process"].clone();
        let own = of(&recipe());
        assert_eq!(own["args"], json!(["/athanor/boot"]));
        assert_eq!(own["env"], json!(["LC_ALL=C.UTF-8", "ATHANOR_FLAVOUR=emu"]));
        assert_eq!(own["rlimits"].as_array().map(Vec::len), Some(2), "no limit on file sizes on gVisor");
        let other = of(&Recipe { command: Some(vec!["/bin/true".to_owned()]), ..recipe() });
        assert_eq!((&other["args"], &other["cwd"]), (&json!(["/bin/true"]), &json!("/tmp")));
    }

    #[test]
    fn ids_of_its_own_are_two() {
        let uids = Uids::new(UidRange { first: 7000, pairs: 1 });
        let pair = uids.take().expect("free");
        let config = config(&recipe(), &image(), Path::new("/g"), Some(&pair), false);
        let map = json!([
            { "containerID": 0, "hostID": 7000, "size": 1 },
            { "containerID": 65_534, "hostID": 7001, "size": 1 },
        ]);
        assert_eq!((&config["linux"]["uidMappings"], &config["linux"]["gidMappings"]), (&map, &map));
        assert!(config["linux"]["namespaces"].as_array().is_some_and(|all| all.contains(&json!({ "type": "user" }))));
    }
}
