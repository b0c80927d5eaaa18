//! `athanor check --mutate`: changes references and looks whether some case notices.

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::content::{Loaded, Mutant, mutants};
use crate::domain::exercise::Exercise;
use crate::domain::verdict::{ExpectedSet, VerdictKind};
use crate::sandbox::SandboxError;

use super::lab::{Bench, Lab};

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
    lab: &Lab,
    exercises: &[(&Exercise, Option<&ExpectedSet>)],
    at_once: usize,
) -> Result<Vec<Mutation>, SandboxError> {
    let mut benches: Vec<Option<Bench<'_>>> = Vec::with_capacity(exercises.len());
    for (exercise, expected) in exercises {
        benches.push(if expected.is_some() { Some(lab.bench(exercise).await?) } else { None });
    }
    let all: Vec<(usize, &Bench<'_>, &ExpectedSet, Mutant)> = exercises
        .iter()
        .zip(&benches)
        .enumerate()
        .filter_map(|(place, ((exercise, expected), bench))| Some((place, *exercise, bench.as_ref()?, (*expected)?)))
        .flat_map(|(place, exercise, bench, expected)| {
            let made = mutants(exercise.tests.language, &exercise.tests.solution).into_iter();
            made.map(move |mutant| (place, bench, expected, mutant))
        })
        .collect();
    lab.begin("changing references", all.len());
    let runs = all.into_iter().map(|(place, bench, expected, mutant)| async move {
        let verdict = bench.judge_mutant(expected, &mutant.code).await;
        verdict.map(|verdict| (place, mutant, verdict.kind))
    });
    let mut results: Vec<Mutation> = exercises.iter().map(|_| Mutation::default()).collect();
    let mut runs = futures_util::stream::iter(runs).buffered(at_once.max(1));
    while let Some(run) = runs.next().await {
        let (place, mutant, kind) = run?;
        match kind {
            VerdictKind::CompileError => results[place].invalid += 1,
            VerdictKind::Passed => {
                let exercise = exercises[place].0;
                let line = exercise.solution_line.map_or(exercise.line, |first| first + mutant.line - 1);
                results[place].survived.push((line, mutant));
            }
            _ => results[place].caught += 1,
        }
    }
    lab.done();
    Ok(results)
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
