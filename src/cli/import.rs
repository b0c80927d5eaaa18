//! `athanor import`: courses made of what was written for other places.

mod checkout;
mod course;
mod exercism;
mod livebook;
mod place;
mod report;
mod trial;

use std::process::ExitCode;

use clap::Subcommand;

use crate::config::Config;

/// What to import.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Make a course of the checkout of an Exercism track for Elixir: one lesson for each exercise.
    ///
    /// Instructions, hints, starter, editor files, tests and reference become a lesson with an ExUnit exercise whose id is
    /// the slug. Each exercise is then run in the sandbox: one whose reference does not pass is left out, one whose starter
    /// passes is marked `starter-passes`, so that `athanor check DEST` is green. DEST appears whole or not at all. Whatever
    /// could not be taken as it is, is listed with its file.
    ///
    /// Exit status: 0 fine (warnings included), 1 something was left out, 2 bad usage, 3 the exercises could not be run.
    Exercism(exercism::ExercismArgs),
    /// Make a lesson of a Livebook notebook.
    ///
    /// Its cells become examples that can be run. A cell that needs a package, or what another cell made, is shown and not
    /// run, because each example stands alone; whatever is not taken as it is, is listed with its line.
    ///
    /// Exit status: 0 fine (warnings included), 1 something was left out, 2 bad usage.
    Livebook(livebook::LivebookArgs),
    /// Read the results that `athanor export course` wrote into an empty database: all of them or none.
    ///
    /// Lessons need no import: serve them from DIR/lessons, or from where you copy them. Where the database holds the same
    /// already, nothing is changed.
    ///
    /// Exit status: 0 fine, 2 nothing imported.
    Course(course::CourseArgs),
}

/// Runs the command.
pub(super) async fn run(command: ImportCommand, config: Config) -> ExitCode {
    match command {
        ImportCommand::Exercism(args) => exercism::run(&args, &config).await,
        ImportCommand::Livebook(args) => livebook::run(&args),
        ImportCommand::Course(args) => course::run(&args, &config).await,
    }
}
