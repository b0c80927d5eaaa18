//! When how many containers are to be warm: classes begin at known times.

use std::str::FromStr;
use std::time::Duration;

use jiff::Zoned;
use jiff::civil::Time;

/// Entries such as `Mo-Fr 08:50-10:30=30; Tu 14:00-15:00=16`. Where several hold, the largest counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// By day, from Monday.
    days: [bool; 7],
    from: Time,
    /// Before `from`, it is of the next day.
    until: Time,
    count: usize,
}

/// An entry that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{entry}` is no entry such as `Mo-Fr 08:50-10:30=30`: days, from when to when, and how many containers")]
pub struct BadEntry {
    entry: String,
}

/// The days as they are written.
const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];

/// More than this nobody can mean.
const MOST: usize = 10_000;

impl Schedule {
    /// How many are to be warm at this moment or so much later: what takes time to boot must be begun before.
    #[must_use]
    pub fn wish_at(&self, now: &Zoned, lead: Duration) -> usize {
        self.0.iter().filter(|entry| entry.holds(now, lead)).map(|entry| entry.count).max().unwrap_or(0)
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Entry {
    fn holds(&self, now: &Zoned, lead: Duration) -> bool {
        // One that crosses midnight may have begun yesterday, and one of early morning may be near at midnight.
        [-1, 0, 1].into_iter().any(|step| self.holds_of_day(now, lead, step).unwrap_or(false))
    }

    /// Of the day so many days from now. `None` for a day that the calendar does not have.
    fn holds_of_day(&self, now: &Zoned, lead: Duration, step: i64) -> Option<bool> {
        let day = now.date().checked_add(jiff::Span::new().days(step)).ok()?;
        if !self.days[usize::from(day.weekday().to_monday_zero_offset().unsigned_abs())] {
            return Some(false);
        }
        let last = if self.until <= self.from { day.tomorrow().ok()? } else { day };
        // On a day on which the clock is set, a time that there is not is the one after the gap.
        let begin = day.to_datetime(self.from).to_zoned(now.time_zone().clone()).ok()?;
        let end = last.to_datetime(self.until).to_zoned(now.time_zone().clone()).ok()?;
        let early = begin.checked_sub(jiff::SignedDuration::try_from(lead).ok()?).ok()?;
        Some(early <= *now && *now < end)
    }
}

impl FromStr for Schedule {
    type Err = BadEntry;

    fn from_str(text: &str) -> Result<Self, BadEntry> {
        let entries = text.split(';').map(str::trim).filter(|entry| !entry.is_empty());
        let read = |entry: &str| read(entry).ok_or_else(|| BadEntry { entry: entry.to_owned() });
        entries.map(read).collect::<Result<_, _>>().map(Self)
    }
}

fn read(entry: &str) -> Option<Entry> {
    let (days, rest) = entry.split_once(' ')?;
    let (times, count) = rest.split_once('=')?;
    let (from, until) = times.trim().split_once('-')?;
    let count = count.trim().parse().ok().filter(|count| (1..=MOST).contains(count))?;
    Some(Entry { days: self::days(days)?, from: time(from)?, until: time(until)?, count })
}

/// `Mo`, `Mo-Fr`, `Mo,We`, `Sa-Mo`.
fn days(text: &str) -> Option<[bool; 7]> {
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        let count = (last + 7 - first) % 7;
        (0..=count).for_each(|step| days[(first + step) % 7] = true);
    }
    Some(days)
}

fn day(name: &str) -> Option<usize> {
    DAYS.iter().position(|day| day.eq_ignore_ascii_case(name.trim()))
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    // Midnight at a day's end is that of the next one.
    let (hour, minute): (i8, i8) = (hour.parse().ok()?, minute.parse().ok()?);
    if (hour, minute) == (24, 0) { Some(Time::midnight()) } else { Time::new(hour, minute, 0, 0).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Duration = Duration::ZERO;

    fn at(text: &str) -> Zoned {
        format!("{text}[Europe/Berlin]").parse().expect("a time")
    }

    fn schedule(text: &str) -> Schedule {
        text.parse().expect("a schedule")
    }

    #[test]
    fn what_holds_at_a_moment_counts_and_the_largest_of_several() {
        let schedule = schedule("Mo-Fr 08:50-10:30=30; Tu 09:00-15:00=16; sa,su 23:00-01:00=5;");
        let cases = [
            ("2026-11-23T08:49:59", 0),
            ("2026-11-23T08:50:00", 30),
            ("2026-11-23T10:30:00", 0),
            ("2026-11-24T10:00:00", 30),
            ("2026-11-24T12:00:00", 16),
            ("2026-11-28T09:00:00", 0),
            ("2026-11-28T23:30:00", 5),
            ("2026-11-30T00:30:00", 5),
            ("2026-11-28T00:30:00", 0),
        ];
        for (moment, count) in cases {
            assert_eq!(schedule.wish_at(&at(moment), NONE), count, "{moment}");
        }
    }

    #[test]
    fn a_class_is_seen_before_it_begins_also_over_midnight() {
        let schedule = schedule("Mo 00:02-01:00=8");
        let lead = Duration::from_secs(300);
        assert_eq!(schedule.wish_at(&at("2026-11-22T23:56:00"), lead), 0);
        assert_eq!(schedule.wish_at(&at("2026-11-22T23:58:00"), lead), 8);
    }

    #[test]
    fn times_are_the_wall_clocks_also_when_that_is_set() {
        // On 2026-03-29 two o'clock is three o'clock in Berlin, and on 2026-10-25 there are two hours between two and three.
        let schedule = schedule("Su 02:30-03:30=4");
        assert_eq!(schedule.wish_at(&at("2026-03-29T01:59:59"), NONE), 0);
        assert_eq!(schedule.wish_at(&at("2026-03-29T03:29:00"), NONE), 0, "the hour is gone");
        assert_eq!(schedule.wish_at(&at("2026-10-25T02:45:00+01:00"), NONE), 4);
        assert_eq!(schedule.wish_at(&at("2026-10-25T03:31:00"), NONE), 0);
    }

    #[test]
    fn a_bad_entry_is_named() {
        for bad in ["Mo", "Mo 8-9=3", "Xx 08:00-09:00=3", "Mo 08:00-09:00", "Mo 08:00-09:00=0", "Mo 25:00-26:00=1"] {
            let error = format!("Mo 08:00-09:00=1; {bad}").parse::<Schedule>().expect_err(bad);
            assert!(error.to_string().starts_with(&format!("`{bad}`")), "{error}");
        }
        assert!(Schedule::default().is_empty() && schedule(" ; ").is_empty());
    }
}
