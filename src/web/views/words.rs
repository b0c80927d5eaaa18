//! The words for verdicts, outcomes, standings and times.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::job::Kind;
use crate::domain::progress::{Standing, Tally};
use crate::domain::submission::GradingState;
use crate::domain::verdict::{Outcome, VerdictKind};

/// Words, colour class and sign of something; the sign is decoration, the words say all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Badge {
    /// What it is called.
    pub word: &'static str,
    /// `passed`, `wrong`, `ours` or `waiting`: a class of the style sheet.
    pub tone: &'static str,
    /// A sign before the word.
    pub sign: &'static str,
}

const fn badge(word: &'static str, tone: &'static str, sign: &'static str) -> Badge {
    Badge { word, tone, sign }
}

/// The badge of a verdict.
#[must_use]
pub const fn verdict(kind: VerdictKind) -> Badge {
    match kind {
        VerdictKind::Passed => badge("Passed", "passed", "✓"),
        VerdictKind::Failed => badge("Not passed", "wrong", "✗"),
        VerdictKind::CompileError => badge("Does not compile", "wrong", "✗"),
        VerdictKind::Crashed => badge("Crashed", "wrong", "✗"),
        VerdictKind::Timeout => badge("Took too long", "wrong", "✗"),
        VerdictKind::MemoryExceeded => badge("Too much memory", "wrong", "✗"),
        VerdictKind::OutputExceeded => badge("Too much output", "wrong", "✗"),
        VerdictKind::NotGraded => badge("Not graded (our fault)", "ours", "!"),
    }
}

/// The badge of one case.
#[must_use]
pub const fn outcome(outcome: Outcome) -> Badge {
    match outcome {
        Outcome::Passed => badge("Passed", "passed", "✓"),
        Outcome::Failed => badge("Not passed", "wrong", "✗"),
        Outcome::Raised => badge("Raised", "wrong", "✗"),
        Outcome::Timeout => badge("Took too long", "wrong", "✗"),
        Outcome::Crashed => badge("Crashed", "wrong", "✗"),
        Outcome::NotReached => badge("Not reached", "waiting", "–"),
        Outcome::NotGraded => badge("Not graded", "waiting", "–"),
    }
}

/// The badge of a grading that has no verdict.
#[must_use]
pub const fn state(state: GradingState) -> Badge {
    match state {
        GradingState::Queued => badge("Waiting", "waiting", ""),
        GradingState::Running => badge("Running", "waiting", ""),
        GradingState::Done => badge("Done", "waiting", ""),
        GradingState::Superseded => badge("Replaced by a newer run", "waiting", "–"),
        GradingState::Cancelled => badge("Called off", "waiting", "–"),
    }
}

/// What a kind of submission is called.
#[must_use]
pub const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Run => "Run",
        Kind::Submit => "Submission",
    }
}

/// What a standing is called; nothing for what has not begun.
#[must_use]
pub const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::New => "",
        Standing::Begun => "Begun",
        Standing::Passed => "Passed ✓",
    }
}

/// The class of a standing.
#[must_use]
pub const fn standing_class(standing: Standing) -> &'static str {
    match standing {
        Standing::New => "new",
        Standing::Begun => "begun",
        Standing::Passed => "passed",
    }
}

/// A tally in a few words.
#[must_use]
pub fn tally(tally: Tally) -> String {
    let Tally { passed, begun, total } = tally;
    match (passed, begun) {
        (0, 0) => format!("{} to solve", count(total, "exercise")),
        (passed, _) if passed == total => format!("{} passed", all(total)),
        (passed, 0) => format!("{passed} of {} passed", count(total, "exercise")),
        (passed, begun) => format!("{passed} of {} passed, {begun} begun", count(total, "exercise")),
    }
}

fn all(total: usize) -> String {
    if total == 1 { "the exercise".to_owned() } else { format!("all {total} exercises") }
}

