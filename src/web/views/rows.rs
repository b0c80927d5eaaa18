//! Rows of attempts and of everybody's submissions.

use jiff::Timestamp;
use serde::Serialize;

use super::words;
use crate::db::history::Entry;
use crate::domain::lesson::Course;
use crate::domain::verdict::VerdictKind;

/// A submission in a table.
#[derive(Debug, Clone, Serialize)]
pub struct RowView {
    id: String,
    at: String,
    when: String,
    kind_word: &'static str,
    verdict_word: &'static str,
    tone: &'static str,
    sign: &'static str,
    title: String,
    learner: String,
    email: Option<String>,
}

impl RowView {
    /// A row; whoever lists it says which of the two verdicts its reader may see.
    #[must_use]
    pub fn new(entry: &Entry, verdict: Option<VerdictKind>, course: &Course, now: Timestamp) -> Self {
        let badge = verdict.map_or_else(|| words::state(entry.state), words::verdict);
        let title = course
            .exercise(&entry.exercise)
            .map_or_else(|| entry.exercise.to_string(), |(_, placed)| placed.exercise.title.clone());
        Self {
            id: entry.id.to_string(),
            at: entry.created_at.to_string(),
            when: words::ago(entry.created_at, now),
            kind_word: words::kind(entry.kind),
            verdict_word: badge.word,
            tone: badge.tone,
            sign: badge.sign,
            title,
            learner: entry.user_name.clone(),
            email: entry.user_email.clone(),
        }
    }
}
