//! What was measured, for people, for programs and for `docs/PERFORMANCE.md`.

mod grid;
mod json;
mod markdown;
mod text;

pub use json::json;
pub use markdown::markdown;
pub use text::text;

use super::contender::{Against, Contender};
use super::machine::Machine;
use super::measure::Measure;
use super::noise::Noise;
use super::plan::Plan;
use super::results::{Results, Table};
use super::targets::{self, Bound, Judged, Target};

/// A run that is over.
pub struct Report<'a> {
    plan: &'a Plan,
    results: &'a Results,
    machine: &'a Machine,
    table: Table,
    noise: Noise,
    targets: Vec<Judged>,
}

impl<'a> Report<'a> {
    /// Of these results.
    pub fn new(plan: &'a Plan, results: &'a Results, machine: &'a Machine) -> Self {
        let table = results.table();
        let measured: Vec<_> = plan.contenders.iter().filter(|one| results.is_measured(one)).cloned().collect();
        let targets = targets::judge(&table, &measured);
        Self { plan, results, machine, table, noise: results.noise(), targets }
    }

    /// Those who were measured, in the order in which they were asked for.
    fn measured(&self) -> impl Iterator<Item = &'a Contender> {
        let results = self.results;
        self.plan.contenders.iter().filter(move |one| results.is_measured(one))
    }

    fn measures(&self) -> Vec<Measure> {
        Measure::all(&self.plan.loads, &self.plan.bursts)
    }

    fn median(&self, contender: &Contender, measure: Measure) -> Option<f64> {
        self.table.get(contender, measure).map(|figure| figure.median)
    }

    /// How many times better a variant is than the cold way: p50, sustained rate, CPU.
    fn times_cold(&self, contender: &Contender) -> [Option<f64>; 3] {
        let cold = Contender::Other(Against::Cold);
        let of = |measure, more_is_better| {
            let (own, other) = (self.median(contender, measure)?, self.median(&cold, measure)?);
            let (a, b) = if more_is_better { (own, other) } else { (other, own) };
            (b > 0.0).then(|| a / b)
        };
        let p50 = Measure::Latency { load: 0, percentile: 50 };
        [of(p50, false), of(Measure::Sustained, true), of(Measure::SustainedCpu, false)]
    }

    /// What was done, in a sentence or two.
    fn done(&self) -> String {
        let plan = self.plan;
        let seconds = plan.span.as_secs();
        let rounds = match plan.rounds {
            1 => "One round".to_owned(),
            rounds => format!("{rounds} rounds in changing order, medians with the range"),
        };
        let loads = if plan.loads.is_empty() {
            String::new()
        } else {
            let kind = match plan.arrivals {
                super::arrivals::Arrivals::Poisson => "at random",
                super::arrivals::Arrivals::Fixed => "at equal distances",
            };
            format!(", and as long at each load, arriving {kind} (seed {})", plan.seed)
        };
        format!(
            "One module, five cases. {rounds}: {} submissions one after the other (a quarter of that for what is no sandbox); \
             {seconds} s with {} at once{loads}. A pool of {}, in a burst as large as the burst.",
            plan.submissions, plan.concurrency, plan.pool
        )
    }

    /// What is missing, with the reason.
    fn missing(&self) -> Vec<String> {
        let excused = |one| self.results.excused.get(one).map(|why| format!("{one} cannot be measured here: {why}"));
        let failed = |one| self.results.failed.get(one).map(|why| format!("{one} failed: {why}"));
        let mut lines: Vec<_> =
            self.plan.contenders.iter().filter_map(|one| excused(one).or_else(|| failed(one))).collect();
        if self.results.interrupted {
            lines.push("It was interrupted before all of it was measured.".to_owned());
        }
        lines
    }
}

/// A target, what was measured, and what it should have been.
fn in_words(judged: &Judged) -> String {
    let Some(target) = Target::by_words(judged.target) else { return judged.target.to_owned() };
    let write =
        |value: Option<f64>| value.map_or_else(|| "not measured".to_owned(), |value| target.measure.write(value));
    let sign = match target.bound {
        Bound::AtLeast => "≥",
        Bound::AtMost => "≤",
    };
    let noisy = if judged.noisy { ", on a noisy machine" } else { "" };
    let (variant, says) = (&judged.variant, judged.target);
    format!("{says}: {variant} {} (wanted {sign} {}{noisy})", write(judged.value), write(judged.bound))
}

const fn verdict(judged: &Judged) -> &'static str {
    match judged.reached {
        Some(true) => "reached",
        Some(false) => "missed",
        None => "unknown",
    }
}
