//! When our own faults are tried again.

use std::time::Duration;

/// Tries of one grading before it is left as `not_graded`.
pub const MAX_ATTEMPTS: u32 = 4;

/// What to do after a fault of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Try again after this time.
    After(Duration),
    /// That was the last try.
    GiveUp,
}

/// What to do after the given number of tries failed: back-off of 0.2 s, 1 s, 5 s.
#[must_use]
pub const fn after_attempt(attempts: u32) -> Next {
    if attempts >= MAX_ATTEMPTS {
        return Next::GiveUp;
    }
    let mut wait_ms = 200;
    let mut done = 1;
    while done < attempts {
        wait_ms *= 5;
        done += 1;
    }
    Next::After(Duration::from_millis(wait_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_then_end() {
        let waits: Vec<_> = (1..=MAX_ATTEMPTS).map(after_attempt).collect();
        let ms = |n| Next::After(Duration::from_millis(n));
        assert_eq!(waits, [ms(200), ms(1000), ms(5000), Next::GiveUp]);
    }
}
