//! What a container may leave behind on the machine, looked for by its id.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use athanor::sandbox::Sandbox as _;
use athanor::sandbox::containers::ContainerSandbox;
use bollard::Docker;
use bollard::query_parameters::EventsOptionsBuilder;
use futures_util::StreamExt as _;
use tokio::task::JoinHandle;

/// Notes every container that a sandbox makes, and whether the engine removed it.
pub enum Traces {
    /// By what a Docker engine says of each.
    Docker { seen: Arc<Mutex<BTreeMap<String, bool>>>, listening: JoinHandle<()> },
    /// By how the names of all of them begin.
    Oci { beginning: String },
}

impl Traces {
    /// Begins to note, with the containers that are there.
    pub async fn follow(sandbox: &ContainerSandbox, way: &str) -> Self {
        sandbox.warm().await;
        if way.starts_with("oci/") {
            let there = sandbox.containers().await.unwrap();
            let (beginning, _) = there[0].rsplit_once('-').unwrap();
            return Self::Oci { beginning: format!("{beginning}-") };
        }
        let docker = Docker::connect_with_defaults().unwrap().negotiate_version().await.unwrap();
        let there = sandbox.containers().await.unwrap();
        let one = docker.inspect_container(&there[0], None).await.unwrap();
        let label = format!("athanor.worker={}", one.config.unwrap().labels.unwrap()["athanor.worker"]);
        let seen: BTreeMap<String, bool> = there.into_iter().map(|id| (id, false)).collect();
        let seen = Arc::new(Mutex::new(seen));
        let filters = HashMap::from([
            ("type", vec!["container".to_owned()]),
            ("label", vec![label]),
            ("event", vec!["create".to_owned(), "destroy".to_owned()]),
        ]);
        let noted = seen.clone();
        let listening = tokio::spawn(async move {
            let mut events = docker.events(Some(EventsOptionsBuilder::default().filters(&filters).build()));
            while let Some(Ok(event)) = events.next().await {
                let id = event.actor.unwrap().id.unwrap();
                noted.lock().unwrap().insert(id, event.action.as_deref() == Some("destroy"));
            }
        });
        Self::Docker { seen, listening }
    }

    /// What every trace of one that was made would hold, once it is known that all are gone. At least so many were made.
    pub async fn end(self, sandbox: &ContainerSandbox, least: usize) -> Vec<String> {
        match self {
            Self::Oci { beginning } => {
                let made = sandbox.counts().boots;
                assert!(made >= least as u64, "{made} containers were made, and not {least}");
                vec![beginning]
            }
            Self::Docker { seen, listening } => {
                let began = Instant::now();
                while seen.lock().unwrap().values().any(|gone| !gone) {
                    let left = || seen.lock().unwrap().clone();
                    assert!(began.elapsed() < Duration::from_secs(30), "containers are left: {:?}", left());
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                listening.abort();
                let ids: Vec<String> = seen.lock().unwrap().keys().cloned().collect();
                assert!(ids.len() >= least, "{} containers were made, and not {least}", ids.len());
                ids
            }
        }
    }
}

/// What is left of containers that were removed: processes in them or of them, cgroups (and with those memory), mounts, files.
/// What is on its way out is given the time to go.
pub async fn left_of(containers: &[String]) -> Vec<String> {
    let began = Instant::now();
    loop {
        let traces = on_this_machine();
        let left: Vec<String> = containers
            .iter()
            .flat_map(|id| traces.iter().filter(|(_, text)| text.contains(id.as_str())).map(move |trace| (id, trace)))
            .map(|(id, (what, _))| format!("container {id} left {what}"))
            .collect();
        if left.is_empty() || began.elapsed() > Duration::from_secs(20) {
            return left;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Everything in which a container's id could be found: what it is, and its text.
fn on_this_machine() -> Vec<(String, String)> {
    let mut traces = vec![("a mount".to_owned(), std::fs::read_to_string("/proc/self/mountinfo").unwrap())];
    let names = |folder: &Path| {
        let names = std::fs::read_dir(folder).into_iter().flatten().flatten();
        names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    let proc = Path::new("/proc");
    for process in names(proc).iter().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())) {
        // A shim, gVisor's kernel and its file server have the id among their arguments; what runs inside has its cgroup.
        for file in ["cmdline", "cgroup"] {
            let text = std::fs::read(proc.join(process).join(file)).unwrap_or_default();
            traces.push((format!("process {process}"), String::from_utf8_lossy(&text).into_owned()));
        }
    }
    let cgroups = Path::new("/sys/fs/cgroup");
    let mut folders = vec![
        cgroups.join("docker"),
        cgroups.join("system.slice"),
        "/var/lib/docker/containers".into(),
        "/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby".into(),
        "/run/docker/runtime-runc/moby".into(),
        "/run/docker/runtime-runsc/moby".into(),
        "/run/athanor/oci".into(),
    ];
    folders.extend(names(cgroups).iter().map(|controller| cgroups.join(controller).join("docker")));
    folders.extend(owners(cgroups));
    folders.extend(names(Path::new("/run/athanor/oci")).iter().map(|owner| Path::new("/run/athanor/oci").join(owner)));
    for folder in folders {
        traces.push((format!("an entry in {}", folder.display()), names(&folder).join(" ")));
    }
    traces
}

/// The folders of workers in every tree of control groups.
fn owners(cgroups: &Path) -> Vec<std::path::PathBuf> {
    let folders = |path: &Path| std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let trees = folders(cgroups).chain([cgroups.to_owned()]).collect::<Vec<_>>();
    trees.iter().flat_map(|tree| folders(&tree.join("athanor"))).filter(|path| path.is_dir()).collect()
}
