//! Every file under `hostile/<verdict>/` is one submission, honest or not, and gets that verdict: on the host's kernel, and on
//! gVisor's, where a comment `on runsc: <verdict>` says so if it is another one. Both engines and both runtimes meet all of
//! them, in two pairs; the other two pairs meet some of each kind, or all if `ATHANOR_TEST_HOSTILE` is set.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use athanor::domain::exercise::{Case, Expect, Language, Step, TestSet};
use athanor::domain::job::{Job, Kind};
use athanor::domain::limits::Limits;
use athanor::domain::report::{Report, StepOutcome};
use athanor::domain::source::SourceCode;
use athanor::domain::verdict::{self, ExpectedSet, ExpectedValue, Verdict, VerdictKind};
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};
use athanor::sandbox::{EventSink, Sandbox};
use futures_util::StreamExt as _;

use crate::helpers::traces::{self, Traces};
use crate::helpers::ways::settings;

/// What the exercise wants.
pub const REFERENCE: &str = "
defmodule Target do
  def double(x), do: x * 2
  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
";

/// How many submissions of the corpus run at once: more than there are cores, because many only wait for their time to pass.
const AT_ONCE: usize = 4;

/// Shorter than the design's, because half of the corpus only waits for them.
const LIMITS: Limits = Limits { compile_ms: 3_000, ..Limits::DEFAULT };

/// The exercise of the corpus: two visible cases, two hidden ones.
pub fn exercise() -> TestSet {
    let case = |name: &str, hidden: bool, code: &str, value: &str| Case {
        name: name.to_owned(),
        hidden,
        steps: vec![Step {
            code: code.to_owned(),
            expect: Some(Expect::Value(value.to_owned())),
            prints: None,
            line: 0,
            expect_line: 0,
        }],
        points: 1,
        timeout_ms: None,
        line: 0,
        file: None,
    };
    TestSet {
        language: Language::Elixir,
        support: Vec::new(),
        cases: vec![
            case("doubles", false, "Target.double(21)", "42"),
            case("of nothing", false, "Target.first_or([], :none)", ":none"),
            case("keeps nil", true, "Target.first_or([nil, 1], :none)", "nil"),
            case("doubles a negative", true, "Target.double(-4)", "-8"),
        ],
        solution: REFERENCE.to_owned(),
        wrong: Vec::new(),
        exunit: None,
        flavour: None,
        image: None,
    }
}

/// The expected values, evaluated as they are for a lesson: in a container with the reference loaded.
pub async fn expected(sandbox: &dyn Sandbox, tests: &TestSet) -> ExpectedSet {
    let mut job = Job::new(tests, Job::single_source(Language::Elixir, REFERENCE), Kind::Submit, LIMITS);
    for (job_case, case) in job.cases.iter_mut().zip(&tests.cases) {
        for (job_step, step) in job_case.steps.iter_mut().zip(&case.steps) {
            if let Some(Expect::Value(expression)) = &step.expect {
                job_step.code.clone_from(expression);
            }
        }
    }
    let report = sandbox.run(job, &EventSink::none()).await.unwrap();
    let values = report.cases.into_iter().map(|case| {
        let value = |outcome| match outcome {
            StepOutcome::Value { term, text } => Some(ExpectedValue { term, text }),
            other => panic!("an expected value that is none: {other:?}"),
        };
        case.steps.into_iter().map(|step| value(step.outcome)).collect()
    });
    ExpectedSet { values: values.collect(), ..ExpectedSet::default() }
}

struct Grader {
    sandbox: ContainerSandbox,
    tests: TestSet,
    expected: ExpectedSet,
}

impl Grader {
    async fn start(way: &str) -> Self {
        let settings = ContainerSettings { pool_size: AT_ONCE, max_jobs: AT_ONCE, ..settings(way) };
        let sandbox = ContainerSandbox::start(settings).await.unwrap();
        let tests = exercise();
        let expected = expected(&sandbox, &tests).await;
        Self { sandbox, tests, expected }
    }

    async fn grade(&self, source: &str, wanted: VerdictKind) -> (Verdict, Report) {
        let mut job = Job::new(&self.tests, Job::single_source(Language::Elixir, source), Kind::Submit, LIMITS);
        let report = self.sandbox.run(job.clone(), &EventSink::none()).await.unwrap();
        let verdict = verdict::judge(&self.tests, &self.expected, Kind::Submit, &report);
        if verdict.kind != VerdictKind::Timeout || wanted == VerdictKind::Timeout || !report.contended {
            return (verdict, report);
        }
        // As the judge does it: a time-out under contention proves nothing, and is tried once more, alone. (Where one is
        // expected, the second would only take as long again.)
        job.alone = true;
        let report = self.sandbox.run(job, &EventSink::none()).await.unwrap();
        (verdict::judge(&self.tests, &self.expected, Kind::Submit, &report), report)
    }
}

/// How many of each folder a pair of engine and runtime is tried with whose parts have met all of them in other pairs.
const SOME: usize = 3;

