//! An engine that goes away, is slow, or whose operator meddles: our fault, never the learner's, and nothing is left of it.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::time::Duration;

use athanor::domain::exercise::TestSet;
use athanor::domain::job::Kind;
use athanor::domain::limits::Limits;
use athanor::domain::report::End;
use athanor::domain::verdict::VerdictKind;
use athanor::judge::grade::{Graded, Task, grade};
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings, EngineSettings};
use athanor::sandbox::{Event, EventSink, Sandbox, SandboxError};
use bollard::Docker;
use bollard::query_parameters::{KillContainerOptionsBuilder, RemoveContainerOptionsBuilder};

use crate::helpers::way::Way;
use crate::hostile::{exercise, expected};
use crate::sandbox_contract::job;
use crate::sandbox_docker::{engine, until};

const SOURCE: &str = "defmodule Target do\n  def double(x), do: x * 2\nend\n";

/// No warm containers, so that the one that there is runs the job.
fn none_warm() -> ContainerSettings {
    ContainerSettings { pool_size: 0, max_jobs: 2, ..ContainerSettings::detect() }
}

fn two_warm() -> ContainerSettings {
    ContainerSettings { pool_size: 2, max_boots: 1, ..none_warm() }
}

/// Runs code that waits for ever, and has something done to its container meanwhile.
async fn run_and(sandbox: &ContainerSandbox, meddle: impl AsyncFn(Docker, String)) -> Result<End, SandboxError> {
    let (sink, mut events) = EventSink::channel();
    let running = sandbox.run(job(SOURCE, &[&["Process.sleep(:infinity)"]]), &sink);
    let (report, ()) = tokio::join!(running, async {
        while !matches!(events.recv().await, Some(Event::Loaded(_))) {}
        meddle(engine().await, sandbox.containers().await.unwrap().remove(0)).await;
    });
    report.map(|report| report.end)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_an_operator_ends_is_our_fault_however_it_was_done() {
    for runtime in ["runc", "runsc"] {
        let settings = ContainerSettings { runtime: Some(runtime.to_owned()), ..none_warm() };
        let sandbox = ContainerSandbox::start(settings).await.unwrap();
        for signal in ["KILL", "TERM", "ABRT"] {
            let ended = run_and(&sandbox, async |docker: Docker, container: String| {
                let options = KillContainerOptionsBuilder::default().signal(signal).build();
                docker.kill_container(&container, Some(options)).await.unwrap();
            });
            let ended = ended.await;
            assert!(matches!(ended, Err(SandboxError::Lost(_))), "{runtime}, {signal}: {ended:?}");
        }
        let stopped = run_and(&sandbox, async |docker: Docker, container: String| {
            docker.stop_container(&container, None).await.unwrap();
        });
        let stopped = stopped.await;
        assert!(matches!(stopped, Err(SandboxError::Lost(_))), "{runtime}: {stopped:?}");
        let removed = run_and(&sandbox, async |docker: Docker, container: String| {
            let options = RemoveContainerOptionsBuilder::default().force(true).build();
            docker.remove_container(&container, Some(options)).await.unwrap();
        });
        let removed = removed.await;
        assert!(matches!(removed, Err(SandboxError::Lost(_))), "{runtime}: {removed:?}");
        sandbox.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_an_operator_pauses_has_not_timed_out() {
    let sandbox = ContainerSandbox::start(none_warm()).await.unwrap();
    let paused = run_and(&sandbox, async |docker: Docker, container: String| {
        docker.pause_container(&container).await.unwrap();
    });
    let paused = paused.await;
    assert!(matches!(paused, Err(SandboxError::Lost(_))), "{paused:?}");
    let briefly = run_and(&sandbox, async |docker: Docker, container: String| {
        docker.pause_container(&container).await.unwrap();
        docker.unpause_container(&container).await.unwrap();
    });
    let briefly = briefly.await;
    assert!(matches!(briefly, Err(SandboxError::Lost(_))), "{briefly:?}");
    sandbox.shutdown().await;
}

async fn grade_source(sandbox: &ContainerSandbox, tests: &TestSet, source: &str, events: &EventSink) -> Graded {
    let expected = expected(sandbox, tests).await;
    let task = Task { tests, expected: &expected, kind: Kind::Submit, limits: Limits::DEFAULT };
    let sources = athanor::domain::job::Job::single_source(tests.language, source);
    grade(sandbox, task, sources, events).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_past_the_engine_is_tried_once_more_and_does_not_count() {
    let sandbox = ContainerSandbox::start(none_warm()).await.unwrap();
    let tests = exercise();
    let (sink, mut events) = EventSink::channel();
    let slow = "defmodule Target do
  def double(x), do: Process.sleep(1_000) && x * 2
  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end";
    let graded = grade_source(&sandbox, &tests, slow, &sink);
    let (graded, ()) = tokio::join!(graded, async {
        while !matches!(events.recv().await, Some(Event::Loaded(_))) {}
        // As an administrator's `kill -9` or a machine without memory does it: the engine hears of the end only.
        let docker = engine().await;
        for container in sandbox.containers().await.unwrap() {
            let state = docker.inspect_container(&container, None).await.unwrap().state.unwrap();
            if let Some(pid) = state.pid.and_then(|pid| rustix::process::Pid::from_raw(i32::try_from(pid).unwrap())) {
                rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
            }
        }
    });
    assert_eq!((graded.verdict.kind, graded.run_again), (VerdictKind::Passed, true));
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_that_pretends_to_have_been_killed_is_run_twice_and_no_more() {
    let sandbox = ContainerSandbox::start(none_warm()).await.unwrap();
    let tests = exercise();
    for source in [
        "defmodule Target do\n  def double(_), do: :erlang.halt(137)\n  def first_or(_, _), do: nil\nend",
        "defmodule Target do\n  :erlang.halt(0)\nend",
    ] {
        let (sink, mut events) = EventSink::channel();
        let graded = grade_source(&sandbox, &tests, source, &sink).await;
        assert_eq!((graded.verdict.kind, graded.run_again), (VerdictKind::Crashed, true));
        drop(sink);
        let mut runs = 0;
        while let Some(event) = events.recv().await {
            runs += usize::from(event == Event::Started);
        }
        assert_eq!(runs, 2);
    }
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warm_container_that_dies_unseen_just_before_its_job_is_our_fault() {
    let way = Way::open();
    let settings = ContainerSettings {
        engine: EngineSettings::Docker { host: Some(way.host.clone()) },
        pool_size: 1,
        ..ContainerSettings::detect()
    };
    let sandbox = ContainerSandbox::start(settings).await.unwrap();
    sandbox.warm().await;
    let container = sandbox.containers().await.unwrap().remove(0);
    // While nothing of what the engine says arrives, the container looks as if it still waits.
    way.hold_answers(true);
    engine().await.kill_container(&container, None).await.unwrap();
    let (sink, mut events) = EventSink::channel();
    let asked = job(SOURCE, &[&["Target.double(21)"]]);
    let running = sandbox.run(asked.clone(), &sink);
    let (lost, ()) = tokio::join!(running, async {
        assert_eq!(events.recv().await, Some(Event::Started), "it was given to the job");
        way.hold_answers(false);
    });
    assert!(matches!(lost, Err(SandboxError::Lost(_))), "{lost:?}");
    let again = sandbox.run(asked, &EventSink::none()).await.unwrap();
    assert_eq!(again.end, End::Finished, "another container does what was asked");
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_the_engine_makes_after_its_boot_was_given_up_is_found_and_removed() {
    let way = Way::open();
    let settings = ContainerSettings {
        engine: EngineSettings::Docker { host: Some(way.host.clone()) },
        boot_timeout: Duration::from_millis(500),
        sweep_every: Duration::from_secs(3600),
        ..none_warm()
    };
    let sandbox = ContainerSandbox::start(settings.clone()).await.unwrap();
    way.hold_creations(true);
    let late = sandbox.run(job(SOURCE, &[]), &EventSink::none()).await;
    assert_eq!(late.map(|report| report.end), Err(SandboxError::BootTimeout(settings.boot_timeout)));
    until("there is nothing to remove", async || sandbox.status().removing == 0).await;
    way.hold_creations(false);
    until("the engine has made it", async || sandbox.containers().await.unwrap().len() == 1).await;
    sandbox.sweep().await;
    until("it is gone", async || sandbox.containers().await.unwrap().is_empty()).await;
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_for_leftovers_now_and_then_spares_containers_in_use() {
    let settings =
        ContainerSettings { pool_size: 1, sweep_every: Duration::from_millis(50), ..ContainerSettings::detect() };
    let sandbox = ContainerSandbox::start(settings).await.unwrap();
    sandbox.warm().await;
    let before = sandbox.containers().await.unwrap();
    let report = sandbox.run(job(SOURCE, &[&["Process.sleep(500)"]]), &EventSink::none()).await.unwrap();
    assert_eq!((report.end, before.len()), (End::Finished, 1));
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_goes_away_is_our_fault_and_never_a_verdict() {
    let mut way = Way::open();
    let sandbox = ContainerSandbox::start(ContainerSettings {
        engine: EngineSettings::Docker { host: Some(way.host.clone()) },
        ..two_warm()
    })
    .await
    .unwrap();
    sandbox.warm().await;

    let (sink, mut events) = EventSink::channel();
    let running = sandbox.run(job(SOURCE, &[&["Process.sleep(:infinity)"]]), &sink);
    let (lost, ()) = tokio::join!(running, async {
        while !matches!(events.recv().await, Some(Event::Loaded(_))) {}
        way.cut();
    });
    assert!(matches!(lost, Err(SandboxError::Lost(_))), "{lost:?}");

    let refused = sandbox.run(job(SOURCE, &[&["Target.double(1)"]]), &EventSink::none()).await;
    assert!(refused.is_err(), "{refused:?}");
    until("it is known to be unhealthy", async || !sandbox.status().healthy).await;

    way.mend();
    until("it is well again", async || sandbox.status().healthy && sandbox.status().idle == 2).await;
    let report = sandbox.run(job(SOURCE, &[&["Target.double(1)"]]), &EventSink::none()).await.unwrap();
    assert_eq!(report.end, End::Finished);
    sandbox.shutdown().await;
    assert_eq!(sandbox.containers().await, Ok(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_back_at_once_is_our_fault_all_the_same() {
    let mut way = Way::open();
    let sandbox = ContainerSandbox::start(ContainerSettings {
        engine: EngineSettings::Docker { host: Some(way.host.clone()) },
        ..two_warm()
    })
    .await
    .unwrap();
    sandbox.warm().await;
    let (sink, mut events) = EventSink::channel();
    let running = sandbox.run(job(SOURCE, &[&["Process.sleep(:infinity)"]]), &sink);
    let (lost, ()) = tokio::join!(running, async {
        while !matches!(events.recv().await, Some(Event::Loaded(_))) {}
        way.cut();
        way.mend();
    });
    assert!(matches!(lost, Err(SandboxError::Lost(_))), "{lost:?}");
    sandbox.shutdown().await;
}
