//! Every file under `hostile_exunit/<verdict>/` is one submission to an exercise that ExUnit judges within the learner's
//! VM, and gets that verdict: above all, none of those that meddle with the tests passes.

use std::path::{Path, PathBuf};

use crate::helpers::exunit;
use crate::helpers::ways::settings;
use athanor::domain::exercise::Language;
use athanor::domain::job::{Job, Kind};
use athanor::domain::limits::Limits;
use athanor::domain::verdict::{Verdict, VerdictKind};
use athanor::judge::expected;
use athanor::judge::grade::{Task, grade};
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};
use athanor::sandbox::{EventSink, Sandbox};
use futures_util::StreamExt as _;

const AT_ONCE: usize = 2;

const LIMITS: Limits = Limits { compile_ms: 3_000, case_ms: 1_200, job_ms: 6_000, ..Limits::DEFAULT };

const REFERENCE: &str = include_str!("hostile_exunit/passed/honest.ex");

const TESTS: &str = r#"
defmodule TargetTest do
  use ExUnit.Case

  test "doubles" do
    assert Target.double(21) == 42
  end

  test "of nothing" do
    assert Target.first_or([], :none) == :none
  end

  test "keeps nil" do
    assert Target.first_or([nil, 1], :none) == nil
  end

  test "doubles a negative" do
    assert Target.double(-4) == -8
  end
end
"#;

fn corpus() -> Vec<(PathBuf, VerdictKind)> {
    let only = std::env::var("ATHANOR_TEST_HOSTILE").unwrap_or_default();
    let mut files = Vec::new();
    for folder in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/hostile_exunit")).unwrap() {
        let folder = folder.unwrap().path();
        let verdict = VerdictKind::parse(folder.file_name().unwrap().to_str().unwrap()).unwrap();
        files.extend(std::fs::read_dir(&folder).unwrap().map(|file| (file.unwrap().path(), verdict)));
    }
    files.retain(|(file, _)| file.to_str().unwrap().contains(&only));
    files.sort_by(|one, other| one.0.cmp(&other.0));
    files
}

async fn no_submission_that_meddles_with_its_tests_passes_them(way: &str) {
    let settings = ContainerSettings { pool_size: AT_ONCE, max_jobs: AT_ONCE, ..settings(way) };
    let sandbox = ContainerSandbox::start(settings).await.unwrap();
    let tests = exunit::tests(TESTS, REFERENCE);
    let evaluation = expected::evaluate(&sandbox, &tests, LIMITS).await.unwrap();
    assert_eq!(evaluation.problems, []);
    assert_eq!(evaluation.expected.suite.tests.len(), 4);
    assert!(evaluation.expected.suite.tests.iter().all(|test| test.canary), "{:?}", evaluation.expected.suite);
    let task = Task { tests: &tests, expected: &evaluation.expected, kind: Kind::Submit, limits: LIMITS };
    let submit = async |source: &str| -> Verdict {
        let sources = Job::single_source(Language::Elixir, source);
        grade(&sandbox, task, sources, &EventSink::none()).await.unwrap().verdict
    };
    let files = corpus();
    assert!(!files.is_empty());
    let wrong: Vec<String> = futures_util::stream::iter(files)
        .map(|(file, wanted)| {
            let submit = &submit;
            async move {
                let verdict = submit(&std::fs::read_to_string(&file).unwrap()).await;
                if std::env::var_os("ATHANOR_TEST_HOSTILE").is_some() {
                    println!("{}: {:?}", file.display(), verdict.kind);
                }
                assert!(verdict.checked_in_vm);
                (verdict.kind != wanted)
                    .then(|| format!("{}: {:?} and not {wanted:?}\n{verdict:#?}", file.display(), verdict.kind))
            }
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(async |wrong| wrong)
        .collect()
        .await;
    sandbox.shutdown().await;
    assert!(wrong.is_empty(), "{} went wrong:\n{}", wrong.len(), wrong.join("\n"));
}

crate::on_each_way! { @way docker_runc = "docker/runc": no_submission_that_meddles_with_its_tests_passes_them }
crate::on_each_way! { @way oci_runc = "oci/runc": no_submission_that_meddles_with_its_tests_passes_them }
