//! `athanor import exercism`: reads a checkout, has its exercises run, and writes the course.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::checkout::{self, Checkout};
use super::place::{self, Place};
use super::report::{self, Report};
use super::trial::{self, Outcome};
use crate::cli::{Format, NOT_GRADED, USAGE};
use crate::config::Config;
use crate::content;
use crate::content::import::{Built, Finding, Known, Weight, build};
use crate::domain::exercise::Exercise;

/// `athanor import exercism`.
#[derive(Debug, Args)]
pub struct ExercismArgs {
    /// Do not run the exercises: quick, and needs no sandbox. References that fail and starters that pass then show in
    /// `athanor check DEST`; only a starter that equals its reference is marked.
    #[arg(long)]
    pub no_run: bool,
    /// Put the new course in the place of all that DEST holds now.
    #[arg(long)]
    pub force: bool,
    /// The container runtime, for instance runc or runsc.
    #[arg(long, value_name = "NAME")]
    pub runtime: Option<String>,
    /// How to print.
    #[arg(long, value_enum, default_value = "human")]
    pub format: Format,
    /// The track's checkout: config.json and exercises/ lie in it. Nothing in it is changed.
    #[arg(value_name = "SRC")]
    pub source: PathBuf,
    /// The course's folder: new, or empty.
    #[arg(value_name = "DEST")]
    pub dest: PathBuf,
}

/// Why there is no course.
enum Failure {
    Usage(String),
    NotRun(String),
}

/// Runs the command.
pub(super) async fn run(args: &ExercismArgs, config: &Config) -> ExitCode {
    match import(args, config).await {
        Ok(report) => {
            report::print(&report, &args.dest, args.format);
            ExitCode::from(u8::from(report.count(Weight::LeftOut) > 0))
        }
        Err(Failure::Usage(message)) => {
            eprintln!("athanor: {message}");
            ExitCode::from(USAGE)
        }
        Err(Failure::NotRun(message)) => {
            eprintln!(
                "athanor: the exercises could not be run: {message}\n  \
                 `athanor doctor` says what is missing; --no-run imports without running them"
            );
            ExitCode::from(NOT_GRADED)
        }
    }
}

async fn import(args: &ExercismArgs, config: &Config) -> Result<Report, Failure> {
    let usage = |error: place::Refused| Failure::Usage(error.to_string());
    let place = Place::find(&args.source, &args.dest, args.force).map_err(usage)?;
    let checkout = checkout::read(&args.source).map_err(Failure::Usage)?;
    let mut found = checkout.findings.clone();
    let mut known = Known::default();
    let mut ran = args.no_run;
    loop {
        let built = build(&checkout.exercises, &checkout.concepts, &known);
        let staged = place.stage(&built.lessons).map_err(usage)?;
        let loaded = content::load(staged.path(), None);
        let refused = refused(&loaded, &checkout, &built);
        if !refused.is_empty() {
            for (slug, finding) in refused {
                known.left_out.insert(slug);
                found.push(finding);
            }
            continue;
        }
        let exercises: Vec<&Exercise> = loaded.course.exercises().map(|(_, placed)| &placed.exercise).collect();
        if !ran && !exercises.is_empty() {
            ran = true;
            let outcomes = trial::run(&exercises, args.runtime.as_deref(), config)
                .await
                .map_err(|fault| Failure::NotRun(fault.to_string()))?;
            let changed = learn(&exercises, outcomes, &checkout, &mut known, &mut found);
            if changed {
                continue;
            }
        }
        let passing = exercises.iter().filter(|exercise| exercise.starter_passes).map(|exercise| exercise.id.clone());
        let passing = passing.collect();
        if !built.lessons.is_empty() {
            place.put(staged).map_err(usage)?;
        }
        found.extend(built.findings);
        return Ok(Report { lessons: built.lessons, passing, findings: found, ran: !args.no_run });
    }
}

/// Lessons that are not what a lesson has to be, whatever the reason: nothing broken comes along.
fn refused(
    loaded: &content::Loaded,
    checkout: &Checkout,
    built: &Built,
) -> Vec<(crate::domain::ids::ExerciseId, Finding)> {
    let mut refused: Vec<(crate::domain::ids::ExerciseId, Finding)> = Vec::new();
    for problem in loaded.problems.iter().filter(|problem| problem.is_error()) {
        let lesson = built.lessons.iter().find(|lesson| Path::new(&problem.file).ends_with(&lesson.path));
        let Some(lesson) = lesson else { continue };
        if refused.iter().any(|(slug, _)| *slug == lesson.slug) {
            continue;
        }
        let message = format!(
            "the exercise is left out: the lesson made of it has an error at its line {}: {} [{}]",
            problem.line, problem.message, problem.code
        );
        refused.push((lesson.slug.clone(), checkout.finding(&lesson.slug, Weight::LeftOut, message)));
    }
    refused
}

/// Takes in what running the exercises showed; whether the lessons have to be made anew.
fn learn(
    exercises: &[&Exercise],
    outcomes: Vec<Outcome>,
    checkout: &Checkout,
    known: &mut Known,
    found: &mut Vec<Finding>,
) -> bool {
    let mut changed = false;
    for (exercise, outcome) in exercises.iter().zip(outcomes) {
        let id = &exercise.id;
        match outcome {
            Outcome::Sound { starter_passes: false } => continue,
            Outcome::Sound { starter_passes: true } if exercise.starter_passes => continue,
            Outcome::Sound { starter_passes: true } => {
                let message = "its starter passes every test: it is marked `starter-passes`".to_owned();
                found.push(checkout.finding(id, Weight::Notice, message));
                known.passing.insert(id.clone());
            }
            Outcome::Unsound(why) => {
                let message = format!("the exercise is left out: {why}");
                found.push(checkout.finding(id, Weight::LeftOut, message));
                known.left_out.insert(id.clone());
            }
        }
        changed = true;
    }
    changed
}
