//! For `docs/PERFORMANCE.md`.

use super::grid::Grid;
use super::{Report, in_words, verdict};

/// The report as Markdown.
pub fn markdown(report: &Report<'_>) -> String {
    let mut text = format!("{}\n\n{}\n\n", report.machine.in_words(), report.done());
    let Grid { columns, rows } = Grid::of(report);
    text.push_str(&format!("| | {} |\n", columns.join(" | ")));
    text.push_str(&format!("|---|{}\n", "--:|".repeat(columns.len())));
    for (label, cells) in rows {
        text.push_str(&format!("| {label} | {} |\n", cells.join(" | ")));
    }
    text.push('\n');
    for line in report.missing() {
        text.push_str(&format!("- {line}\n"));
    }
    text.push_str("\n| target | |\n|---|---|\n");
    for judged in &report.targets {
        text.push_str(&format!("| {} | {} |\n", in_words(judged), verdict(judged)));
    }
    text.push_str(&format!("\n{}\n", report.noise.in_words()));
    text
}
