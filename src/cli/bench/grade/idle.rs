//! What sandboxes that wait take of the memory: the median of those that there are.
//!
//! Shared pages count in full in the RSS of each, and in parts in the PSS, which is therefore the smaller the more there are.

use std::path::Path;

use super::cgroups::{Own, Tree};
use super::measure::{Measure, Memory};
use super::statistics::median;

/// Bytes in a megabyte.
const MEGABYTE: f64 = 1e6;

/// Reads it for all containers of our own. What may not be read, such as other users' processes, is left out.
#[must_use]
pub fn take(own: &mut Own<'_>) -> Vec<(Measure, f64)> {
    let (groups, tree) = (own.groups(), own.tree);
    let charged: Vec<_> = groups.iter().filter_map(|group| tree.memory_bytes(group)).collect();
    let pages: Vec<_> = groups.iter().filter_map(|group| pages_of(tree, group)).collect();
    let of = |pick: fn(&Pages) -> f64| median(&pages.iter().map(pick).collect::<Vec<_>>());
    [
        (Memory::Cgroup, median(&charged)),
        (Memory::Rss, of(|pages| pages.resident)),
        (Memory::Pss, of(|pages| pages.proportional)),
    ]
    .into_iter()
    .filter_map(|(memory, bytes)| Some((Measure::Idle(memory), bytes? / MEGABYTE)))
    .collect()
}

/// In bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Pages {
    resident: f64,
    proportional: f64,
}

fn pages_of(tree: &Tree, group: &Path) -> Option<Pages> {
    let mut sum = Pages::default();
    for process in tree.processes(group) {
        let text = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
        let pages = parse(&text)?;
        sum = Pages { resident: sum.resident + pages.resident, proportional: sum.proportional + pages.proportional };
    }
    (sum.resident > 0.0).then_some(sum)
}

/// Of `smaps_rollup` (proc(5)), which counts in kibibytes.
fn parse(text: &str) -> Option<Pages> {
    let field = |name: &str| -> Option<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.split_whitespace().next()?.parse::<f64>().ok()? * 1024.0)
    };
    Some(Pages { resident: field("Rss:")?, proportional: field("Pss:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_in_bytes() {
        let text = "5650-7ffc ---p 00000000 00:00 0    [rollup]\nRss:               40 kB\nPss:               30 kB\nPss_Dirty:         20 kB\n";
        assert_eq!(parse(text), Some(Pages { resident: 40960.0, proportional: 30720.0 }));
        assert_eq!(parse("Rss: many kB\n"), None);
    }
}