/// The files of the corpus, each with the verdict that its folder names, or its own comment for this runtime.
fn corpus(way: &str) -> Vec<(PathBuf, VerdictKind)> {
    let (_, runtime) = way.split_once('/').unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/hostile");
    let only = std::env::var("ATHANOR_TEST_HOSTILE").unwrap_or_default();
    let verdict = |name: &str| VerdictKind::parse(name).unwrap_or_else(|| panic!("{name} is no verdict"));
    let mut files = Vec::new();
    for folder in std::fs::read_dir(root).unwrap() {
        let folder = folder.unwrap().path();
        let usual = verdict(folder.file_name().unwrap().to_str().unwrap());
        for file in std::fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            let other = text.lines().find_map(|line| line.strip_prefix(&format!("# on {runtime}: ")));
            files.push((file, other.map_or(usual, verdict)));
        }
    }
    files.retain(|(file, _)| file.to_str().unwrap().contains(&only));
    files.sort_by(|one, other| one.0.cmp(&other.0));
    files
}

/// What went wrong with one of the corpus, and with an honest submission right after it.
async fn grade_one(grader: &Grader, file: &Path, wanted: VerdictKind) -> Vec<String> {
    let source = SourceCode::parse(&std::fs::read(file).unwrap(), LIMITS.source_bytes).unwrap();
    let began = std::time::Instant::now();
    let (verdict, report) = grader.grade(source.as_str(), wanted).await;
    let took = began.elapsed();
    let (after, _) = grader.grade(REFERENCE, VerdictKind::Passed).await;
    let name = file.display();
    if std::env::var_os("ATHANOR_TEST_HOSTILE").is_some() {
        println!("{name}: {:?} in {took:?}, {:?}", verdict.kind, report.end);
    }
    let mut wrong = Vec::new();
    if verdict.kind != wanted {
        wrong.push(format!("{name}: {:?} and not {wanted:?}\n{verdict:#?}\n{:?}", verdict.kind, report.end));
    }
    if after.kind != VerdictKind::Passed {
        wrong.push(format!("{name}: the honest one after it got {:?}\n{after:#?}", after.kind));
    }
    wrong
}

async fn every_submission_of_the_corpus_gets_its_verdict_and_nothing_is_left_of_it(way: &str) {
    grade_all(way, corpus(way)).await;
}

async fn some_of_each_kind_get_their_verdict_and_nothing_is_left_of_them(way: &str) {
    let mut files = corpus(way);
    if std::env::var_os("ATHANOR_TEST_HOSTILE").is_none() {
        let mut met: HashMap<PathBuf, usize> = HashMap::new();
        files.retain(|(file, _)| {
            let count = met.entry(file.parent().unwrap().to_owned()).or_default();
            *count += 1;
            *count <= SOME
        });
    }
    grade_all(way, files).await;
}

async fn grade_all(way: &str, files: Vec<(PathBuf, VerdictKind)>) {
    let grader = Grader::start(way).await;
    let traces = Traces::follow(&grader.sandbox, way).await;
    let count = files.len();
    assert!(count > 0);
    let mut wrong = futures_util::stream::iter(files)
        .map(|(file, wanted)| {
            let grader = &grader;
            async move { grade_one(grader, &file, wanted).await }
        })
        .buffer_unordered(AT_ONCE)
        .concat()
        .await;
    grader.sandbox.shutdown().await;
    // Each had a container of its own, and so had the honest one after it.
    let seen = traces.end(&grader.sandbox, 2 * count).await;
    wrong.extend(traces::left_of(&seen).await);
    assert!(wrong.is_empty(), "{} things went wrong:\n{}", wrong.len(), wrong.join("\n"));
}

async fn a_result_comes_in_time_whatever_the_code_does(way: &str) {
    let grader = Grader::start(way).await;
    let hangs =
        "defmodule Target do\n  def double(_), do: Process.sleep(:infinity)\n  def first_or(_, _), do: double(1)\nend";
    let limits = Limits { job_ms: 1_500, case_ms: 1_000, ..LIMITS };
    let job = Job::new(&grader.tests, Job::single_source(Language::Elixir, hangs), Kind::Submit, limits);
    let began = std::time::Instant::now();
    let report = grader.sandbox.run(job, &EventSink::none()).await.unwrap();
    let job_took = Duration::from_micros(report.timings.load_us + report.timings.cases_us);
    grader.sandbox.shutdown().await;
    assert!(job_took < limits.job() + Duration::from_secs(1), "{job_took:?} of {:?}", began.elapsed());
    let verdict = verdict::judge(&grader.tests, &grader.expected, Kind::Submit, &report);
    assert_eq!(verdict.kind, VerdictKind::Timeout);
}

crate::on_each_way![a_result_comes_in_time_whatever_the_code_does];

crate::on_each_way! { @way all_docker_runc = "docker/runc": every_submission_of_the_corpus_gets_its_verdict_and_nothing_is_left_of_it }
crate::on_each_way! { @way all_oci_runsc = "oci/runsc": every_submission_of_the_corpus_gets_its_verdict_and_nothing_is_left_of_it }
crate::on_each_way! { @way some_docker_runsc = "docker/runsc": some_of_each_kind_get_their_verdict_and_nothing_is_left_of_them }
crate::on_each_way! { @way some_oci_runc = "oci/runc": some_of_each_kind_get_their_verdict_and_nothing_is_left_of_them }