/// A number with its noun.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A message as a sentence of its own: begun with a capital, ended once.
#[must_use]
pub fn sentence(text: impl std::fmt::Display) -> String {
    let text = text.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

/// How long ago something was, or the day when it is longer ago than a week.
#[must_use]
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(at).as_secs();
    let words = |n: i64, noun: &str| format!("{} ago", count(usize::try_from(n).unwrap_or(0), noun));
    match seconds {
        i64::MIN..10 => "just now".to_owned(),
        10..60 => words(seconds, "second"),
        60..3600 => words(seconds / 60, "minute"),
        3600..86_400 => words(seconds / 3600, "hour"),
        86_400..604_800 => words(seconds / 86_400, "day"),
        _ => day(at),
    }
}

/// How long after something else, from seconds.
#[must_use]
pub fn later(seconds: i64) -> String {
    let words = |n: i64, noun: &str| format!("{} later", count(usize::try_from(n).unwrap_or(0), noun));
    match seconds {
        i64::MIN..60 => words(seconds.max(0), "second"),
        60..3600 => words(seconds / 60, "minute"),
        3600..86_400 => words(seconds / 3600, "hour"),
        _ => words(seconds / 86_400, "day"),
    }
}

/// A day.
#[must_use]
pub fn day(at: Timestamp) -> String {
    at.strftime("%-d %B %Y").to_string()
}

/// A time that steps took, from microseconds.
#[must_use]
pub fn duration(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..10_000 => format!("{}.{} ms", us / 1000, us % 1000 / 100),
        10_000..1_000_000 => format!("{} ms", us / 1000),
        _ => format!("{}.{} s", us / 1_000_000, us % 1_000_000 / 100_000),
    }
}

/// A number of bytes.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..1024 => count(usize::try_from(bytes).unwrap_or(usize::MAX), "byte"),
        1024..1_048_576 => format!("{} KiB", bytes / 1024),
        _ => format!("{}.{} MiB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

/// A number of bytes to the last one, with its thousands apart.
#[must_use]
pub fn exact_bytes(bytes: u64) -> String {
    let noun = if bytes == 1 { "byte" } else { "bytes" };
    format!("{} {noun}", grouped(bytes))
}

/// A number with its thousands apart.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_unit_that_fits() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let before = |s: i64| ago(Timestamp::from_second(1_800_000_000 - s).unwrap(), now);
        assert_eq!(before(-5), "just now");
        assert_eq!(before(3), "just now");
        assert_eq!(before(59), "59 seconds ago");
        assert_eq!(before(61), "1 minute ago");
        assert_eq!(before(7200), "2 hours ago");
        assert_eq!(before(700_000), "7 January 2027");
        assert_eq!([later(1), later(245), later(86_400)].join(", "), "1 second later, 4 minutes later, 1 day later");
    }

    #[test]
    fn durations_and_sizes_keep_two_figures() {
        assert_eq!(
            [duration(12), duration(1_234), duration(45_678), duration(2_345_678)].join(" "),
            "12 µs 1.2 ms 45 ms 2.3 s"
        );
        assert_eq!([bytes(1), bytes(2048), bytes(1_572_864)].join(", "), "1 byte, 2 KiB, 1.5 MiB");
    }

    #[test]
    fn a_sentence_ends_once() {
        assert_eq!(sentence("add a word"), "Add a word.");
        assert_eq!(sentence("words are better."), "Words are better.");
        assert_eq!(sentence(""), ".");
    }

    #[test]
    fn a_tally_says_what_is_left() {
        let words = |passed, begun, total| tally(Tally { passed, begun, total });
        assert_eq!(words(0, 0, 3), "3 exercises to solve");
        assert_eq!(words(1, 1, 3), "1 of 3 exercises passed, 1 begun");
        assert_eq!(words(3, 0, 3), "all 3 exercises passed");
        assert_eq!(words(1, 0, 1), "the exercise passed");
    }
}
