//! `athanor bench grade`: how fast grading is, for variants of the sandbox and beside what a person would otherwise use, in
//! one run.
//!
//! A run has rounds; a round has steps ([`plan::Step`]); at each step every contender has one turn ([`rounds`]), for which
//! it is opened, and closed after. [`targets`] holds what is aimed at.

mod args;
mod arrivals;
mod cgroups;
mod cold;
mod contender;
mod cycle;
mod grader;
mod idle;
mod limit;
mod machine;
mod measure;
mod noise;
mod open;
mod plan;
mod processor;
mod report;
mod results;
mod rounds;
mod start_clean;
mod statistics;
mod step;
mod targets;
mod variant;
mod warm;

use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

pub use args::BenchGradeArgs;

use self::args::BenchFormat;
use self::cgroups::{Own, Tree};
use self::cold::Cold;
use self::contender::{Against, Contender};
use self::grader::Grader;
use self::limit::Limit;
use self::machine::Machine;
use self::measure::Measure;
use self::plan::{Plan, Step};
use self::report::Report;
use self::results::Results;
use self::warm::Exercise;
use crate::cli::NOT_GRADED;
use crate::config::Config;

/// Runs the command. What cannot be measured here is no failure; what began and then graded wrongly is.
pub(super) async fn run(args: &BenchGradeArgs, config: Config) -> ExitCode {
    let plan = Plan::new(args, &config);
    let tree = Tree::find();
    let measured = measure(&plan, &config, tree.as_ref()).await;
    start_clean::remove().await;
    let results = match measured {
        Ok(results) => results,
        Err(error) => {
            eprintln!("athanor: {error:#}");
            return ExitCode::from(NOT_GRADED);
        }
    };
    let machine = Machine::look(tree.as_ref()).await;
    let report = Report::new(&plan, &results, &machine);
    match args.format {
        BenchFormat::Human => print!("{}", report::text(&report)),
        BenchFormat::Json => println!("{}", report::json(&report)),
        BenchFormat::Markdown => print!("{}", report::markdown(&report)),
    }
    if results.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(NOT_GRADED) }
}

async fn measure(plan: &Plan, config: &Config, tree: Option<&Tree>) -> anyhow::Result<Results> {
    let exercise = Exercise::read(config.limits)?;
    let mut bench = Bench { plan, config, tree, exercise, results: Results::default() };
    eprintln!("It takes about {} minutes.", plan.estimate().as_secs().div_ceil(60));
    let steps = plan.steps();
    let interrupted = interruption();
    for turn in rounds::turns(plan.rounds, steps.len(), plan.contenders.len()) {
        if interrupted.is_cancelled() {
            bench.results.interrupted = true;
            break;
        }
        let (contender, step) = (&plan.contenders[turn.contender], steps[turn.step]);
        if plan.has(contender, step) && !bench.results.is_out(contender) {
            bench.take(contender, step, turn.round).await?;
        }
    }
    let of_ours = |one: &&Contender| one.variant().is_some();
    let anything = plan.contenders.iter().filter(of_ours).any(|one| bench.results.is_measured(one));
    let why =
        || bench.results.excused.iter().chain(&bench.results.failed).map(|(one, why)| format!("\n  {one}: {why}"));
    anyhow::ensure!(
        anything || plan.contenders.iter().all(|one| one.variant().is_none()),
        "no variant of the sandbox could be measured; `athanor doctor` says what is missing{}",
        why().collect::<String>()
    );
    Ok(bench.results)
}

/// Cancelled by Ctrl-C: hours of measuring shall not be lost to it. A second one ends the program at once; the next sandbox
/// on this machine removes what was left.
fn interruption() -> CancellationToken {
    let interrupted = CancellationToken::new();
    let token = interrupted.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            eprintln!("This turn is finished, then comes what was measured so far. Ctrl-C again ends it at once.");
            token.cancel();
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(130);
            }
        }
    });
    interrupted
}

/// A run, under way.
struct Bench<'a> {
    plan: &'a Plan,
    config: &'a Config,
    tree: Option<&'a Tree>,
    exercise: Exercise,
    results: Results,
}

impl Bench<'_> {
    /// One turn.
    ///
    /// # Errors
    /// The machine cannot be watched. What befalls the contender is among the results.
    async fn take(&mut self, contender: &Contender, step: Step, round: usize) -> anyhow::Result<()> {
        eprintln!("round {} of {}, {}: {contender}", round + 1, self.plan.rounds, name(step));
        let watched = noise::watch().await?;
        let own = self.tree.map(Own::from_now);
        let grader = match self.open(contender, step).await {
            Ok(grader) => grader,
            Err(Out::Excused(error)) if !self.results.is_measured(contender) => {
                self.results.excused.insert(contender.clone(), format!("{error:#}"));
                return Ok(());
            }
            Err(Out::Excused(error) | Out::Failed(error)) => {
                self.results.failed.insert(contender.clone(), format!("{error:#}"));
                return Ok(());
            }
        };
        let mut about = step::Turn {
            plan: self.plan,
            is_sandbox: contender.variant().is_some(),
            capacity: self.results.last(contender, Measure::Sustained),
            round,
            own,
        };
        let taken = step::take(&mut about, step, &*grader).await;
        grader.close().await;
        match taken {
            Ok(values) => self.results.keep(contender, values, watched.end()?),
            Err(error) => {
                self.results.failed.insert(contender.clone(), format!("{error:#}"));
            }
        }
        Ok(())
    }

    async fn open(&mut self, contender: &Contender, step: Step) -> Result<Box<dyn Grader>, Out> {
        let image = &self.config.image;
        Ok(match contender {
            Contender::Sandbox(variant) => {
                let sandbox = open::open(variant, self.config, self.plan.pool_for(step)).await.map_err(Out::Excused)?;
                Box::new(self.exercise.grader(sandbox).await.map_err(Out::Failed)?)
            }
            Contender::Other(Against::Cold) => Box::new(Cold::script(image)),
            Contender::Other(Against::MixTest) => Box::new(Cold::mix_test(image)),
            Contender::Other(Against::Limit) => Box::new(Limit::start(image).await.map_err(Out::Failed)?),
        })
    }
}

/// Why a contender takes no part.
enum Out {
    /// This machine or this build lacks it.
    Excused(anyhow::Error),
    /// It is there, and does not do what it should.
    Failed(anyhow::Error),
}

fn name(step: Step) -> String {
    match step {
        Step::Rest => "at rest".to_owned(),
        Step::Sustained => "sustained".to_owned(),
        Step::Loads => "under load".to_owned(),
        Step::Burst(size) => format!("burst of {size}"),
    }
}
