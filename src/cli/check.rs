//! `athanor check`: the author's compiler. The same verdict code and the same sandbox as the site.

mod drift;
mod fix;
mod formats;
pub(super) mod lab;
mod memory;
mod mutate;
pub(super) mod one;
mod revision;
mod weak;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use futures_util::StreamExt as _;

use drift::Now;
use lab::Lab;
use mutate::Mutation;
use one::Checked;

use super::{NOT_GRADED, USAGE, complain};
use crate::config::Config;
use crate::content::{self, Loaded, Problem};
use crate::domain::exercise::Exercise;
use crate::sandbox::SandboxError;
use crate::startup;
use crate::startup::watching::{Pace, Watching};

/// How what a check found is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
    /// For GitHub Actions, which shows it beside the lines of a pull request.
    Github,
    /// For tools that read SARIF 2.1.0.
    Sarif,
}

/// `athanor check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// How to print.
    #[arg(long, value_enum, default_value = "human")]
    pub format: CheckFormat,
    /// The container runtime, for instance runc or runsc.
    #[arg(long, value_name = "NAME")]
    pub runtime: Option<String>,
    /// Also change each reference in small ways, and list the changes that no case notices.
    #[arg(long)]
    pub mutate: bool,
    /// Stay, and check again whenever a file changes.
    #[arg(long)]
    pub watch: bool,
    /// Also name the exercises whose tests are not those of a git revision, for instance HEAD or v3.
    #[arg(long, value_name = "REVISION")]
    pub since: Option<String>,
    /// Also name the exercises whose tests are not those of the site's database, and say what a regrade would do.
    #[arg(long)]
    pub database: bool,
    /// First write what can be written better: missing ids, code as the formatter has it, expected values as `inspect` does.
    #[arg(long)]
    pub fix: bool,
    /// Run everything, also what has not changed since the last check.
    #[arg(long)]
    pub no_cache: bool,
    /// A course's folder or a single lesson.
    pub path: PathBuf,
}

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
    /// What is not as it was.
    drift: Vec<Problem>,
}

impl Report<'_> {
    fn problems(&self) -> impl Iterator<Item = &Problem> {
        let found = self.found.checked.iter().flat_map(|checked| &checked.problems);
        self.loaded.problems.iter().chain(found).chain(&self.drift)
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
    let mut lab = None;
    let code =
        if args.watch { again_and_again(args, &config, &mut lab).await } else { once(args, &config, &mut lab).await };
    if let Some(lab) = lab {
        lab.close().await;
    }
    code
}

/// Looks at everything whenever something has changed, until somebody ends it. The sandbox stays warm meanwhile.
async fn again_and_again(args: &CheckArgs, config: &Config, lab: &mut Option<Lab>) -> ExitCode {
    let stop = startup::stop_on_signal();
    let folders = [Some(args.path.clone()), config.private_lessons.clone(), content::glossary_of(&args.path)];
    // Watched before it is read, so that nothing is missed between the two.
    let watching = Watching::new(folders.into_iter().flatten(), Pace::AUTHOR);
    let (stop, mut watching) = match (stop, watching) {
        (Ok(stop), Ok(watching)) => (stop, watching),
        (Err(error), _) => return complain(&error),
        (_, Err(error)) => return complain(&error),
    };
    loop {
        let code = tokio::select! {
            code = once(args, config, lab) => code,
            () = stop.cancelled() => return ExitCode::SUCCESS,
        };
        eprintln!("\nwaiting for a change; Ctrl-C ends it");
        tokio::select! {
            changed = watching.changed() => if let Err(error) = changed { return complain(&error) },
            () = stop.cancelled() => return code,
        }
    }
}

/// Looks at everything and prints what it found. The laboratory is set up when it is first needed.
async fn once(args: &CheckArgs, config: &Config, lab: &mut Option<Lab>) -> ExitCode {
    if let Some(lab) = lab.as_ref().filter(|_| args.no_cache) {
        lab.begin_anew();
    }
    if args.fix
        && let Err(fault) = fix::run(args, config, lab).await
    {
        eprintln!("athanor: nothing could be fixed: {fault}");
    }
    let loaded = content::load(&args.path, config.private_lessons.as_deref());
    let exercises = exercises_of(&loaded);
    let (found, fault) = match find(args, config, lab, &loaded, &exercises).await {
        Ok(found) => (found, None),
        Err(fault) => (Findings::default(), Some(fault)),
    };
    let drift = match drifted(args, config, &loaded).await {
        Ok(drift) => drift,
        Err(error) => {
            eprintln!("athanor: {error:#}");
            return ExitCode::from(USAGE);
        }
    };
    let report = Report { loaded: &loaded, exercises: &exercises, found, drift };
    formats::print(&report, args.format);
    if let Some(fault) = fault {
        eprintln!("athanor: the exercises could not be run: {fault}\n  `athanor doctor` says what is missing");
        return ExitCode::from(NOT_GRADED);
    }
    if report.count().0 == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// What is not as the revision and the database have it that were asked for.
async fn drifted(args: &CheckArgs, config: &Config, loaded: &Loaded) -> anyhow::Result<Vec<Problem>> {
    let now = Now { path: &args.path, private: config.private_lessons.as_deref(), loaded };
    let mut drift = Vec::new();
    if let Some(revision) = &args.since {
        drift.extend(drift::since(revision, &now).await?);
    }
    if args.database {
        drift.extend(drift::against_database(config, &now).await?);
    }
    Ok(drift)
}

fn exercises_of(loaded: &Loaded) -> Vec<&Exercise> {
    loaded.course.exercises().map(|(_, placed)| &placed.exercise).collect()
}

async fn lab_for<'a>(args: &CheckArgs, config: &Config, lab: &'a mut Option<Lab>) -> Result<&'a mut Lab, SandboxError> {
    Ok(match lab {
        Some(lab) => lab,
        none => none.insert(Lab::new(config, args.runtime.as_deref(), !args.no_cache).await?),
    })
}

async fn find(
    args: &CheckArgs,
    config: &Config,
    lab: &mut Option<Lab>,
    loaded: &Loaded,
    exercises: &[&Exercise],
) -> Result<Findings, SandboxError> {
    if exercises.is_empty() {
        return Ok(Findings::default());
    }
    let lab = lab_for(args, config, lab).await?;
    let at_once = startup::at_once(config);
    let checked = check_all(lab, loaded, exercises, at_once).await?;
    if !args.mutate {
        return Ok(Findings { checked, mutations: Vec::new() });
    }
    let with_expected: Vec<_> =
        exercises.iter().zip(&checked).map(|(exercise, checked)| (*exercise, checked.expected.as_ref())).collect();
    let mutations = mutate::run(lab, &with_expected, at_once).await?;
    Ok(Findings { checked, mutations })
}

async fn check_all(
    lab: &Lab,
    loaded: &Loaded,
    exercises: &[&Exercise],
    at_once: usize,
) -> Result<Vec<Checked>, SandboxError> {
    lab.begin("checking", exercises.iter().map(|exercise| one::runs(exercise)).sum());
    let runs = exercises.iter().map(|exercise| one::check(lab, loaded, exercise));
    let results: Vec<_> = futures_util::stream::iter(runs).buffered(at_once.max(1)).collect().await;
    lab.done();
    results.into_iter().collect()
}
