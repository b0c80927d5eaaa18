//! What a sandbox counts, for metrics.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use super::memory::Taken;

/// Upper ends of the classes that boot times are counted in, in seconds. A boot takes some tenths of a second.
pub const BOOT_CLASSES_S: [f64; 8] = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8];

/// What a sandbox has counted since it began.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// Jobs that found a warm environment.
    pub hits: u64,
    /// Jobs that had to wait for one to boot.
    pub misses: u64,
    /// Environments that were booted.
    pub boots: u64,
    /// Boots that failed.
    pub boots_failed: u64,
    /// Time of all boots, in seconds.
    pub boot_s: f64,
    /// Idle environments whose memory was measured last.
    pub measured: u64,
    /// What these took together, in bytes; what they share counts for each.
    pub idle_rss: u64,
    /// What these took together, in bytes; what they share counts once.
    pub idle_pss: u64,
    /// Boots by how long they took; those past the last class are in none.
    pub boot_classes: [u64; BOOT_CLASSES_S.len()],
}

/// Counts, from many tasks at once.
#[derive(Debug, Default)]
pub struct Tally(Mutex<Counts>);

impl Tally {
    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// A job came; `hit` when a warm environment was there for it.
    pub fn job(&self, hit: bool) {
        self.change(|counts| *if hit { &mut counts.hits } else { &mut counts.misses } += 1);
    }

    /// So many idle environments were measured, and took so much.
    pub fn memory(&self, count: usize, taken: Taken) {
        self.change(|counts| {
            (counts.measured, counts.idle_rss, counts.idle_pss) = (count as u64, taken.rss, taken.pss);
        });
    }

    /// A boot came to its end.
    pub fn boot(&self, took: Duration, succeeded: bool) {
        self.change(|counts| {
            if !succeeded {
                counts.boots_failed += 1;
                return;
            }
            let seconds = took.as_secs_f64();
            counts.boots += 1;
            counts.boot_s += seconds;
            if let Some(class) = BOOT_CLASSES_S.iter().position(|end| seconds <= *end) {
                counts.boot_classes[class] += 1;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boots_are_counted_in_the_class_of_their_time() {
        let tally = Tally::default();
        for ms in [50, 100, 300, 60_000] {
            tally.boot(Duration::from_millis(ms), true);
        }
        tally.boot(Duration::from_secs(1), false);
        tally.job(true);
        tally.job(false);
        let counts = tally.counts();
        assert_eq!((counts.boots, counts.boots_failed, counts.hits, counts.misses), (4, 1, 1, 1));
        assert_eq!(counts.boot_classes, [2, 0, 1, 0, 0, 0, 0, 0]);
        assert!((counts.boot_s - 60.45).abs() < 1e-9);
    }
}
