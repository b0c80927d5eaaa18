//! Whether the machine was quiet enough to tell.
//!
//! Before each turn, while we do nothing ourselves, it is looked how busy the machine is all the same, and how long a
//! fixed computation takes. During the turn it is looked what the hypervisor gave to others.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::processor::Machine;
use super::statistics::{self, milliseconds};

/// How far a turn's computation may be from what it usually takes: a tenth.
pub const CALIBRATION: f64 = 0.10;

/// Share of the machine that others may use while we do nothing.
pub const OTHERS: f64 = 0.05;

/// Share of the machine that the hypervisor may take during a turn.
pub const STEAL: f64 = 0.02;

/// How long we do nothing.
const STILL: Duration = Duration::from_millis(400);

/// How often we do, before a machine that is busy all the same is taken as it is: the engine may still be removing what
/// the turn before has left.
const LOOKS: usize = 3;

/// The computation: about 20 ms, and as long in a build without optimisation, which only tests use.
const SPINS: u64 = if cfg!(debug_assertions) { 2_000_000 } else { 20_000_000 };

/// What the machine was like for one turn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Conditions {
    /// What the fixed computation took, in milliseconds.
    pub calibration_ms: f64,
    /// Share of the machine's time that was used while we did nothing.
    pub others: f64,
    /// Share of the machine's time that the hypervisor took.
    pub steal: f64,
}

/// What the machine was like altogether.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Noise {
    /// What the fixed computation usually took, in milliseconds.
    pub calibration_ms: f64,
    /// The difference of its longest and its shortest time, as a part of that.
    pub calibration_spread: f64,
    /// The greatest share of the machine that others used.
    pub others_most: f64,
    /// The greatest share that the hypervisor took.
    pub steal_most: f64,
    /// Turns, and how many of them were disturbed.
    pub turns: usize,
    /// …
    pub disturbed: usize,
    /// Which of them.
    #[serde(skip)]
    pub of_turn: Vec<bool>,
}

/// Judges the turns of a run.
#[must_use]
pub fn judge(turns: &[Conditions]) -> Noise {
    let times: Vec<_> = turns.iter().map(|turn| turn.calibration_ms).collect();
    let usual = statistics::median(&times).unwrap_or_default();
    let (least, most) = statistics::range(&times).unwrap_or_default();
    let off = |ms: f64| if usual > 0.0 { (ms - usual).abs() / usual } else { 0.0 };
    let of_turn: Vec<_> = turns
        .iter()
        .map(|turn| off(turn.calibration_ms) > CALIBRATION || turn.others > OTHERS || turn.steal > STEAL)
        .collect();
    Noise {
        calibration_ms: usual,
        calibration_spread: if usual > 0.0 { (most - least) / usual } else { 0.0 },
        others_most: turns.iter().map(|turn| turn.others).fold(0.0, f64::max),
        steal_most: turns.iter().map(|turn| turn.steal).fold(0.0, f64::max),
        turns: turns.len(),
        disturbed: of_turn.iter().filter(|disturbed| **disturbed).count(),
        of_turn,
    }
}

impl Noise {
    /// The same in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        let saw = format!(
            "a fixed computation took {:.1} ms, longest and shortest {} apart; others used up to {} of the machine while \
             we did nothing, and the hypervisor took up to {}",
            self.calibration_ms,
            percent(self.calibration_spread),
            percent(self.others_most),
            percent(self.steal_most)
        );
        if self.disturbed == 0 {
            return format!("The machine was quiet: {saw}.");
        }
        format!(
            "The machine was too noisy to tell small differences in {} of {} turns; figures with a ~ are made of them. {}. \
             A turn counts as quiet with the computation within {} of what it usually takes, others below {} and the \
             hypervisor below {}.",
            self.disturbed,
            self.turns,
            capitalised(&saw),
            percent(CALIBRATION),
            percent(OTHERS),
            percent(STEAL)
        )
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A turn that has begun.
pub struct Watched {
    calibration_ms: f64,
    others: f64,
    before: Machine,
}

/// Looks at the machine before a turn.
///
/// # Errors
/// `/proc/stat` cannot be read.
pub async fn watch() -> anyhow::Result<Watched> {
    let mut others = 1.0;
    for _ in 0..LOOKS {
        let still = Machine::read()?;
        tokio::time::sleep(STILL).await;
        others = Machine::read()?.since(&still).busy_share();
        if others <= OTHERS {
            break;
        }
    }
    let calibration_ms = tokio::task::spawn_blocking(calibrate).await?;
    Ok(Watched { calibration_ms, others, before: Machine::read()? })
}

impl Watched {
    /// And after it.
    ///
    /// # Errors
    /// `/proc/stat` cannot be read.
    pub fn end(self) -> anyhow::Result<Conditions> {
        let steal = Machine::read()?.since(&self.before).steal_share();
        Ok(Conditions { calibration_ms: self.calibration_ms, others: self.others, steal })
    }
}

/// The middle of five times of the same computation: a chain of multiplications that no processor shortens.
fn calibrate() -> f64 {
    let times: Vec<_> = (0..5)
        .map(|_| {
            let started = Instant::now();
            let mut number = black_box(1_u64);
            for _ in 0..SPINS / 5 {
                number = black_box(number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
            }
            black_box(number);
            milliseconds(started.elapsed())
        })
        .collect();
    statistics::median(&times).unwrap_or_default() * 5.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Conditions = Conditions { calibration_ms: 20.0, others: 0.01, steal: 0.0 };

    #[test]
    fn a_quiet_machine_is_called_so() {
        let noise = judge(&[QUIET, Conditions { calibration_ms: 21.0, ..QUIET }, QUIET]);
        assert_eq!((noise.disturbed, noise.calibration_ms, noise.calibration_spread), (0, 20.0, 0.05));
        assert!(noise.in_words().starts_with("The machine was quiet"), "{}", noise.in_words());
    }

    #[test]
    fn each_kind_of_noise_marks_its_own_turn_only() {
        for disturbed in [
            Conditions { calibration_ms: 23.0, ..QUIET },
            Conditions { calibration_ms: 17.0, ..QUIET },
            Conditions { others: 0.3, ..QUIET },
            Conditions { steal: 0.05, ..QUIET },
        ] {
            let noise = judge(&[QUIET, QUIET, disturbed]);
            assert_eq!(noise.of_turn, [false, false, true], "{disturbed:?}");
            assert!(noise.in_words().contains("too noisy to tell small differences in 1 of 3 turns"));
        }
    }

    #[test]
    fn of_no_turn_nothing_is_said() {
        assert_eq!((judge(&[]).disturbed, judge(&[]).turns), (0, 0));
    }
}
