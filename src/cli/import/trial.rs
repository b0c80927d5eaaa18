//! Runs the imported exercises as `athanor check` will: does the reference pass, does the starter?

use futures_util::StreamExt as _;

use crate::cli::check::lab::Lab;
use crate::config::Config;
use crate::domain::exercise::Exercise;
use crate::domain::verdict::VerdictKind;
use crate::judge::expected::Evaluation;
use crate::sandbox::SandboxError;
use crate::startup;

/// What running an exercise showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The reference passes, in two containers.
    Sound { starter_passes: bool },
    /// It does not, and why, as the end of "left out: …".
    Unsound(String),
}

/// Runs all of them, as many at once as there are cores; the outcomes come in their order. `athanor check` remembers what
/// was run here.
///
/// # Errors
/// The sandbox failed for good.
pub(super) async fn run(
    exercises: &[&Exercise],
    runtime: Option<&str>,
    config: &Config,
) -> Result<Vec<Outcome>, SandboxError> {
    let lab = Lab::new(config, runtime, true).await?;
    lab.begin("running", exercises.iter().map(|exercise| runs(exercise)).sum());
    let outcomes = exercises.iter().map(|exercise| one(&lab, exercise));
    let results: Vec<_> = futures_util::stream::iter(outcomes).buffered(startup::at_once(config)).collect().await;
    lab.done();
    lab.close().await;
    results.into_iter().collect()
}

/// How often the code of an exercise is run where its reference passes.
fn runs(exercise: &Exercise) -> usize {
    2 + usize::from(!exercise.starter.trim().is_empty())
}

async fn one(lab: &Lab, exercise: &Exercise) -> Result<Outcome, SandboxError> {
    let bench = lab.bench(exercise).await?;
    let evaluation = bench.evaluate(0).await?;
    if let Some(why) = unsound(&evaluation) {
        return Ok(Outcome::Unsound(why));
    }
    let again = bench.evaluate(1).await?;
    if let Some(why) = unsound(&again) {
        return Ok(Outcome::Unsound(format!("its reference passes in one run, and not in the next: {why}")));
    }
    if exercise.starter.trim().is_empty() {
        return Ok(Outcome::Sound { starter_passes: false });
    }
    let verdict = bench.judge(&evaluation.expected, &exercise.starter).await?;
    Ok(Outcome::Sound { starter_passes: verdict.kind == VerdictKind::Passed })
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
