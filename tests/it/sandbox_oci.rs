//! What only the engine without a daemon has: bundles, groups and ids of its own, and images that it unpacks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use athanor::domain::report::{End, Report, StepOutcome};
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings, EngineSettings};
use athanor::sandbox::oci::OciSettings;
use athanor::sandbox::{Event, EventSink, Sandbox, SandboxError};
use rustix::process::{Pid, Signal, kill_process};

use crate::helpers::ways::settings;
use crate::sandbox_contract::job;
use crate::sandbox_docker::until;

const SOURCE: &str = "defmodule Target do\n  def double(x), do: x * 2\nend\n";

fn none_warm() -> ContainerSettings {
    ContainerSettings { pool_size: 0, max_jobs: 2, ..settings("oci/runc") }
}

/// The folder of a container's group in the tree of a controller.
fn group(controller: &str, container: &str) -> PathBuf {
    let tree = Path::new("/sys/fs/cgroup").join(controller);
    let tree = if tree.is_dir() { tree } else { PathBuf::from("/sys/fs/cgroup") };
    let owners = std::fs::read_dir(tree.join("athanor")).unwrap().flatten();
    owners.map(|owner| owner.path().join(container)).find(|path| path.is_dir()).unwrap()
}

fn first_process(container: &str) -> i32 {
    let processes = std::fs::read_to_string(group("memory", container).join("cgroup.procs")).unwrap();
    processes.lines().next().unwrap().parse().unwrap()
}

fn status(pid: i32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap()
}

