//! For people at a terminal.

use super::grid::Grid;
use super::{Report, in_words, verdict};

/// The report as text.
pub fn text(report: &Report<'_>) -> String {
    let mut text = format!("{}\n\n{}\n", report.done(), Grid::of(report).aligned());
    for line in report.missing() {
        text.push_str(&format!("{line}\n"));
    }
    for contender in report.measured().filter(|one| one.variant().is_some()) {
        if let [Some(p50), Some(rate), Some(cpu)] = report.times_cold(contender) {
            text.push_str(&format!("{contender} against cold: p50 {p50:.0}×, rate {rate:.1}×, CPU {cpu:.1}×\n"));
        }
    }
    // Of the short measurement most targets would be unknown.
    if report.plan.rounds > 1 || !report.plan.loads.is_empty() {
        text.push_str("\nTargets:\n");
        for judged in &report.targets {
            text.push_str(&format!("  {:<8} {}\n", verdict(judged), in_words(judged)));
        }
    }
    text.push_str(&format!("\n{}\n{}\n", report.noise.in_words(), report.machine.in_words()));
    text
}
