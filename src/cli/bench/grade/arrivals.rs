//! When submissions come, where they do not wait for each other: an open loop. A closed one, in which the next is handed in
//! when the last has its verdict, never sees a queue, and its percentiles flatter.

use std::time::Duration;

use clap::ValueEnum;

/// How arrivals are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Arrivals {
    /// Each independent of the others, as people are: exponential gaps.
    Poisson,
    /// At equal distances.
    Fixed,
}

/// Fewest arrivals that percentiles are taken of.
const FEWEST: usize = 5;

/// The times of arrival, counted from the beginning, of submissions that come at `rate` a second over `span`; at least
/// five, however long they take. The same seed gives the same times.
#[must_use]
pub fn schedule(kind: Arrivals, rate: f64, span: Duration, seed: u64) -> Vec<Duration> {
    if !rate.is_finite() || rate <= 0.0 {
        return Vec::new();
    }
    let mut random = SplitMix(seed);
    let mut gap = || match kind {
        Arrivals::Fixed => 1.0 / rate,
        // Inversion: one minus a number in [0, 1) is never zero.
        Arrivals::Poisson => -(1.0 - random.unit()).ln() / rate,
    };
    let mut times = Vec::new();
    let mut at = gap();
    while at < span.as_secs_f64() || times.len() < FEWEST {
        times.push(Duration::from_secs_f64(at));
        at += gap();
    }
    times
}

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): enough for times of
/// arrival, and the same on every machine.
struct SplitMix(u64);

impl SplitMix {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number in [0, 1) of 53 bits, as many as an `f64` holds.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    const fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn fixed_arrivals_keep_their_distance() {
        let times = schedule(Arrivals::Fixed, 2.0, Duration::from_secs(4), 0);
        let seconds: Vec<_> = times.iter().map(Duration::as_secs_f64).collect();
        assert_eq!(seconds, [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]);
    }

    #[test]
    fn poisson_arrivals_come_at_their_rate_and_spread_as_exponential_gaps_do() {
        let times = schedule(Arrivals::Poisson, 100.0, MINUTE, 7);
        assert!((5_700..6_300).contains(&times.len()), "{}", times.len());
        let gaps: Vec<_> = times.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).collect();
        // 1 - 1/e of exponential gaps are shorter than the mean.
        let short = gaps.iter().filter(|gap| **gap < 0.01).count() as f64 / gaps.len() as f64;
        assert!((0.61..0.655).contains(&short), "{short}");
    }

    #[test]
    fn a_seed_says_when() {
        let times = |seed| schedule(Arrivals::Poisson, 5.0, MINUTE, seed);
        assert_eq!(times(1), times(1));
        assert_ne!(times(1), times(2));
    }

    #[test]
    fn there_are_always_enough_for_percentiles_and_none_without_a_rate() {
        assert_eq!(schedule(Arrivals::Poisson, 0.5, Duration::from_secs(1), 1).len(), FEWEST);
        assert!(schedule(Arrivals::Fixed, 0.0, MINUTE, 1).is_empty());
        assert!(schedule(Arrivals::Fixed, f64::NAN, MINUTE, 1).is_empty());
    }
}
