//! What only the sandbox of containers has: settings, labels, a pool, and an engine that may go away.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::time::{Duration, Instant};

use athanor::domain::exercise::SourceFile;
use athanor::domain::report::{End, Load, StepOutcome};
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings, EngineSettings};
use athanor::sandbox::{Event, EventSink, Sandbox, SandboxError};
use bollard::Docker;
use bollard::models::{ContainerCreateBody, ContainerInspectResponse};
use bollard::query_parameters::CreateContainerOptions;

use crate::sandbox_contract::job;

const SOURCE: &str = "defmodule Target do\n  def double(x), do: x * 2\nend\n";

fn small() -> ContainerSettings {
    ContainerSettings { pool_size: 2, max_jobs: 2, max_boots: 1, ..ContainerSettings::detect() }
}

pub async fn engine() -> Docker {
    Docker::connect_with_defaults().unwrap().negotiate_version().await.unwrap()
}

/// Waits until `condition` holds. The bound only ends a test that would hang.
pub async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !condition().await {
        assert!(began.elapsed() < Duration::from_secs(60), "it never came to be that {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn inspect_one(sandbox: &ContainerSandbox) -> ContainerInspectResponse {
    sandbox.warm().await;
    let containers = sandbox.containers().await.unwrap();
    engine().await.inspect_container(&containers[0], None).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_has_every_restriction() {
    let sandbox = ContainerSandbox::start(small()).await.unwrap();
    let container = inspect_one(&sandbox).await;
    let (config, host) = (container.config.unwrap(), container.host_config.unwrap());
    assert_eq!(config.network_disabled, Some(true));
    assert_eq!(config.user.as_deref(), Some("65534:65534"));
    assert_eq!((host.memory, host.memory_swap), (Some(256 << 20), Some(256 << 20)));
    assert_eq!((host.pids_limit, host.nano_cpus), (Some(64), Some(1_000_000_000)));
    assert_eq!((host.cap_drop, host.cap_add), (Some(vec!["ALL".to_owned()]), None));
    assert_eq!((host.readonly_rootfs, host.privileged), (Some(true), Some(false)));
    let security = host.security_opt.unwrap();
    assert!(security.iter().any(|option| option == "no-new-privileges"));
    assert!(security.iter().any(|option| option.starts_with("seccomp={") && option.contains("SCMP_ACT_ERRNO")));
    assert_eq!(host.tmpfs.unwrap()["/tmp"], "size=16777216,noexec,nosuid,nodev,nr_inodes=1024,mode=1777");
    let mut ulimits: Vec<_> =
        host.ulimits.unwrap().into_iter().map(|it| (it.name.unwrap(), it.hard.unwrap())).collect();
    ulimits.sort();
    assert_eq!(ulimits, [("core".to_owned(), 0), ("fsize".to_owned(), 16 << 20), ("nofile".to_owned(), 1024)]);
    assert_eq!(host.log_config.unwrap().typ.as_deref(), Some("none"));
    assert_eq!(host.ipc_mode.as_deref(), Some("none"));
    assert!(host.binds.is_none_or(|binds| binds.is_empty()));
    assert!(container.mounts.is_none_or(|mounts| mounts.is_empty()), "nothing of the host is in it");
    let labels = config.labels.unwrap();
    for label in ["athanor.worker", "athanor.image", "athanor.boot", "athanor.expires"] {
        assert!(labels.contains_key(label), "{label}");
    }
    assert_eq!(labels["athanor.image"], sandbox.image_digest());
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn system_calls_that_are_not_on_the_list_are_refused_with_eperm() {
    let sandbox = ContainerSandbox::start(small()).await.unwrap();
    let asked =
        job(SOURCE, &[&[":gen_udp.open(0)", "System.cmd(\"unshare\", [\"-U\", \"true\"], stderr_to_stdout: true)"]]);
    let report = sandbox.run(asked, &EventSink::none()).await.unwrap();
    let texts: Vec<_> = report.cases[0].steps.iter().map(|step| &step.outcome).collect();
    assert!(matches!(texts[0], StepOutcome::Value { text, .. } if text == "{:error, :eperm}"), "{texts:?}");
    assert!(
        matches!(texts[1], StepOutcome::Value { text, .. } if text.contains("Operation not permitted")),
        "{texts:?}"
    );
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_container_takes_at_most_64_mb() {
    let sandbox = ContainerSandbox::start(small()).await.unwrap();
    let container = inspect_one(&sandbox).await.id.unwrap();
    let stats = {
        use futures_util::StreamExt as _;
        let engine = engine().await;
        engine.stats(&container, None).next().await.unwrap().unwrap()
    };
    let used = stats.memory_stats.unwrap().usage.unwrap();
    assert!(used <= 64_000_000, "{used} bytes");
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_runtime_or_image_is_refused_by_name() {
    let settings = ContainerSettings { runtime: Some("no-such-runtime".to_owned()), ..small() };
    let error = ContainerSandbox::start(settings).await.err().unwrap();
    assert!(matches!(&error, SandboxError::NoSuchRuntime { wanted, .. } if wanted == "no-such-runtime"), "{error}");
    assert!(error.needs_operator());
    let settings = ContainerSettings { image: "no-such-image".to_owned(), ..small() };
    let error = ContainerSandbox::start(settings).await.err().unwrap();
    assert_eq!(error, SandboxError::NoSuchImage { image: "no-such-image".to_owned() });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_not_there_is_an_error_and_no_wait() {
    let engine = EngineSettings::Docker { host: Some("unix:///nonexistent/docker.sock".to_owned()) };
    let error = ContainerSandbox::start(ContainerSettings { engine, ..small() }).await.err().unwrap();
    assert!(matches!(error, SandboxError::Unreachable(_)), "{error}");
    assert!(!error.needs_operator(), "it may come back by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pool_is_filled_again_after_a_job_and_no_container_is_used_twice() {
    let sandbox = ContainerSandbox::start(small()).await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        sandbox.warm().await;
        assert_eq!(sandbox.status().idle, 2);
        let asked =
            job(SOURCE, &[&["File.write!(\"/tmp/was_here\", \"\")", "File.ls!(\"/tmp\")", "node = make_ref()"]]);
        let report = sandbox.run(asked, &EventSink::none()).await.unwrap();
        let StepOutcome::Value { text, .. } = &report.cases[0].steps[1].outcome else { panic!("{report:?}") };
        seen.push(text.clone());
    }
    assert_eq!(seen, ["[\"was_here\"]"; 3]);
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_has_waited_too_long_is_replaced() {
    let settings = ContainerSettings { pool_size: 1, recycle_after: Duration::from_millis(1_500), ..small() };
    let sandbox = ContainerSandbox::start(settings).await.unwrap();
    sandbox.warm().await;
    let first = sandbox.containers().await.unwrap();
    until("another container is there", async || {
        let now = sandbox.containers().await.unwrap();
        sandbox.status().idle == 1 && !now.is_empty() && now.iter().all(|id| !first.contains(id))
    })
    .await;
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_died_while_it_waited_is_not_given_to_a_job() {
    let sandbox = ContainerSandbox::start(ContainerSettings { pool_size: 1, ..small() }).await.unwrap();
    sandbox.warm().await;
    let engine = engine().await;
    for container in sandbox.containers().await.unwrap() {
        engine.kill_container(&container, None).await.unwrap();
    }
    let report = sandbox.run(job(SOURCE, &[&["Target.double(1)"]]), &EventSink::none()).await.unwrap();
    assert_eq!(report.end, End::Finished);
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_of_a_dead_worker_are_removed_and_those_of_a_living_one_are_not() {
    let living = ContainerSandbox::start(small()).await.unwrap();
    living.warm().await;
    let mut labels = inspect_one(&living).await.config.unwrap().labels.unwrap();
    // The same machine and namespace, and a process that cannot be: ids end long before.
    let worker = labels["athanor.worker"].split_once('.').unwrap().1.to_owned();
    labels.insert("athanor.worker".to_owned(), format!("99999999.{worker}"));
    let recipe = ContainerCreateBody {
        image: Some(living.image_digest().to_owned()),
        labels: Some(labels),
        ..ContainerCreateBody::default()
    };
    let engine = engine().await;
    let orphan = engine.create_container(None::<CreateContainerOptions>, recipe).await.unwrap().id;
    let next = ContainerSandbox::start(ContainerSettings { pool_size: 0, ..small() }).await.unwrap();
    until("the orphan is gone", async || engine.inspect_container(&orphan, None).await.is_err()).await;
    next.shutdown().await;
    assert_eq!(living.status().idle, 2);
    let report = living.run(job(SOURCE, &[&["Target.double(1)"]]), &EventSink::none()).await.unwrap();
    assert_eq!(report.end, End::Finished, "its containers were left alone");
    living.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_support_file_is_compiled_first_and_its_faults_are_told_apart() {
    let sandbox = ContainerSandbox::start(ContainerSettings { pool_size: 0, ..small() }).await.unwrap();
    let support = |text: &str| SourceFile { file: "given.ex".into(), text: text.into() };
    let using = "defmodule Target do\n  def double(x), do: Given.two() * x\nend\n";
    let mut asked = job(using, &[&["Target.double(21)"]]);
    asked.support = vec![support("defmodule Given do\n  def two, do: 2\nend\n")];
    let report = sandbox.run(asked.clone(), &EventSink::none()).await.unwrap();
    assert!(matches!(&report.cases[0].steps[0].outcome, StepOutcome::Value { text, .. } if text == "42"), "{report:?}");
    asked.support = vec![support("defmodule Given do\n  def two, do: three\nend\n")];
    let report = sandbox.run(asked, &EventSink::none()).await.unwrap();
    let Some(Load::Refused { diagnostics, .. }) = report.load else { panic!("{report:?}") };
    assert_eq!(diagnostics[0].file.as_deref(), Some("given.ex"));
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_one_submission_may_need_each_other_in_any_order() {
    let sandbox = ContainerSandbox::start(ContainerSettings { pool_size: 0, ..small() }).await.unwrap();
    let file = |file: &str, text: &str| SourceFile { file: file.into(), text: text.into() };
    let mut asked = job(SOURCE, &[&["Target.double(%Number{value: 21})", "File.ls!(\"/tmp\")"]]);
    asked.sources = vec![
        file("target.ex", "defmodule Target do\n  def double(%Number{value: x}), do: x * 2\nend\n"),
        file("number.ex", "defmodule Number do\n  defstruct [:value]\nend\n"),
    ];
    let report = sandbox.run(asked.clone(), &EventSink::none()).await.unwrap();
    let texts: Vec<_> = report.cases[0].steps.iter().map(|step| &step.outcome).collect();
    assert!(matches!(texts[0], StepOutcome::Value { text, .. } if text == "42"), "{report:?}");
    assert!(matches!(texts[1], StepOutcome::Value { text, .. } if text == "[]"), "no trace of them is left");
    asked.sources[1].text = "defmodule Number do\n  defstruct [:value\nend\n".to_owned();
    let report = sandbox.run(asked, &EventSink::none()).await.unwrap();
    let Some(Load::Refused { diagnostics, .. }) = report.load else { panic!("{report:?}") };
    assert_eq!((diagnostics[0].file.as_deref(), diagnostics[0].line), (Some("number.ex"), Some(2)), "{diagnostics:?}");
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_job_loses_its_container() {
    let sandbox = ContainerSandbox::start(ContainerSettings { pool_size: 0, ..small() }).await.unwrap();
    let (sink, mut events) = EventSink::channel();
    tokio::select! {
        report = sandbox.run(job(SOURCE, &[&["Process.sleep(:infinity)"]]), &sink) => panic!("{report:?}"),
        event = events.recv() => assert_eq!(event, Some(Event::Started)),
    }
    until("its container is gone", async || sandbox.containers().await.unwrap().is_empty()).await;
    sandbox.shutdown().await;
}
