//! What every sandbox promises, asked of each of them.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::time::Duration;

use athanor::domain::exercise::Language;
use athanor::domain::job::{Job, JobCase, JobStep};
use athanor::domain::limits::Limits;
use athanor::domain::report::{Diagnostic, End, Load, Output, Report, Severity, StepOutcome, StepReport};
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};
use athanor::sandbox::fake::{self, FakeAnswer, FakeSandbox, FakeStep};
use athanor::sandbox::{Event, EventSink, Sandbox, SandboxError};

use crate::helpers::ways::{children, settings};

const SOURCE: &str = "defmodule Target do\n  def double(x), do: x * 2\nend\n";
const BROKEN: &str = "defmodule Target do\n  def double(x), do: y * 2\nend\n";

/// A job of this source whose cases are lists of steps. A case whose name begins with `!` is hidden.
pub fn job(source: &str, cases: &[&[&str]]) -> Job {
    let case = |steps: &&[&str]| JobCase {
        hidden: steps.first() == Some(&"!"),
        steps: steps
            .iter()
            .filter(|code| **code != "!")
            .map(|code| JobStep { code: (*code).to_owned(), input: None })
            .collect(),
        timeout_ms: 1_000,
    };
    Job {
        language: Language::Elixir,
        support: Vec::new(),
        sources: Job::single_source(Language::Elixir, source),
        cases: cases.iter().map(case).collect(),
        suite: None,
        flavour: None,
        image: None,
        limits: Limits::DEFAULT,
        alone: false,
    }
}

/// The text of a value, the message of an exception, or what else became of a step.
fn said(step: &StepReport) -> &str {
    match &step.outcome {
        StepOutcome::Value { text, .. } => text,
        StepOutcome::Raised(raised) => &raised.message,
        StepOutcome::TimedOut => "timeout",
        StepOutcome::TooLarge { .. } => "too large",
    }
}

fn all_said(report: &Report) -> Vec<Vec<&str>> {
    report.cases.iter().map(|case| case.steps.iter().map(said).collect()).collect()
}

async fn run(sandbox: &dyn Sandbox, job: Job) -> Report {
    sandbox.run(job, &EventSink::none()).await.unwrap()
}

async fn every_step_of_every_case_is_answered_in_order(sandbox: &dyn Sandbox) {
    let report = run(sandbox, job(SOURCE, &[&["Target.double(21)", "Target.double(1)"], &["Target.double(1)"]])).await;
    assert_eq!(all_said(&report), [vec!["42", "2"], vec!["2"]]);
    assert_eq!(report.end, End::Finished);
    assert!(matches!(report.load, Some(Load::Loaded { .. })));
}

async fn equal_values_have_equal_terms(sandbox: &dyn Sandbox) {
    let term = |report: Report| match &report.cases[0].steps[0].outcome {
        StepOutcome::Value { term, .. } => term.clone(),
        other => panic!("{other:?}"),
    };
    let one = term(run(sandbox, job(SOURCE, &[&["Target.double(21)"]])).await);
    let other = term(run(sandbox, job(SOURCE, &[&["42"]])).await);
    assert_eq!(one, other);
}

async fn steps_of_a_case_share_their_bindings_and_cases_do_not(sandbox: &dyn Sandbox) {
    let report = run(sandbox, job(SOURCE, &[&["x = 1", "x + 1"], &["x + 1"]])).await;
    assert_eq!(all_said(&report)[0], ["1", "2"]);
    assert!(matches!(report.cases[1].steps[0].outcome, StepOutcome::Raised(_)), "{report:#?}");
}

async fn a_source_that_does_not_compile_is_refused_with_its_line(sandbox: &dyn Sandbox) {
    let report = run(sandbox, job(BROKEN, &[&["Target.double(21)"]])).await;
    assert_eq!((report.end, report.cases.len()), (End::Refused, 0));
    let Some(Load::Refused { diagnostics, .. }) = report.load else { panic!("{:?}", report.load) };
    let error = diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error).unwrap();
    assert_eq!((error.file.as_deref(), error.line), (Some("solution.ex"), Some(2)), "{error:?}");
}

async fn a_step_that_raises_keeps_the_bindings_and_the_case_goes_on(sandbox: &dyn Sandbox) {
    let report = run(sandbox, job(SOURCE, &[&["x = 1", "raise \"no\"", "x + 1"]])).await;
    assert_eq!(all_said(&report), [["1", "no", "2"]]);
    let StepOutcome::Raised(raised) = &report.cases[0].steps[1].outcome else { panic!() };
    assert_eq!((raised.kind.as_str(), raised.module.as_deref()), ("error", Some("RuntimeError")));
}

