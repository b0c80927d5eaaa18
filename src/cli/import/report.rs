//! What an import says at its end.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use crate::cli::Format;
use crate::content::import::{Finding, Lesson, Weight};
use crate::domain::ids::ExerciseId;

/// What was imported, and what was not.
pub(super) struct Report {
    pub lessons: Vec<Lesson>,
    pub passing: BTreeSet<ExerciseId>,
    pub findings: Vec<Finding>,
    /// Whether the exercises were run.
    pub ran: bool,
}

impl Report {
    pub fn count(&self, weight: Weight) -> usize {
        self.findings.iter().filter(|finding| finding.weight == weight).count()
    }
}

/// Prints it.
pub(super) fn print(report: &Report, dest: &Path, format: Format) {
    match format {
        Format::Json => println!("{}", in_json(report)),
        Format::Human => print!("{}", for_people(report, dest)),
    }
}

fn in_json(report: &Report) -> serde_json::Value {
    let lessons: Vec<_> = report
        .lessons
        .iter()
        .map(|lesson| {
            let passes = report.passing.contains(&lesson.slug);
            json!({"id": lesson.slug, "file": lesson.path, "starter_passes": passes})
        })
        .collect();
    json!({"lessons": lessons, "findings": report.findings, "ran": report.ran})
}

fn for_people(report: &Report, dest: &Path) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        text.push_str(&finding.line_about(finding.file.trim_end_matches('/')));
        text.push('\n');
    }
    let count = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    if report.lessons.is_empty() {
        text.push_str("nothing was imported: no exercise could be taken\n");
        return text;
    }
    text.push_str(&format!(
        "{} in {}, {} of them with a starter that passes; {} left out, {}, {}\n",
        count(report.lessons.len(), "lesson"),
        dest.display(),
        report.passing.len(),
        count(report.count(Weight::LeftOut), "thing"),
        count(report.count(Weight::Warning), "warning"),
        count(report.count(Weight::Notice), "notice"),
    ));
    if !report.ran {
        text.push_str(&format!("nothing was run: `athanor check {}` says which references pass\n", dest.display()));
    }
    text
}
