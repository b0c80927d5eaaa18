//! What was measured, and what it comes to over the rounds.

use std::collections::BTreeMap;

use serde::Serialize;

use super::contender::Contender;
use super::measure::Measure;
use super::noise::{self, Conditions, Noise};
use super::statistics;

/// A measure of a contender over all rounds: the median of what each round gave, and the range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figure {
    /// The middle one.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// Whether the machine was disturbed while any of them was taken.
    pub noisy: bool,
}

/// Everything that a run has measured.
#[derive(Debug, Default)]
pub struct Results {
    samples: BTreeMap<(Contender, Measure), Vec<Sample>>,
    turns: Vec<Conditions>,
    /// Those who could not be measured here, and why.
    pub excused: BTreeMap<Contender, String>,
    /// Those who began and then did not do what they should, and what that was.
    pub failed: BTreeMap<Contender, String>,
    /// Whether it was ended before all rounds were over.
    pub interrupted: bool,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    value: f64,
    turn: usize,
}

impl Results {
    /// Keeps what a turn gave, and what the machine was like meanwhile.
    pub fn keep(&mut self, contender: &Contender, values: Vec<(Measure, f64)>, conditions: Conditions) {
        let turn = self.turns.len();
        self.turns.push(conditions);
        for (measure, value) in values {
            self.samples.entry((contender.clone(), measure)).or_default().push(Sample { value, turn });
        }
    }

    /// What the last turn that measured it gave.
    #[must_use]
    pub fn last(&self, contender: &Contender, measure: Measure) -> Option<f64> {
        Some(self.samples.get(&(contender.clone(), measure))?.last()?.value)
    }

    /// Whether anything of it was measured, and nothing went wrong.
    #[must_use]
    pub fn is_measured(&self, contender: &Contender) -> bool {
        !self.is_out(contender) && self.samples.keys().any(|(other, _)| other == contender)
    }

    /// Whether it takes no further part.
    #[must_use]
    pub fn is_out(&self, contender: &Contender) -> bool {
        self.excused.contains_key(contender) || self.failed.contains_key(contender)
    }

    /// How the machine was.
    #[must_use]
    pub fn noise(&self) -> Noise {
        noise::judge(&self.turns)
    }

    /// What the rounds come to.
    #[must_use]
    pub fn table(&self) -> Table {
        let noise = self.noise();
        let figure = |samples: &Vec<Sample>| {
            let values: Vec<_> = samples.iter().map(|sample| sample.value).collect();
            let (min, max) = statistics::range(&values)?;
            let noisy = samples.iter().any(|sample| noise.of_turn.get(sample.turn).copied().unwrap_or(false));
            Some(Figure { median: statistics::median(&values)?, min, max, noisy })
        };
        Table(self.samples.iter().filter_map(|(key, samples)| Some((key.clone(), figure(samples)?))).collect())
    }
}

/// Figures by contender and measure.
#[derive(Debug, Default)]
pub struct Table(BTreeMap<(Contender, Measure), Figure>);

impl Table {
    /// One of them, if it was measured.
    #[must_use]
    pub fn get(&self, contender: &Contender, measure: Measure) -> Option<Figure> {
        self.0.get(&(contender.clone(), measure)).copied()
    }
}

#[cfg(test)]
impl FromIterator<(Contender, Measure, f64)> for Table {
    fn from_iter<T: IntoIterator<Item = (Contender, Measure, f64)>>(figures: T) -> Self {
        let figure = |value| Figure { median: value, min: value, max: value, noisy: false };
        Self(figures.into_iter().map(|(contender, measure, value)| ((contender, measure), figure(value))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::contender::Against;
    use super::*;

    #[test]
    fn figures_are_medians_with_ranges_and_only_those_of_disturbed_turns_are_marked() {
        let quiet = Conditions { calibration_ms: 20.0, others: 0.0, steal: 0.0 };
        let cold = Contender::Other(Against::Cold);
        let mut results = Results::default();
        for (value, others) in [(3.0, 0.0), (1.0, 0.5), (2.0, 0.0)] {
            results.keep(&cold, vec![(Measure::Sustained, value)], Conditions { others, ..quiet });
        }
        results.keep(&cold, vec![(Measure::Burst(16), 5.0)], quiet);
        let table = results.table();
        let rate = Figure { median: 2.0, min: 1.0, max: 3.0, noisy: true };
        assert_eq!(table.get(&cold, Measure::Sustained), Some(rate));
        assert_eq!(table.get(&cold, Measure::Burst(16)).map(|figure| figure.noisy), Some(false));
        assert_eq!(table.get(&cold, Measure::SustainedCpu), None);
        assert_eq!(results.last(&cold, Measure::Sustained), Some(2.0));
        assert!(results.is_measured(&cold) && !results.is_out(&cold));
        results.failed.insert(cold.clone(), "wrong".to_owned());
        assert!(!results.is_measured(&cold));
    }
}
