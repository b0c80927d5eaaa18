//! `athanor check --mutate`: changes references and looks whether some case notices.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::content::{Loaded, Mutant, mutants};
use crate::domain::exercise::Exercise;
use crate::domain::limits::Limits;
use crate::domain::verdict::{ExpectedSet, VerdictKind};
use crate::sandbox::{Sandbox, SandboxError};

use super::one::run_source;

/// Longest time of a step: what a change makes run for ever is caught by it, and honest steps take milliseconds.
const STEP_MS: u64 = 1_000;

/// What became of an exercise's mutants.
#[derive(Debug, Default)]
pub(super) struct Mutation {
    /// Those that some case noticed.
    caught: usize,
    /// Those that do not compile, and so say nothing.
    invalid: usize,
    /// Those that passed every case, with the line of the lesson that they change.
    pub survived: Vec<(u32, Mutant)>,
}

/// Runs the mutants of these exercises, each with its expected values; those without are passed over.
///
/// # Errors
/// The sandbox failed for good.
pub(super) async fn run(
    sandbox: &dyn Sandbox,
    exercises: &[(&Exercise, Option<&ExpectedSet>)],
    limits: Limits,
    at_once: usize,
) -> Result<Vec<Mutation>, SandboxError> {
    let limits = Limits { case_ms: limits.case_ms.min(STEP_MS), ..limits };
    let all: Vec<(usize, &Exercise, &ExpectedSet, Mutant)> = exercises
        .iter()
        .enumerate()
        .filter_map(|(place, (exercise, expected))| Some((place, *exercise, (*expected)?)))
        .flat_map(|(place, exercise, expected)| {
            let made = mutants(exercise.tests.language, &exercise.tests.solution).into_iter();
            made.map(move |mutant| (place, exercise, expected, mutant))
        })
        .collect();
    let (count, done) = (all.len(), AtomicUsize::new(0));
    let runs = all.into_iter().map(|(place, exercise, expected, mutant)| {
        let done = &done;
        async move {
            let verdict = run_source(sandbox, exercise, expected, limits, &mutant.code).await;
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, count);
            verdict.map(|verdict| (place, exercise, mutant, verdict.kind))
        }
    });
    let mut results: Vec<Mutation> = exercises.iter().map(|_| Mutation::default()).collect();
    let mut runs = futures_util::stream::iter(runs).buffered(at_once.max(1));
    while let Some(run) = runs.next().await {
        let (place, exercise, mutant, kind) = run?;
        match kind {
            VerdictKind::CompileError => results[place].invalid += 1,
            VerdictKind::Passed => {
                let line = exercise.solution_line.map_or(exercise.line, |first| first + mutant.line - 1);
                results[place].survived.push((line, mutant));
            }
            _ => results[place].caught += 1,
        }
    }
    Ok(results)
}

/// One line that is written again and again, where somebody looks.
fn progress(done: usize, count: usize) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        let _ = write!(out, "\rmutants: {done} of {count}");
        if done == count {
            let _ = writeln!(out);
        }
    }
}

impl Mutation {
    /// For `--format json`.
    pub(super) fn in_json(&self) -> Value {
        let survived: Vec<Value> = self
            .survived
            .iter()
            .map(|(line, mutant)| json!({"line": line, "column": mutant.column, "change": mutant.change}))
            .collect();
        json!({"caught": self.caught, "invalid": self.invalid, "survived": survived})
    }

    /// For people: what no case noticed, as suggestions.
    pub(super) fn for_people(&self, loaded: &Loaded, exercise: &Exercise) -> String {
        let all = self.caught + self.survived.len();
        let mut text = format!("  {} of {all} changes to the reference are noticed\n", self.caught);
        for (line, mutant) in &self.survived {
            let file = loaded.name_of(&exercise.file);
            text.push_str(&format!("  {file}:{line}:{}: {}: no case notices\n", mutant.column, mutant.change));
        }
        text
    }
}
