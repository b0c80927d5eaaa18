//! What memory there is, and what containers take of it.

use std::path::Path;

/// How much of the time programs may wait for memory before it counts as pressure, in hundredths: the kernel's average over
/// ten seconds of the time in which at least one did.
const PRESSURE: f64 = 10.0;

/// Memory of the machine.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Memory {
    /// All of it, in bytes.
    pub total: u64,
    /// What could be given to programs without taking it from others, in bytes.
    pub available: u64,
    /// Whether programs wait for it.
    pub pressed: bool,
}

/// Memory of processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Resident, in bytes: what is shared counts in full for each.
    pub rss: u64,
    /// Proportional, in bytes: what is shared counts in equal parts, so that a sum over all is what they really take.
    pub pss: u64,
}

impl Memory {
    /// Looks. What a kernel does not tell counts as nothing.
    #[must_use]
    pub fn look() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        Self::parse(&read("/proc/meminfo"), &read("/proc/pressure/memory"))
    }

    /// Reads `/proc/meminfo` (proc(5)) and `/proc/pressure/memory` (Linux, "Pressure Stall Information").
    fn parse(meminfo: &str, pressure: &str) -> Self {
        let some = pressure.lines().find_map(|line| line.strip_prefix("some ")).unwrap_or_default();
        let average = some.split(' ').find_map(|field| field.strip_prefix("avg10=")?.parse::<f64>().ok());
        Self {
            total: kilobytes(meminfo, "MemTotal:"),
            available: kilobytes(meminfo, "MemAvailable:"),
            pressed: average.is_some_and(|percent| percent > PRESSURE),
        }
    }
}

impl Taken {
    /// By these processes together.
    #[must_use]
    pub fn by(processes: &[i32]) -> Self {
        let mut sum = Self::default();
        for process in processes {
            let file = Path::new("/proc").join(process.to_string()).join("smaps_rollup");
            let text = std::fs::read_to_string(file).unwrap_or_default();
            sum.rss += kilobytes(&text, "Rss:");
            sum.pss += kilobytes(&text, "Pss:");
        }
        sum
    }
}

/// The number of kilobytes after this word, in bytes.
fn kilobytes(text: &str, name: &str) -> u64 {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix("kB")?.trim().parse().ok());
    value.unwrap_or(0_u64) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_read() {
        let meminfo = "MemTotal:       2000 kB\nMemFree:  10 kB\nMemAvailable:    1500 kB\n";
        let calm = "some avg10=0.00 avg60=1.00 avg300=0.00 total=1\nfull avg10=50.00 avg60=0.00 avg300=0.00 total=1\n";
        let seen = Memory::parse(meminfo, calm);
        assert_eq!(seen, Memory { total: 2000 * 1024, available: 1500 * 1024, pressed: false });
        assert!(Memory::parse(meminfo, "some avg10=12.50 avg60=0.00 avg300=0.00 total=1\n").pressed);
        assert!(!Memory::parse(meminfo, "").pressed, "a kernel that does not tell");
    }

    #[test]
    fn a_process_takes_no_more_in_parts_than_as_a_whole() {
        let own = Taken::by(&[i32::try_from(std::process::id()).unwrap_or(1)]);
        assert!(own.pss > 0 && own.pss <= own.rss, "{own:?}");
    }
}
