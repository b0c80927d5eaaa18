//! `athanor bench`: how fast grading is, beside what a person would otherwise use; the queue by itself; what it survives;
//! whether it grows.

mod boxes;
pub mod chaos;
mod costless;
pub mod course;
pub mod grade;
mod learners;
pub mod queue;
pub mod soak;
pub mod stage;

use std::process::ExitCode;

use super::BenchCommand;
use crate::config::Config;

/// Runs the command.
pub(super) async fn run(command: BenchCommand, config: Config) -> ExitCode {
    match command {
        BenchCommand::Grade(args) => grade::run(&args, config).await,
        BenchCommand::Course(args) => course::run(&args),
        BenchCommand::Queue(args) => queue::run(&args, config).await,
        BenchCommand::QueueWorker(args) => queue::run_worker(&args, config).await,
        BenchCommand::Chaos(args) => chaos::run(&args, &config).await,
        BenchCommand::Soak(args) => soak::run(&args, &config).await,
        BenchCommand::CostlessWorker => costless::run(config).await,
    }
}
