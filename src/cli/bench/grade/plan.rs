//! What a run measures, of whom, and how often.

use std::time::Duration;

use super::args::BenchGradeArgs;
use super::arrivals::Arrivals;
use super::contender::{Against, Contender};
use super::measure::{BURSTS, LOADS};
use super::variant::{Boot, Engine, Flavour, Variant};
use crate::config::{Config, EngineKind};
use crate::domain::job;
use crate::startup;

/// Containers kept warm, where neither the settings nor a burst ask for another number.
const POOL: usize = 8;

/// What a contender is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Latency and costs with the machine otherwise at rest, and memory.
    Rest,
    /// The sustained rate.
    Sustained,
    /// Latency at shares of the sustained rate, which is known by then.
    Loads,
    /// So many at once, with a pool of that size.
    Burst(usize),
}

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Whoever takes part, in the order of the table.
    pub contenders: Vec<Contender>,
    /// How often everything is measured.
    pub rounds: usize,
    /// Submissions whose latency is measured at rest, in each round.
    pub submissions: usize,
    /// How long a sustained rate is measured, and latency at each load.
    pub span: Duration,
    /// Submissions at once while the sustained rate is measured.
    pub concurrency: usize,
    /// Percents of the sustained rate.
    pub loads: Vec<u8>,
    /// Sizes of bursts.
    pub bursts: Vec<usize>,
    /// How submissions arrive under load.
    pub arrivals: Arrivals,
    /// Decides when.
    pub seed: u64,
    /// Containers kept warm, bursts apart.
    pub pool: usize,
}

impl Plan {
    /// What the command line and the settings ask for.
    #[must_use]
    pub fn new(args: &BenchGradeArgs, config: &Config) -> Self {
        let variants = match (args.variants.as_slice(), args.full) {
            ([], true) if args.runtime.is_none() => Variant::ALL.iter().filter_map(|name| name.parse().ok()).collect(),
            ([], _) => vec![usual(config, args.runtime.as_ref())],
            (asked, _) => asked.to_vec(),
        };
        let against = match (args.against.as_slice(), args.full) {
            ([], true) => Against::ALL.to_vec(),
            (asked, _) => asked.to_vec(),
        };
        let mut contenders = Vec::new();
        for contender in variants.into_iter().map(Contender::Sandbox).chain(against.into_iter().map(Contender::Other)) {
            if !contenders.contains(&contender) {
                contenders.push(contender);
            }
        }
        let (rounds, seconds) = if args.full { (3, 60) } else { (1, 20) };
        let loads = if args.full { LOADS.to_vec() } else { Vec::new() };
        let bursts = if args.full { BURSTS.to_vec() } else { vec![16] };
        Self {
            contenders,
            rounds: args.rounds.unwrap_or(rounds).max(1),
            submissions: args.submissions.max(1),
            span: Duration::from_secs(args.seconds.unwrap_or(seconds).max(1)),
            concurrency: args.concurrency.unwrap_or_else(|| startup::at_once(config)).max(1),
            loads: sorted_or(&args.loads, loads),
            bursts: sorted_or(&args.bursts, bursts),
            arrivals: args.arrivals,
            seed: args.seed,
            pool: config.pool.unwrap_or(POOL),
        }
    }

