//! The `athanor` program: reads its arguments and hands over.

use std::process::ExitCode;

use clap::Parser;

use athanor::cli::{self, Cli};

fn main() -> ExitCode {
    cli::main(Cli::parse())
}
