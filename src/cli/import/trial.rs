//! Runs the imported exercises as `athanor check` will: does the reference pass, does the starter?

use futures_util::StreamExt as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::grade::patiently;
use crate::config::Config;
use crate::domain::exercise::Exercise;
use crate::domain::job::{Job, Kind};
use crate::domain::limits::Limits;
use crate::domain::verdict::VerdictKind;
use crate::judge::expected::{self, Evaluation};
use crate::judge::grade::{self, Task};
use crate::sandbox::{EventSink, Sandbox, SandboxError};
use crate::startup;

/// What running an exercise showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The reference passes, in two containers.
    Sound { starter_passes: bool },
    /// It does not, and why, as the end of "left out: …".
    Unsound(String),
}

/// Runs all of them, as many at once as there are cores; the outcomes come in their order.
///
/// # Errors
/// The sandbox failed for good.
pub(super) async fn run(
    exercises: &[&Exercise],
    runtime: Option<&str>,
    config: &Config,
) -> Result<Vec<Outcome>, SandboxError> {
    let sandbox = startup::sandbox(config, runtime, None).await?;
    // Hidden by itself where nobody watches a terminal.
    let bar = ProgressBar::new(exercises.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("running the exercises {bar:30} {pos}/{len}") {
        bar.set_style(style);
    }
    let runs = exercises.iter().map(|exercise| {
        let (sandbox, bar) = (&sandbox, &bar);
        async move {
            let outcome = one(&**sandbox, exercise, config.limits).await;
            bar.inc(1);
            outcome
        }
    });
    let results: Vec<_> = futures_util::stream::iter(runs).buffered(startup::at_once(config)).collect().await;
    bar.finish_and_clear();
    sandbox.shutdown().await;
    results.into_iter().collect()
}

async fn one(sandbox: &dyn Sandbox, exercise: &Exercise, limits: Limits) -> Result<Outcome, SandboxError> {
    let tests = &exercise.tests;
    let evaluation = patiently(|| expected::evaluate(sandbox, tests, limits)).await?;
    if let Some(why) = unsound(&evaluation) {
        return Ok(Outcome::Unsound(why));
    }
    let again = patiently(|| expected::evaluate(sandbox, tests, limits)).await?;
    if let Some(why) = unsound(&again) {
        return Ok(Outcome::Unsound(format!("its reference passes in one run, and not in the next: {why}")));
    }
    if exercise.starter.trim().is_empty() {
        return Ok(Outcome::Sound { starter_passes: false });
    }
    let none = EventSink::none();
    let sources = Job::single_source(tests.language, &exercise.starter);
    let task = Task { tests, expected: &evaluation.expected, kind: Kind::Submit, limits };
    let graded = patiently(|| grade::grade(sandbox, task, sources.clone(), &none)).await?;
    Ok(Outcome::Sound { starter_passes: graded.verdict.kind == VerdictKind::Passed })
}

fn unsound(evaluation: &Evaluation) -> Option<String> {
    let reference = &evaluation.reference;
    if let Some(remark) = reference.diagnostics.first().filter(|_| reference.kind == VerdictKind::CompileError) {
        let line = remark.line.map(|line| format!(" (line {line})")).unwrap_or_default();
        return Some(format!("its reference does not compile here{line}: {}", remark.message));
    }
    if let Some(problem) = evaluation.problems.first() {
        return Some(format!("its reference does not pass here: {}", problem.message));
    }
    (reference.kind != VerdictKind::Passed).then(|| format!("its reference got {}", reference.kind.as_str()))
}
