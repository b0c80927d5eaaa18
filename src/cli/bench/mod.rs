//! `athanor bench`: how fast grading is, beside what a person would otherwise use; the queue by itself; what it survives;
//! whether it grows.

pub mod chaos;
mod cold;
mod costless;
mod figures;
mod learners;
pub mod queue;
pub mod soak;
pub mod stage;
mod warm;

use std::process::ExitCode;

use serde_json::{Value, json};

use self::figures::Figures;
use super::{Against, BenchCommand, BenchGradeArgs, Format, NOT_GRADED};
use crate::config::Config;
use crate::startup;

/// Submissions of the burst that is measured.
const BURST: usize = 16;

/// Runs the command.
pub(super) async fn run(command: BenchCommand, config: Config) -> ExitCode {
    match command {
        BenchCommand::Grade(args) => grade(&args, config).await,
        BenchCommand::Queue(args) => queue::run(&args, config).await,
        BenchCommand::QueueWorker(args) => queue::run_worker(&args, config).await,
        BenchCommand::Chaos(args) => chaos::run(&args).await,
        BenchCommand::Soak(args) => soak::run(&args).await,
        BenchCommand::CostlessWorker => costless::run(config).await,
    }
}

async fn grade(args: &BenchGradeArgs, config: Config) -> ExitCode {
    let concurrency = args.concurrency.unwrap_or_else(|| startup::at_once(&config));
    match measure(args, &config, concurrency).await {
        Ok((warm, cold)) => {
            match args.format {
                Format::Json => println!("{}", in_json(&warm, cold.as_ref())),
                Format::Human => print!("{}", for_people(&warm, cold.as_ref(), args, concurrency)),
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("athanor: {error:#}");
            ExitCode::from(NOT_GRADED)
        }
    }
}

async fn measure(
    args: &BenchGradeArgs,
    config: &Config,
    concurrency: usize,
) -> anyhow::Result<(Figures, Option<Figures>)> {
    let warm = warm::measure(args, config, concurrency).await?;
    let cold = match args.against {
        Some(Against::Cold) => Some(cold::measure(&config.image, args, concurrency).await?),
        None => None,
    };
    Ok((warm, cold))
}

fn in_json(warm: &Figures, cold: Option<&Figures>) -> Value {
    let mut object = json!({ "warm": warm });
    if let Some(cold) = cold {
        object["cold"] = json!(cold);
        object["ratios"] = json!({
            "p50": ratio(cold.p50_ms, warm.p50_ms),
            "sustained": ratio(warm.sustained_per_s, cold.sustained_per_s),
            "cpu": ratio(cold.cpu_s_per_submission, warm.cpu_s_per_submission),
        });
    }
    object
}

fn ratio(a: f64, b: f64) -> f64 {
    if b > 0.0 { (a / b * 100.0).round() / 100.0 } else { 0.0 }
}

fn for_people(warm: &Figures, cold: Option<&Figures>, args: &BenchGradeArgs, concurrency: usize) -> String {
    let mut text = format!(
        "One module, five cases; {} submissions one after the other, then {} at once, then a burst of {BURST}.\n\n",
        args.submissions, concurrency
    );
    text.push_str(&format!("{:<34}{:>12}{:>12}{:>12}\n", "", "warm", "cold", "ratio"));
    let mut row = |name: &str, value: fn(&Figures) -> f64, better_is_more: bool| {
        let warm_value = value(warm);
        let (cold_text, ratio_text) = match cold.map(value) {
            None => ("–".to_owned(), "–".to_owned()),
            Some(cold_value) => {
                let times = if better_is_more { ratio(warm_value, cold_value) } else { ratio(cold_value, warm_value) };
                (format!("{cold_value:.2}"), format!("{times:.1}×"))
            }
        };
        text.push_str(&format!("{name:<34}{warm_value:>12.2}{cold_text:>12}{ratio_text:>12}\n"));
    };
    row("latency p50, ms", |f| f.p50_ms, false);
    row("latency p95, ms", |f| f.p95_ms, false);
    row("latency p99, ms", |f| f.p99_ms, false);
    row("sustained, submissions/s", |f| f.sustained_per_s, true);
    row("burst of 16, last verdict, ms", |f| f.burst16_ms, false);
    row("CPU of the machine, s/submission", |f| f.cpu_s_per_submission, false);
    text
}
