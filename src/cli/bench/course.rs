//! `athanor bench course`: how long a course takes from its files to pages.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;

use crate::cli::USAGE;
use crate::content;

/// `athanor bench course`.
#[derive(Debug, Args)]
pub struct BenchCourseArgs {
    /// How often it is loaded.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// The course's folder.
    path: PathBuf,
}

/// Runs the command.
pub(in crate::cli) fn run(args: &BenchCourseArgs) -> ExitCode {
    if !args.path.is_dir() {
        eprintln!("athanor: there is no folder {}", args.path.display());
        return ExitCode::from(USAGE);
    }
    let mut lessons = 0;
    let mut times: Vec<Duration> = (0..args.rounds)
        .map(|_| {
            let start = Instant::now();
            lessons = content::load(&args.path, None).course.lessons().count();
            start.elapsed()
        })
        .collect();
    // The first one also makes ready what colours code; a site pays for that once.
    let first = times[0];
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "{lessons} lessons loaded and rendered in {:.1} ms at first, then {:.1} ms (median of {})",
        ms(first),
        ms(times[times.len() / 2]),
        args.rounds
    );
    ExitCode::SUCCESS
}