async fn a_step_that_times_out_skips_the_rest_of_its_case_only(sandbox: &dyn Sandbox) {
    let steps: [&[&str]; 2] = [&["Process.sleep(:infinity)", "Target.double(1)"], &["Target.double(21)"]];
    let report = run(sandbox, job(SOURCE, &steps)).await;
    assert_eq!(all_said(&report), [vec!["timeout"], vec!["42"]]);
    assert_eq!(report.end, End::Finished);
}

async fn a_vm_that_ends_ends_the_job_with_what_was_seen_before(sandbox: &dyn Sandbox) {
    let report = run(sandbox, job(SOURCE, &[&["Target.double(21)"], &["System.halt(3)"], &["Target.double(1)"]])).await;
    assert_eq!(all_said(&report), [vec!["42"], vec![]], "the case it ended in is there, without an answer");
    assert_eq!(report.end, End::Exited { code: Some(3) });
}

async fn output_belongs_to_the_step_that_printed_it(sandbox: &dyn Sandbox) {
    let report = run(sandbox, job(SOURCE, &[&["Target.double(1)", "IO.puts(\"hi\")"]])).await;
    let outputs: Vec<_> = report.cases[0].steps.iter().map(|step| step.output.clone()).collect();
    assert_eq!(outputs, [Output::default(), Output::whole("hi\n")]);
}

async fn a_job_without_cases_only_compiles(sandbox: &dyn Sandbox) {
    let report = run(sandbox, job(SOURCE, &[])).await;
    assert_eq!((report.end, report.cases.len()), (End::Finished, 0));
}

async fn events_come_in_order_and_are_all_there_before_the_report(sandbox: &dyn Sandbox) {
    let (sink, mut events) = EventSink::channel();
    let report = sandbox.run(job(SOURCE, &[&["Target.double(21)"], &["Target.double(1)"]]), &sink).await.unwrap();
    drop(sink);
    let mut seen = Vec::new();
    while let Ok(event) = events.try_recv() {
        seen.push(event);
    }
    let expected = [
        Event::Started,
        Event::Loaded(report.load.clone().unwrap()),
        Event::CaseEnded { index: 0, report: report.cases[0].clone() },
        Event::CaseEnded { index: 1, report: report.cases[1].clone() },
    ];
    assert_eq!(seen, expected);
}

async fn from_the_first_hidden_case_on_events_carry_nothing(sandbox: &dyn Sandbox) {
    let (sink, mut events) = EventSink::channel();
    let steps: [&[&str]; 3] = [&["Target.double(1)"], &["!", "Target.double(21)"], &["Target.double(1)"]];
    sandbox.run(job(SOURCE, &steps), &sink).await.unwrap();
    let mut seen = Vec::new();
    while let Ok(event) = events.try_recv() {
        seen.push(event);
    }
    assert!(matches!(seen[2], Event::CaseEnded { index: 0, .. }));
    assert_eq!(seen[3..], [Event::HiddenCaseEnded { index: 1 }, Event::HiddenCaseEnded { index: 2 }]);
}

async fn jobs_side_by_side_do_not_disturb_each_other(sandbox: &dyn Sandbox) {
    let jobs = (0..6).map(|n| {
        let steps: &[&str] = if n % 2 == 0 { &["Target.double(21)"] } else { &["Target.double(1)"] };
        let job = Job { alone: n == 3, ..job(SOURCE, &[steps]) };
        async move { (n, run(sandbox, job).await) }
    });
    for (n, report) in futures_util::future::join_all(jobs).await {
        assert_eq!(all_said(&report), [[if n % 2 == 0 { "42" } else { "2" }]]);
        assert!(n != 3 || !report.contended, "a job alone has the machine for itself");
    }
}

async fn a_cancelled_job_leaves_nothing_running(sandbox: &dyn Sandbox) {
    let job = job(SOURCE, &[&["Process.sleep(:infinity)"]]);
    let (sink, mut events) = EventSink::channel();
    let cancelled = tokio::select! {
        _ = sandbox.run(job, &sink) => false,
        _ = events.recv() => true,
    };
    assert!(cancelled, "it had begun, and had not ended");
    assert_eq!(sandbox.status().running, 0);
}