    /// What each contender is opened for, in this order.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = vec![Step::Rest, Step::Sustained];
        if !self.loads.is_empty() {
            steps.push(Step::Loads);
        }
        steps.extend(self.bursts.iter().map(|size| Step::Burst(*size)));
        steps
    }

    /// Containers that are kept warm for a step.
    #[must_use]
    pub const fn pool_for(&self, step: Step) -> usize {
        match step {
            Step::Burst(size) => size,
            Step::Rest | Step::Sustained | Step::Loads => self.pool,
        }
    }

    /// Whether a contender is opened for a step. What is no service is measured under no load.
    #[must_use]
    pub const fn has(&self, contender: &Contender, step: Step) -> bool {
        !(matches!(step, Step::Loads) && matches!(contender, Contender::Other(_)))
    }

    /// About how long it takes, at the pace of a machine with two cores: half a second for a boot, one for each submission
    /// of the cold way.
    #[must_use]
    pub fn estimate(&self) -> Duration {
        let each = self.contenders.iter().map(|contender| {
            let steps = self.steps().into_iter().filter(|step| self.has(contender, *step));
            steps
                .map(|step| match step {
                    Step::Rest => Duration::from_millis(700) * as_u32(self.submissions + 10 + self.pool),
                    Step::Sustained => self.span + Duration::from_secs(10),
                    Step::Loads => (self.span + Duration::from_secs(3)) * as_u32(self.loads.len()),
                    Step::Burst(size) => Duration::from_millis(700) * as_u32(size) + Duration::from_secs(3),
                })
                .sum::<Duration>()
        });
        each.sum::<Duration>() * as_u32(self.rounds)
    }
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The variant that the settings ask for.
fn usual(config: &Config, runtime: Option<&String>) -> Variant {
    let engine = match config.sandbox.engine {
        EngineKind::Docker => Engine::Docker,
        EngineKind::Oci => Engine::Oci,
    };
    let flavour = match config.sandbox.flavour {
        None => Flavour::Own,
        Some(job::Flavour::Jit) => Flavour::Jit,
        Some(job::Flavour::Emu) => Flavour::Emu,
    };
    let runtime = runtime.or(config.runtime.as_ref()).cloned();
    Variant { engine, runtime, flavour, boot: Boot::Batch }
}

fn sorted_or<T: Copy + Ord>(asked: &[T], usual: Vec<T>) -> Vec<T> {
    let mut numbers = if asked.is_empty() { usual } else { asked.to_vec() };
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: BenchGradeArgs,
    }

    fn plan(line: &str) -> Plan {
        let line = Line::try_parse_from(["bench"].into_iter().chain(line.split_whitespace())).expect("arguments");
        let config = Config::from_vars([("ATHANOR_AT_ONCE".to_owned(), "2".to_owned())]).expect("settings");
        Plan::new(&line.args, &config)
    }

    fn names(plan: &Plan) -> Vec<String> {
        plan.contenders.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn without_asking_for_more_it_is_the_short_old_measurement() {
        let short = plan("--submissions 60 --against cold");
        assert_eq!(names(&short), ["docker/default/default", "cold"]);
        assert_eq!((short.rounds, short.span.as_secs(), short.concurrency), (1, 20, 2));
        assert_eq!(short.steps(), [Step::Rest, Step::Sustained, Step::Burst(16)]);
        assert_eq!(names(&plan("--runtime runsc --concurrency 3")), ["docker/runsc/default"]);
    }

    #[test]
    fn a_full_one_has_every_variant_every_load_every_burst_and_all_to_measure_against() {
        let full = plan("--full");
        let mut all: Vec<_> = Variant::ALL.map(str::to_owned).into();
        all.extend(["cold", "mix test", "limit"].map(str::to_owned));
        assert_eq!(names(&full), all);
        assert_eq!((full.rounds, full.span.as_secs()), (3, 60));
        assert_eq!((full.loads.as_slice(), full.bursts.as_slice()), (LOADS.as_slice(), BURSTS.as_slice()));
        assert!(full.estimate() > Duration::from_secs(3600));
    }

    #[test]
    fn each_part_of_a_full_one_can_be_made_less() {
        let less = plan(
            "--full --variants docker/runc/jit,docker/runc/jit,oci/crun/emu --against limit --rounds 1 --seconds 2 \
             --loads 50 --bursts 4,2",
        );
        assert_eq!(names(&less), ["docker/runc/jit", "oci/crun/emu", "limit"]);
        assert_eq!((less.rounds, less.span.as_secs()), (1, 2));
        assert_eq!((less.loads.as_slice(), less.bursts.as_slice()), ([50].as_slice(), [2, 4].as_slice()));
        let (sandbox, other) = (&less.contenders[0], &less.contenders[2]);
        assert!(less.has(sandbox, Step::Loads) && !less.has(other, Step::Loads) && less.has(other, Step::Burst(2)));
        assert_eq!((less.pool_for(Step::Burst(4)), less.pool_for(Step::Rest)), (4, POOL));
    }

    #[test]
    fn a_variant_that_is_none_is_refused() {
        assert!(Line::try_parse_from(["bench", "--variants", "docker"]).is_err());
        assert!(Line::try_parse_from(["bench", "--variants", "docker/runc/jit", "--runtime", "runc"]).is_err());
    }
}
