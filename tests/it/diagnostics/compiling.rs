//! What is told of code that does not compile, or that the compiler warns of: the rows are in `elixir/` and
//! `erlang.txt`.

use athanor::domain::exercise::Language;
use athanor::domain::job::Job;
use athanor::domain::report::{Diagnostic, Load, Severity};
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};
use athanor::sandbox::{EventSink, Sandbox};
use futures_util::StreamExt as _;

use crate::sandbox_contract::job;

/// Words of ours and of the machine's inside, which no learner should have to read.
const NOT_FOR_LEARNERS: [&str; 5] = ["Athanor", "athanor", "/tmp", ".beam", "errors have been logged"];

/// `severity line:column-line:column` and the first line of the message.
fn line(remark: &Diagnostic) -> String {
    let severity = if remark.severity == Severity::Error { "error" } else { "warning" };
    let place = match (remark.line, remark.column, remark.end) {
        (Some(line), Some(column), Some((to_line, to_column))) => format!(" {line}:{column}-{to_line}:{to_column}"),
        (Some(line), Some(column), None) => format!(" {line}:{column}"),
        (Some(line), None, _) => format!(" {line}"),
        (None, ..) => String::new(),
    };
    format!("{severity}{place} {}", remark.message.lines().next().unwrap_or_default())
}

async fn told(sandbox: &ContainerSandbox, language: Language, source: &str) -> Vec<Diagnostic> {
    let mut asked = job("", &[]);
    asked.sources = Job::single_source(language, source);
    asked.language = language;
    let report = sandbox.run(asked, &EventSink::none()).await.unwrap();
    match report.load {
        Some(Load::Loaded { diagnostics, .. } | Load::Refused { diagnostics, .. }) => diagnostics,
        None => panic!("{:?}: {source}", report.end),
    }
}

/// Blocks of a name, a source, and after `--` what is told of it, one remark a line.
fn rows(text: &str) -> Vec<(&str, String, Vec<&str>)> {
    text.split("====\n")
        .map(|block| {
            let (source, expected) = block.split_once("--\n").expect("a source and what is told of it");
            let (name, source) = source.split_once('\n').expect("a name and a source");
            let source = source.replace("<NUL>", "\0").replace("<U+200B>", "\u{200B}");
            (name, source, expected.lines().collect())
        })
        .collect()
}

async fn check(language: Language, text: &str) {
    let settings = ContainerSettings { pool_size: 2, max_jobs: 2, max_boots: 2, ..ContainerSettings::detect() };
    let sandbox = ContainerSandbox::start(settings).await.unwrap();
    let rows = rows(text);
    let wrong: Vec<String> = futures_util::stream::iter(&rows)
        .map(|(name, source, expected)| {
            let sandbox = &sandbox;
            async move {
                let remarks = told(sandbox, language, source).await;
                let lines: Vec<String> = remarks.iter().map(line).collect();
                let same = lines.len() == expected.len()
                    && lines.iter().zip(expected).all(|(line, expected)| line.starts_with(expected));
                let foreign = remarks.iter().any(|remark| remark.file.as_deref() != Some(language.solution_file()));
                let leak =
                    NOT_FOR_LEARNERS.iter().find(|word| remarks.iter().any(|remark| remark.message.contains(**word)));
                (!same || leak.is_some() || foreign).then(|| format!("{name} ({leak:?})\n{}", lines.join("\n")))
            }
        })
        .buffered(2)
        .filter_map(|wrong| async move { wrong })
        .collect()
        .await;
    sandbox.shutdown().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_elixir_is_told_at_its_place() {
    check(Language::Elixir, include_str!("elixir/syntax.txt")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_mean_nothing_are_told_at_their_place() {
    check(Language::Elixir, include_str!("elixir/names.txt")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_that_cannot_be_are_told_at_their_place() {
    check(Language::Elixir, include_str!("elixir/definitions.txt")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn warnings_are_told_at_their_place() {
    check(Language::Elixir, include_str!("elixir/warnings.txt")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_erlang_is_told_at_its_place() {
    check(Language::Erlang, include_str!("erlang.txt")).await;
}
