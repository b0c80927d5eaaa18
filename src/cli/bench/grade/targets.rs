//! What is aimed at, and whether it was reached. All targets are in [`TARGETS`], and nowhere else.

use serde::Serialize;

use super::contender::{Against, Contender};
use super::measure::{Measure, Memory};
use super::results::Table;
use super::variant::{Boot, Engine, Variant};

/// Something that is aimed at: a measure of a variant, and what it may at most or must at least be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// In words.
    pub says: &'static str,
    /// The engine it is about; `None` for each.
    pub engine: Option<Engine>,
    /// What is looked at.
    pub measure: Measure,
    /// Whether more or less is better.
    pub bound: Bound,
    /// What the bound is counted in.
    pub of: Of,
    /// How many of these.
    pub times: f64,
    /// And so much more.
    pub plus: f64,
}

/// On which side of a bound it is good to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The bound is reached or passed.
    AtLeast,
    /// It is not passed.
    AtMost,
}

/// What a bound is counted in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Of {
    /// Units of the measure.
    Units,
    /// The same measure of another, in the same run.
    Other(Against),
    /// The same measure of the variant of this name, in the same run.
    Variant(&'static str),
    /// Another measure of the same variant.
    Own(Measure),
}

const P50: Measure = Measure::Latency { load: 0, percentile: 50 };

const fn target(says: &'static str, measure: Measure, bound: Bound, of: Of, times: f64) -> Target {
    Target { says, engine: None, measure, bound, of, times, plus: 0.0 }
}

/// All of them. They are about variants on `runc` or the engine's default runtime that boot as the image does: what is
/// safer still, or older, may be slower.
pub const TARGETS: [Target; 9] = {
    use Bound::{AtLeast, AtMost};
    let cold = Of::Other(Against::Cold);
    [
        Target {
            engine: Some(Engine::Docker),
            ..target("through Docker, sustained ≥ 2 × cold", Measure::Sustained, AtLeast, cold, 2.0)
        },
        Target {
            engine: Some(Engine::Docker),
            ..target(
                "through Docker, sustained ≥ 1.8 × docker/runc/jit/start_clean",
                Measure::Sustained,
                AtLeast,
                Of::Variant("docker/runc/jit/start_clean"),
                1.8,
            )
        },
        Target {
            engine: Some(Engine::Oci),
            ..target("without Docker, sustained ≥ 4 × cold", Measure::Sustained, AtLeast, cold, 4.0)
        },
        target("verdict p50 at least 25 times faster than cold", P50, AtMost, cold, 1.0 / 25.0),
        Target {
            plus: 5.0, ..target("verdict p50 ≤ 2 × limit + 5 ms", P50, AtMost, Of::Other(Against::Limit), 2.0)
        },
        target(
            "verdict p99 at 50 % of capacity ≤ 4 × p50 at rest",
            Measure::Latency { load: 50, percentile: 99 },
            AtMost,
            Of::Own(P50),
            4.0,
        ),
        target("burst of 32 with a pool of 32 ≤ 350 ms", Measure::Burst(32), AtMost, Of::Units, 350.0),
        target("idle sandbox ≤ 45 MB", Measure::Idle(Memory::Cgroup), AtMost, Of::Units, 45.0),
        target("idle sandbox, PSS ≤ 35 MB", Measure::Idle(Memory::Pss), AtMost, Of::Units, 35.0),
    ]
};

/// What became of a target for one variant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// The target in words.
    pub target: &'static str,
    /// The variant.
    pub variant: String,
    /// Whether it was reached; `None` if something that it takes was not measured.
    pub reached: Option<bool>,
    /// What was measured.
    pub value: Option<f64>,
    /// What the bound came to, in the same unit.
    pub bound: Option<f64>,
    /// Whether the machine was disturbed while any of it was measured.
    pub noisy: bool,
}

/// Judges each target for each variant that it is about.
#[must_use]
pub fn judge(table: &Table, contenders: &[Contender]) -> Vec<Judged> {
    TARGETS
        .iter()
        .flat_map(|target| {
            let about = contenders.iter().filter(|one| one.variant().is_some_and(|variant| target.is_about(variant)));
            about.map(|one| target.judge(table, one))
        })
        .collect()
}

impl Target {
    fn is_about(&self, variant: &Variant) -> bool {
        self.engine.is_none_or(|engine| engine == variant.engine)
            && variant.boot == Boot::Batch
            && variant.runtime.as_deref().is_none_or(|runtime| matches!(runtime, "runc" | "crun"))
    }

