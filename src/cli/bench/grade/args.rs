//! The command line of `athanor bench grade`.

use clap::{Args, ValueEnum};

use super::arrivals::Arrivals;
use super::contender::Against;
use super::variant::Variant;

/// `athanor bench grade`.
#[derive(Debug, Args)]
pub struct BenchGradeArgs {
    /// Measure everything: all variants and whatever they are measured against, under load and in bursts, three times over.
    ///
    /// It takes hours on a small machine; --variants, --rounds and --seconds make less of it.
    #[arg(long)]
    pub full: bool,
    /// Variants of the sandbox, side by side: ENGINE/RUNTIME/FLAVOUR, with /start_clean after it for that boot.
    ///
    /// For instance docker/runc/jit,docker/runsc/jit. What the settings ask for when left out; with --full all.
    #[arg(long, value_delimiter = ',', value_name = "NAME,…", conflicts_with = "runtime")]
    pub variants: Vec<Variant>,
    /// Measure these beside them, in the same run. With --full all when left out.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT,…")]
    pub against: Vec<Against>,
    /// How often everything is measured; the median and the range are shown. 1, with --full 3, when left out.
    #[arg(long, value_name = "N")]
    pub rounds: Option<usize>,
    /// Submissions whose latency is measured at rest, in each round.
    #[arg(long, default_value_t = 60, value_name = "N")]
    pub submissions: usize,
    /// Seconds over which a sustained rate is measured, and latency at each load. 20, with --full 60, when left out.
    #[arg(long, value_name = "S")]
    pub seconds: Option<u64>,
    /// Submissions at once while the sustained rate is measured; the number of cores when left out.
    #[arg(long, value_name = "K")]
    pub concurrency: Option<usize>,
    /// Loads under which latency is measured, in percent of the sustained rate. None, with --full 10,50,80, when left out.
    #[arg(long, value_delimiter = ',', value_name = "PERCENT,…", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub loads: Vec<u8>,
    /// Submissions that come at the same moment. 16, with --full 8,16,32, when left out.
    #[arg(long, value_delimiter = ',', value_name = "N,…")]
    pub bursts: Vec<usize>,
    /// How submissions arrive under load.
    #[arg(long, value_enum, default_value = "poisson")]
    pub arrivals: Arrivals,
    /// Decides when they arrive: the same number, the same times.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// The container runtime, for instance runc or runsc.
    #[arg(long, value_name = "NAME")]
    pub runtime: Option<String>,
    /// How to print.
    #[arg(long, value_enum, default_value = "human")]
    pub format: BenchFormat,
}

/// How what was measured is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BenchFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
    /// For `docs/PERFORMANCE.md`.
    Markdown,
}
