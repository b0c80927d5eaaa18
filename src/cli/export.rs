//! `athanor export`: what was made here, for other places.

mod course;
mod livebook;
mod tree;

use std::process::ExitCode;

use clap::Subcommand;

pub(super) use course::RESULTS;

use crate::config::Config;

/// What to export.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Make a Livebook notebook of a lesson: its text, its examples, and what a learner begins with.
    ///
    /// Tests, solutions and wrong answers stay out, hidden or not. Pictures are copied to `files/` beside the notebook.
    /// Exit status: 0 written, 2 bad usage or a lesson with errors.
    Livebook(livebook::LivebookArgs),
    /// Write the whole course into a folder: its files as they are, and all results as JSON Lines.
    ///
    /// DIR/lessons/ holds the lessons and what lies beside them, DIR/results.jsonl one JSON object a line: users (no
    /// passwords, sessions or tokens), versions of exercises, submissions, verdicts, progress, drafts, opened hints. Versions
    /// hold tests and references, so the folder is for its owner only. DIR appears whole or not at all; `athanor import course` reads it.
    ///
    /// Exit status: 0 fine, 1 a file was left out, 2 bad usage or nothing written.
    Course(course::CourseArgs),
}

/// Runs the command.
pub(super) async fn run(command: ExportCommand, config: Config) -> ExitCode {
    match command {
        ExportCommand::Livebook(args) => livebook::run(&args),
        ExportCommand::Course(args) => course::run(&args, &config).await,
    }
}