fn said(report: &Report) -> Vec<&str> {
    let steps = report.cases.iter().flat_map(|case| &case.steps);
    steps
        .map(|step| match &step.outcome {
            StepOutcome::Value { text, .. } => text.as_str(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn oci_a_container_has_every_restriction_as_the_kernel_sees_it() {
    let sandbox = ContainerSandbox::start(ContainerSettings { pool_size: 1, ..none_warm() }).await.unwrap();
    sandbox.warm().await;
    let container = sandbox.containers().await.unwrap().remove(0);
    let read = |controller: &str, one: &str, two: &str| {
        let folder = group(controller, &container);
        let text = std::fs::read_to_string(folder.join(one)).or_else(|_| std::fs::read_to_string(folder.join(two)));
        text.unwrap().trim().to_owned()
    };
    assert_eq!(read("memory", "memory.limit_in_bytes", "memory.max"), (256 << 20).to_string());
    assert_eq!(read("pids", "pids.max", "pids.max"), "64");
    let pid = first_process(&container);
    let status = status(pid);
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    assert_eq!((field("Seccomp:").as_str(), field("NoNewPrivs:").as_str()), ("2", "1"));
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"] {
        assert_eq!(field(set), "0000000000000000", "{set}");
    }
    let uid: u32 = field("Uid:").split('\t').next().unwrap().parse().unwrap();
    assert!(uid > 1_000_000_000, "user {uid} is not one that nobody else has");
    for kind in ["pid", "net", "ipc", "uts", "mnt", "user", "cgroup"] {
        let of = |pid: &str| std::fs::read_link(format!("/proc/{pid}/ns/{kind}")).unwrap();
        assert_ne!(of(&pid.to_string()), of("self"), "it shares the host's {kind} namespace");
    }
    let devices = std::fs::read_to_string(format!("/proc/{pid}/net/dev")).unwrap();
    assert_eq!(devices.lines().count(), 3, "a network with nothing but itself: {devices}");
    let mounts = std::fs::read_to_string(format!("/proc/{pid}/mounts")).unwrap();
    let root = mounts.lines().find(|line| line.split(' ').nth(1) == Some("/")).unwrap();
    assert!(root.split(' ').nth(3).unwrap().starts_with("ro"), "{root}");
    let tmp = mounts.lines().find(|line| line.split(' ').nth(1) == Some("/tmp")).unwrap();
    for option in ["noexec", "nosuid", "nodev", "nr_inodes=1024", "size=16384k"] {
        assert!(tmp.contains(option), "{tmp}");
    }
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oci_no_two_containers_have_the_same_user() {
    let sandbox = ContainerSandbox::start(ContainerSettings { pool_size: 3, ..none_warm() }).await.unwrap();
    sandbox.warm().await;
    let containers = sandbox.containers().await.unwrap();
    let users: BTreeSet<String> = containers
        .iter()
        .map(|container| status(first_process(container)))
        .map(|status| status.lines().find(|line| line.starts_with("Uid:")).unwrap().to_owned())
        .collect();
    assert_eq!((containers.len(), users.len()), (3, 3));
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oci_calls_that_are_not_on_the_list_are_refused_with_eperm() {
    let sandbox = ContainerSandbox::start(none_warm()).await.unwrap();
    let asked =
        job(SOURCE, &[&[":gen_udp.open(0)", "System.cmd(\"unshare\", [\"-U\", \"true\"], stderr_to_stdout: true)"]]);
    let report = sandbox.run(asked, &EventSink::none()).await.unwrap();
    let texts = said(&report);
    assert_eq!(texts[0], "{:error, :eperm}");
    assert!(texts[1].contains("Operation not permitted"), "{texts:?}");
    sandbox.shutdown().await;
}

/// Runs code that waits for ever, and has something done to its container meanwhile.
async fn run_and(sandbox: &ContainerSandbox, code: &str, meddle: impl Fn(&str)) -> Result<End, SandboxError> {
    let (sink, mut events) = EventSink::channel();
    let running = sandbox.run(job(SOURCE, &[&[code]]), &sink);
    let (report, ()) = tokio::join!(running, async {
        while !matches!(events.recv().await, Some(Event::Loaded(_))) {}
        meddle(&sandbox.containers().await.unwrap()[0]);
    });
    report.map(|report| report.end)
}

#[tokio::test(flavor = "multi_thread")]
async fn oci_a_container_that_an_operator_ends_or_freezes_is_our_fault() {
    for runtime in ["oci/runc", "oci/runsc"] {
        let sandbox = ContainerSandbox::start(ContainerSettings { pool_size: 0, ..settings(runtime) }).await.unwrap();
        let killed = run_and(&sandbox, "Process.sleep(:infinity)", |container| {
            let processes = std::fs::read_to_string(group("memory", container).join("cgroup.procs")).unwrap();
            for pid in processes.lines().filter_map(|line| line.parse().ok()).filter_map(Pid::from_raw) {
                let _ = kill_process(pid, Signal::KILL);
            }
        });
        let killed = killed.await;
        assert!(matches!(killed, Err(SandboxError::Lost(_))), "{runtime}: {killed:?}");
        sandbox.shutdown().await;
    }
    let sandbox = ContainerSandbox::start(none_warm()).await.unwrap();
    let frozen = run_and(&sandbox, "Process.sleep(:infinity)", |container| {
        let folder = group("freezer", container);
        let (file, word) =
            if folder.join("freezer.state").exists() { ("freezer.state", "FROZEN") } else { ("cgroup.freeze", "1") };
        std::fs::write(folder.join(file), word).unwrap();
    });
    let frozen = frozen.await;
    assert!(matches!(frozen, Err(SandboxError::Lost(_))), "{frozen:?}");
    sandbox.shutdown().await;
    assert_eq!(sandbox.containers().await, Ok(Vec::new()), "one that is frozen is removed, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn oci_a_halt_with_the_code_of_a_kill_is_the_codes_own_doing_and_is_known_at_once() {
    let sandbox = ContainerSandbox::start(none_warm()).await.unwrap();
    let report = sandbox.run(job(SOURCE, &[&["System.halt(137)"]]), &EventSink::none()).await.unwrap();
    assert_eq!(report.end, End::Exited { code: Some(137) });
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oci_containers_of_a_dead_worker_are_found_by_their_groups_and_removed_even_without_their_folders() {
    let folder = tempfile::tempdir().unwrap();
    let oci = OciSettings { state: folder.path().join("state"), ..OciSettings::default() };
    let engine = EngineSettings::Oci(oci.clone());
    let sandbox = ContainerSandbox::start(ContainerSettings { pool_size: 1, engine, ..none_warm() }).await.unwrap();
    sandbox.warm().await;
    let container = sandbox.containers().await.unwrap().remove(0);
    let (pid, memory) = (first_process(&container), group("memory", &container));
    // Of a worker with an id that no process can have; what runs in it goes on, and its folders are lost.
    let (namespace, number) = {
        let owner = memory.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
        let parts: Vec<_> = owner.split('.').map(str::to_owned).collect();
        (parts[2].clone(), parts[3].clone())
    };
    let dead = format!("99999999.1.{namespace}.{number}");
    let orphan = memory.parent().unwrap().with_file_name(&dead).join("athanor-orphan");
    std::fs::create_dir_all(&orphan).unwrap();
    std::fs::write(orphan.join("cgroup.procs"), pid.to_string()).unwrap();
    let next = ContainerSandbox::start(none_warm()).await.unwrap();
    until("the orphan's processes are gone", async || {
        !Path::new(&format!("/proc/{pid}/ns")).exists() || !orphan.exists()
    })
    .await;
    next.shutdown().await;
    until("its group is gone", async || !orphan.exists()).await;
    next.sweep().await;
    until("its owner is forgotten", async || {
        next.sweep().await;
        !orphan.parent().unwrap().exists()
    })
    .await;
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oci_an_image_whose_files_were_changed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let engine =
        |images: &Path| EngineSettings::Oci(OciSettings { images: images.to_owned(), ..OciSettings::default() });
    let images = folder.path().join("images");
    let of = || ContainerSettings { engine: engine(&images), ..none_warm() };
    let sandbox = ContainerSandbox::start(of()).await.unwrap();
    let report = sandbox.run(job(SOURCE, &[&["Target.double(21)"]]), &EventSink::none()).await.unwrap();
    assert_eq!(said(&report), ["42"]);
    let id = sandbox.image_digest().trim_start_matches("sha256:").to_owned();
    sandbox.shutdown().await;
    let file = images.join(id).join("root/athanor/boot");
    let mut text = std::fs::read_to_string(&file).unwrap();
    text.push_str("# one line more\n");
    std::fs::write(&file, text).unwrap();
    let error = ContainerSandbox::start(of()).await.err().unwrap();
    assert!(error.needs_operator() && error.to_string().contains("were changed since it came in"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn oci_needs_no_docker_engine_once_it_has_the_image() {
    let sandbox = ContainerSandbox::start(none_warm()).await.unwrap();
    sandbox.shutdown().await;
    let nowhere = Some("unix:///nonexistent/docker.sock".to_owned());
    let engine = EngineSettings::Oci(OciSettings { docker: nowhere, ..OciSettings::default() });
    let sandbox = ContainerSandbox::start(ContainerSettings { engine, ..none_warm() }).await.unwrap();
    let report = sandbox.run(job(SOURCE, &[&["Target.double(21)"]]), &EventSink::none()).await.unwrap();
    assert_eq!(said(&report), ["42"]);
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oci_a_missing_runtime_or_image_is_refused_by_name() {
    let settings = ContainerSettings { runtime: Some("no-such-runtime".to_owned()), ..none_warm() };
    let error = ContainerSandbox::start(settings).await.err().unwrap();
    assert!(
        matches!(&error, SandboxError::NoSuchRuntime { wanted, present }
        if wanted == "no-such-runtime" && present.contains(&"runc".to_owned())),
        "{error}"
    );
    let settings = ContainerSettings { image: "no-such-image".to_owned(), ..none_warm() };
    let error = ContainerSandbox::start(settings).await.err().unwrap();
    assert_eq!(error, SandboxError::NoSuchImage { image: "no-such-image".to_owned() });
}

#[tokio::test(flavor = "multi_thread")]
async fn oci_a_cancelled_job_loses_its_container() {
    let sandbox = ContainerSandbox::start(none_warm()).await.unwrap();
    let (sink, mut events) = EventSink::channel();
    tokio::select! {
        report = sandbox.run(job(SOURCE, &[&["Process.sleep(:infinity)"]]), &sink) => panic!("{report:?}"),
        event = events.recv() => assert_eq!(event, Some(Event::Started)),
    }
    until("its container is gone", async || sandbox.containers().await.unwrap().is_empty()).await;
    tokio::time::timeout(Duration::from_secs(30), sandbox.shutdown()).await.unwrap();
}