async fn a_shutdown_cuts_off_running_jobs_and_refuses_new_ones(sandbox: &dyn Sandbox) {
    let (sink, mut events) = EventSink::channel();
    let running = sandbox.run(job(SOURCE, &[&["Process.sleep(:infinity)"]]), &sink);
    let stopped = async {
        events.recv().await;
        sandbox.shutdown().await;
    };
    let (cut_off, ()) = tokio::join!(running, stopped);
    assert_eq!(cut_off, Err(SandboxError::ShuttingDown));
    let refused = sandbox.run(job(SOURCE, &[]), &EventSink::none()).await;
    assert_eq!(refused, Err(SandboxError::ShuttingDown));
    let status = sandbox.status();
    assert_eq!((status.idle, status.booting, status.running, status.removing), (0, 0, 0, 0));
}

/// What the fake answers: the little that the suite asks.
fn script(ask: FakeStep<'_>) -> FakeAnswer {
    let before = &ask.job.cases[ask.case].steps[..ask.index];
    match ask.step.code.as_str() {
        "Target.double(21)" => FakeAnswer::value("42"),
        "Target.double(1)" => FakeAnswer::value("2"),
        "x = 1" => FakeAnswer::value("1"),
        "x + 1" if before.iter().any(|step| step.code == "x = 1") => FakeAnswer::value("2"),
        "x + 1" => FakeAnswer::raised("CompileError", "undefined variable x"),
        "raise \"no\"" => FakeAnswer::raised("RuntimeError", "no"),
        "Process.sleep(:infinity)" => FakeAnswer::outcome(StepOutcome::TimedOut),
        "System.halt(3)" => FakeAnswer::End(End::Exited { code: Some(3) }),
        "IO.puts(\"hi\")" => FakeAnswer::Step(StepReport {
            outcome: StepOutcome::Value { term: b":ok".to_vec(), text: ":ok".to_owned() },
            output: Output::whole("hi\n"),
            typed_at: Vec::new(),
            us: 1,
        }),
        other => FakeAnswer::value(other),
    }
}

fn compiler(job: &Job) -> Load {
    if job.sources[0].text != BROKEN {
        return Load::Loaded { diagnostics: Vec::new(), output: Output::default() };
    }
    fake::refused(vec![Diagnostic {
        severity: Severity::Error,
        message: "undefined variable \"y\"".to_owned(),
        file: Some("solution.ex".to_owned()),
        line: Some(2),
        column: Some(22),
        end: None,
    }])
}

/// Each promise becomes a test of containers that are made this way.
macro_rules! containers {
    ($module:ident = $way:literal: $($promise:ident),*) => {
        mod $module {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $promise() {
                let settings = ContainerSettings { pool_size: 1, max_jobs: 2, ..settings($way) };
                let sandbox = ContainerSandbox::start(settings).await.unwrap();
                super::$promise(&sandbox).await;
                sandbox.shutdown().await;
                assert_eq!(sandbox.containers().await, Ok(Vec::new()), "a container is left over");
                assert_eq!(children(), Vec::<String>::new(), "a process is left over");
            })*
        }
    };
}

/// Each promise becomes a test of each sandbox.
macro_rules! contract {
    ($($promise:ident),* $(,)?) => {
        containers! { docker_runc = "docker/runc": $($promise),* }
        containers! { docker_runsc = "docker/runsc": $($promise),* }
        containers! { oci_runc = "oci/runc": $($promise),* }
        containers! { oci_runsc = "oci/runsc": $($promise),* }
        mod fake_sandbox {
            use super::*;
            $(#[tokio::test]
            async fn $promise() {
                let sandbox = FakeSandbox::new(script).compiling(compiler);
                // Long enough to be cut off in the middle.
                sandbox.delay(Duration::from_millis(20));
                super::$promise(&sandbox).await;
            })*
        }
    };
}

contract![
    every_step_of_every_case_is_answered_in_order,
    equal_values_have_equal_terms,
    steps_of_a_case_share_their_bindings_and_cases_do_not,
    a_source_that_does_not_compile_is_refused_with_its_line,
    a_step_that_raises_keeps_the_bindings_and_the_case_goes_on,
    a_step_that_times_out_skips_the_rest_of_its_case_only,
    a_vm_that_ends_ends_the_job_with_what_was_seen_before,
    output_belongs_to_the_step_that_printed_it,
    a_job_without_cases_only_compiles,
    events_come_in_order_and_are_all_there_before_the_report,
    from_the_first_hidden_case_on_events_carry_nothing,
    jobs_side_by_side_do_not_disturb_each_other,
    a_cancelled_job_leaves_nothing_running,
    a_shutdown_cuts_off_running_jobs_and_refuses_new_ones,
];
