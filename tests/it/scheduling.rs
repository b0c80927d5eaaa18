//! Boots are work that can wait: they get what gradings leave of the CPU, and the pool follows what is asked for.

use std::path::{Path, PathBuf};
use std::time::Duration;

use athanor::domain::job::{Flavour, Job};
use athanor::domain::report::{End, StepOutcome};
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};
use athanor::sandbox::{Event, EventSink, Sandbox};
use tokio::sync::watch;

use crate::helpers::ways::settings;
use crate::sandbox_contract::job;
use crate::sandbox_docker::until;

const SOURCE: &str = "defmodule Target do\n  def double(x), do: x * 2\nend\n";

/// Everything below a folder whose name ends so.
fn find(folder: &Path, name: &str, depth: usize) -> Option<PathBuf> {
    let inside: Vec<PathBuf> = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    let own = inside.iter().find(|path| path.file_name().is_some_and(|it| it.to_string_lossy().contains(name)));
    own.cloned().or_else(|| if depth == 0 { None } else { inside.iter().find_map(|path| find(path, name, depth - 1)) })
}

/// The share of the CPU that a container has, in hundredths of an ordinary one.
fn share(container: &str) -> u64 {
    let cpu = Path::new("/sys/fs/cgroup/cpu");
    let root = if cpu.is_dir() { cpu } else { Path::new("/sys/fs/cgroup") };
    let group = find(root, container, 3).expect("its group");
    let read = |name: &str| std::fs::read_to_string(group.join(name)).ok()?.trim().parse::<u64>().ok();
    read("cpu.shares").map(|shares| shares * 100 / 1024).or_else(|| read("cpu.weight")).expect("a share")
}

async fn a_container_boots_with_a_small_share_of_the_cpu_and_grades_with_a_whole_one(way: &str) {
    let sandbox = ContainerSandbox::start(ContainerSettings { pool_size: 1, ..settings(way) }).await.unwrap();
    sandbox.warm().await;
    let container = sandbox.containers().await.unwrap().remove(0);
    assert_eq!(share(&container), 3, "nobody waited for it");
    let (sink, mut events) = EventSink::channel();
    let running = sandbox.run(job(SOURCE, &[&["Process.sleep(300)", "Target.double(21)"]]), &sink);
    let (report, ()) = tokio::join!(running, async {
        assert_eq!(events.recv().await, Some(Event::Started));
        assert_eq!(share(&container), 100);
    });
    assert_eq!(report.unwrap().end, End::Finished);
    sandbox.shutdown().await;
    let sandbox = ContainerSandbox::start(ContainerSettings { pool_size: 0, ..settings(way) }).await.unwrap();
    let (sink, mut events) = EventSink::channel();
    let running = sandbox.run(job(SOURCE, &[&["Process.sleep(300)"]]), &sink);
    let (report, ()) = tokio::join!(running, async {
        assert_eq!(events.recv().await, Some(Event::Started));
        let container = sandbox.containers().await.unwrap().remove(0);
        assert_eq!(share(&container), 100, "somebody waits for it from the beginning");
    });
    assert_eq!(report.unwrap().end, End::Finished);
    sandbox.shutdown().await;
}

async fn a_burst_that_comes_while_the_pool_is_filled_finds_what_is_there_and_stops_the_filling(way: &str) {
    let settings = ContainerSettings { pool_size: 4, max_jobs: 2, max_boots: 1, ..settings(way) };
    let sandbox = ContainerSandbox::start(settings).await.unwrap();
    until("half of the pool is there and more is coming", async || {
        let status = sandbox.status();
        status.idle == 2 && status.booting == 1
    })
    .await;
    let jobs = (0..2).map(|_| async {
        let (sink, mut events) = EventSink::channel();
        let running = sandbox.run(job(SOURCE, &[&["Process.sleep(400)", "Target.double(21)"]]), &sink);
        let watching = async {
            events.recv().await;
            // What boots when the first of them comes may end. Nothing more begins while one runs.
            until("nothing boots", async || sandbox.status().booting == 0).await;
            let mut begun = 0;
            while sandbox.status().running > 0 {
                begun = begun.max(sandbox.status().booting);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            begun
        };
        tokio::join!(running, watching)
    });
    for (report, begun) in futures_util::future::join_all(jobs).await {
        assert_eq!((report.unwrap().end, begun), (End::Finished, 0));
    }
    assert_eq!(sandbox.counts().misses, 0, "each found one");
    sandbox.warm().await;
    sandbox.shutdown().await;
}

async fn a_job_gets_the_vm_that_its_exercise_asks_for(way: &str) {
    let sandbox = ContainerSandbox::start(ContainerSettings { pool_size: 0, ..settings(way) }).await.unwrap();
    for (flavour, name) in [(Flavour::Jit, ":jit"), (Flavour::Emu, ":emu")] {
        let asked = Job { flavour: Some(flavour), ..job(SOURCE, &[&[":erlang.system_info(:emu_flavor)"]]) };
        let report = sandbox.run(asked, &EventSink::none()).await.unwrap();
        let StepOutcome::Value { text, .. } = &report.cases[0].steps[0].outcome else { panic!("{report:?}") };
        assert_eq!(text, name);
    }
    sandbox.shutdown().await;
}

async fn a_pool_that_adapts_keeps_a_container_of_each_kind_that_is_asked_for_and_as_many_as_are_wished(way: &str) {
    let (wish, wished) = watch::channel(0);
    let settings = ContainerSettings { pool_size: 1, adapt: true, wish: Some(wished), ..settings(way) };
    let sandbox = ContainerSandbox::start(settings).await.unwrap();
    sandbox.warm().await;
    let other = if sandbox.flavour() == Some(Flavour::Jit) { Flavour::Emu } else { Flavour::Jit };
    let asked = || Job { flavour: Some(other), ..job(SOURCE, &[&["Target.double(21)"]]) };
    sandbox.run(asked(), &EventSink::none()).await.unwrap();
    until("one of the other kind waits, too", async || sandbox.status().idle == 2).await;
    let before = sandbox.counts();
    sandbox.run(asked(), &EventSink::none()).await.unwrap();
    assert_eq!(sandbox.counts().hits, before.hits + 1, "the next one finds it");
    wish.send_replace(4);
    until("as many as are wished wait", async || sandbox.status().idle >= 5).await;
    sandbox.shutdown().await;
    assert_eq!(sandbox.containers().await, Ok(Vec::new()));
}

macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        $crate::on_each_way! { @way docker_runc = "docker/runc": $($test),* }
        $crate::on_each_way! { @way oci_runc = "oci/runc": $($test),* }
    };
}

on_both_engines![
    a_container_boots_with_a_small_share_of_the_cpu_and_grades_with_a_whole_one,
    a_burst_that_comes_while_the_pool_is_filled_finds_what_is_there_and_stops_the_filling,
    a_job_gets_the_vm_that_its_exercise_asks_for,
    a_pool_that_adapts_keeps_a_container_of_each_kind_that_is_asked_for_and_as_many_as_are_wished,
];
