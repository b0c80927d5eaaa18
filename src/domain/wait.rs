//! How long a submission may have to wait: told only where it is known, and then as a range.

use serde::Serialize;

/// How fast the graders that are there now work, by what they did lately.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Verdicts a second while all of them are busy.
    pub per_s: f64,
    /// From the beginning of a grading to its verdict, in seconds, on average.
    pub service_s: f64,
}

/// Who grades.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Graders {
    /// Nobody is known to take work now.
    None,
    /// Somebody is, and has graded nothing yet by which to tell how fast.
    Untried,
    /// They are, at this pace.
    At(Pace),
}

/// Where a submission stands in the queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Gradings that come before it, as the queue would take them now.
    pub ahead: i64,
    /// Who grades.
    pub graders: Graders,
}

/// When a verdict may be expected, in seconds from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Hardly before.
    pub from_s: u64,
    /// Most likely before this.
    pub to_s: u64,
}

/// How much sooner than the average it may come.
const SOONER: f64 = 0.7;
/// How much later.
const LATER: f64 = 1.5;
/// A longer wait is not estimated: much will have changed until then.
const LONGEST_S: f64 = 3600.0;

impl Place {
    /// When the verdict may be expected; `None` where nobody can know.
    #[must_use]
    pub fn estimate(&self) -> Option<Estimate> {
        let Graders::At(pace) = self.graders else { return None };
        let (ahead, sane) = (self.ahead as f64, pace.per_s > 0.0 && pace.service_s.is_finite());
        if !sane {
            return None;
        }
        let from = (ahead / pace.per_s + pace.service_s) * SOONER;
        let to = ((ahead + 1.0) / pace.per_s + pace.service_s) * LATER;
        (to <= LONGEST_S).then(|| Estimate { from_s: round_down(from), to_s: round_up(to) })
    }
}

/// Steps in which a time is told: a finer one would promise more than is known.
const fn step(seconds: u64) -> u64 {
    match seconds {
        0..10 => 1,
        10..60 => 5,
        60..300 => 30,
        _ => 60,
    }
}

fn round_down(seconds: f64) -> u64 {
    let whole = seconds as u64;
    whole / step(whole) * step(whole)
}

fn round_up(seconds: f64) -> u64 {
    let whole = seconds.ceil() as u64;
    whole.div_ceil(step(whole)) * step(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ahead: i64, per_s: f64, service_s: f64) -> Option<Estimate> {
        Place { ahead, graders: Graders::At(Pace { per_s, service_s }) }.estimate()
    }

    #[test]
    fn nothing_is_said_where_nothing_is_known() {
        for graders in [Graders::None, Graders::Untried] {
            assert_eq!(Place { ahead: 3, graders }.estimate(), None);
        }
        assert_eq!(at(3, 0.0, 1.0), None);
        assert_eq!(at(1_000_000, 1.0, 1.0), None, "over an hour is anybody's guess");
    }

    #[test]
    fn the_range_holds_the_average_and_grows_with_the_queue() {
        assert_eq!(at(0, 20.0, 0.05), Some(Estimate { from_s: 0, to_s: 1 }));
        assert_eq!(at(100, 4.0, 0.5), Some(Estimate { from_s: 15, to_s: 40 }));
        for ahead in [0_i64, 1, 7, 50, 900] {
            let (average, estimate) = (ahead as f64 / 3.0 + 0.6, at(ahead, 3.0, 0.6).expect("an estimate"));
            assert!(estimate.from_s as f64 <= average && average <= estimate.to_s as f64, "{ahead}: {estimate:?}");
            assert!(at(ahead + 10, 3.0, 0.6).is_some_and(|more| more.to_s >= estimate.to_s));
        }
    }
}