    fn judge(&self, table: &Table, contender: &Contender) -> Judged {
        let value = table.get(contender, self.measure);
        let unit = match self.of {
            Of::Units => Some((1.0, false)),
            Of::Own(measure) => table.get(contender, measure).map(|figure| (figure.median, figure.noisy)),
            Of::Other(against) => self.figure_of(table, &Contender::Other(against)),
            Of::Variant(name) => {
                name.parse().ok().and_then(|variant| self.figure_of(table, &Contender::Sandbox(variant)))
            }
        };
        let bound = unit.map(|(unit, _)| self.times * unit + self.plus);
        let reached = value.zip(bound).map(|(value, bound)| match self.bound {
            Bound::AtLeast => value.median >= bound,
            Bound::AtMost => value.median <= bound,
        });
        Judged {
            target: self.says,
            variant: contender.to_string(),
            reached,
            value: value.map(|value| value.median),
            bound,
            noisy: value.is_some_and(|value| value.noisy) || unit.is_some_and(|(_, noisy)| noisy),
        }
    }

    fn figure_of(&self, table: &Table, other: &Contender) -> Option<(f64, bool)> {
        table.get(other, self.measure).map(|figure| (figure.median, figure.noisy))
    }

    /// What is measured, for writing values as its unit asks.
    #[must_use]
    pub fn by_words(says: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.says == says)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sandbox(name: &str) -> Contender {
        Contender::Sandbox(name.parse().expect(name))
    }

    fn judged(figures: &[(&str, Measure, f64)], others: &[(Against, Measure, f64)], about: &str) -> Vec<Judged> {
        let sandboxes = figures.iter().map(|(name, measure, value)| (sandbox(name), *measure, *value));
        let others = others.iter().map(|(against, measure, value)| (Contender::Other(*against), *measure, *value));
        judge(&sandboxes.chain(others).collect(), &[sandbox(about)])
    }

    fn reached(all: &[Judged], says: &str) -> Option<bool> {
        all.iter().find(|one| one.target.contains(says)).expect(says).reached
    }

    #[test]
    fn a_target_is_reached_missed_or_unknown() {
        let cold = [(Against::Cold, Measure::Sustained, 2.5)];
        for (rate, expected) in [(5.0, true), (4.9, false)] {
            let all = judged(&[("docker/runc/emu", Measure::Sustained, rate)], &cold, "docker/runc/emu");
            assert_eq!(reached(&all, "≥ 2 × cold"), Some(expected));
            assert_eq!(reached(&all, "start_clean"), None, "it was not measured");
        }
        let today = "docker/runc/jit/start_clean";
        let rates = [("docker/runc/emu", Measure::Sustained, 4.5), (today, Measure::Sustained, 2.5)];
        assert_eq!(reached(&judged(&rates, &[], "docker/runc/emu"), "start_clean"), Some(true));
    }

    #[test]
    fn bounds_may_be_shares_and_have_something_on_top() {
        let others = [(Against::Cold, P50, 500.0), (Against::Limit, P50, 7.0)];
        for (ms, of_cold, of_limit) in [(19.0, true, true), (19.5, true, false), (20.5, false, false)] {
            let all = judged(&[("oci/crun/jit", P50, ms)], &others, "oci/crun/jit");
            assert_eq!((reached(&all, "25 times"), reached(&all, "limit")), (Some(of_cold), Some(of_limit)));
        }
    }

    #[test]
    fn bounds_may_be_of_the_variant_itself_or_fixed() {
        let loaded = Measure::Latency { load: 50, percentile: 99 };
        let figures = [
            ("docker/runc/jit", P50, 10.0),
            ("docker/runc/jit", loaded, 41.0),
            ("docker/runc/jit", Measure::Burst(32), 350.0),
        ];
        let all = judged(&figures, &[], "docker/runc/jit");
        assert_eq!((reached(&all, "4 × p50"), reached(&all, "350 ms")), (Some(false), Some(true)));
    }

    #[test]
    fn targets_are_about_their_engine_and_about_nothing_safer_or_older() {
        let count = |name| judge(&Table::default(), &[sandbox(name)]).len();
        assert_eq!([count("docker/runc/jit"), count("docker/default/jit"), count("oci/crun/emu")], [8, 8, 7]);
        assert_eq!([count("docker/runsc/jit"), count("docker/runc/jit/start_clean")], [0, 0]);
    }
}
