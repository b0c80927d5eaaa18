//! `athanor check`: the author's compiler. The same verdict code and the same sandbox as the site.

mod formats;
mod mutate;
mod one;
mod weak;

use std::process::ExitCode;

use futures_util::StreamExt as _;

use mutate::Mutation;
use one::Checked;

use super::{CheckArgs, NOT_GRADED, USAGE};
use crate::config::Config;
use crate::content::{self, Loaded, Problem};
use crate::domain::exercise::Exercise;
use crate::sandbox::{Sandbox, SandboxError};
use crate::startup;

/// What is known of all exercises, in their order.
#[derive(Default)]
struct Findings {
    checked: Vec<Checked>,
    /// Empty where nobody asked for mutants.
    mutations: Vec<Mutation>,
}

/// Everything that there is to print.
struct Report<'a> {
    loaded: &'a Loaded,
    exercises: &'a [&'a Exercise],
    found: Findings,
}

impl Report<'_> {
    fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.loaded.problems.iter().chain(self.found.checked.iter().flat_map(|checked| &checked.problems))
    }

    /// How many errors there are, and how many warnings.
    fn count(&self) -> (usize, usize) {
        let errors = self.problems().filter(|problem| problem.is_error()).count();
        (errors, self.problems().count() - errors)
    }
}

/// Runs the command.
pub(super) async fn run(args: &CheckArgs, config: Config) -> ExitCode {
    if !args.path.exists() {
        eprintln!("athanor: there is no {}; name a course's folder or a lesson", args.path.display());
        return ExitCode::from(USAGE);
    }
    let loaded = content::load(&args.path, config.private_lessons.as_deref());
    let exercises: Vec<&Exercise> = loaded.course.exercises().map(|(_, placed)| &placed.exercise).collect();
    let found = if exercises.is_empty() {
        Ok(Findings::default())
    } else {
        match startup::sandbox(&config, args.runtime.as_deref(), None).await {
            Ok(sandbox) => {
                let found = find_all(&*sandbox, &loaded, &exercises, args, &config).await;
                sandbox.shutdown().await;
                found
            }
            Err(fault) => Err(fault),
        }
    };
    let (found, fault) = match found {
        Ok(found) => (found, None),
        Err(fault) => (Findings::default(), Some(fault)),
    };
    let report = Report { loaded: &loaded, exercises: &exercises, found };
    formats::print(&report, args.format);
    if let Some(fault) = fault {
        eprintln!("athanor: the exercises could not be run: {fault}\n  `athanor doctor` says what is missing");
        return ExitCode::from(NOT_GRADED);
    }
    if report.count().0 == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

async fn find_all(
    sandbox: &dyn Sandbox,
    loaded: &Loaded,
    exercises: &[&Exercise],
    args: &CheckArgs,
    config: &Config,
) -> Result<Findings, SandboxError> {
    let checked = check_all(sandbox, loaded, exercises, config).await?;
    if !args.mutate {
        return Ok(Findings { checked, mutations: Vec::new() });
    }
    let with_expected: Vec<_> =
        exercises.iter().zip(&checked).map(|(exercise, checked)| (*exercise, checked.expected.as_ref())).collect();
    let mutations = mutate::run(sandbox, &with_expected, config.limits, startup::at_once(config)).await?;
    Ok(Findings { checked, mutations })
}

async fn check_all(
    sandbox: &dyn Sandbox,
    loaded: &Loaded,
    exercises: &[&Exercise],
    config: &Config,
) -> Result<Vec<Checked>, SandboxError> {
    let runs = exercises.iter().map(|exercise| one::check(sandbox, loaded, exercise, config.limits));
    let results: Vec<_> = futures_util::stream::iter(runs).buffered(startup::at_once(config)).collect().await;
    results.into_iter().collect()
}
