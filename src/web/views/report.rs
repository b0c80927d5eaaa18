//! What is said against a verdict, and what is answered.

use jiff::Timestamp;
use serde::Serialize;

use super::words;
use crate::db::reports::{Listed, Report};
use crate::db::results::Submission;
use crate::domain::lesson::Course;
use crate::domain::verdict::VerdictKind;

/// What the owner of a submission said against its verdict, or may say.
#[derive(Debug, Clone, Serialize)]
pub struct ReportView {
    id: String,
    words: Option<String>,
    at: String,
    when: String,
    note: Option<String>,
    action: Option<String>,
}

impl ReportView {
    /// `None` where nothing was said and nothing may be: of others' submissions, of what passed, and of what we could not
    /// grade.
    #[must_use]
    pub fn new(submission: &Submission, verdict: VerdictKind, own: bool) -> Option<Self> {
        let report = submission.report.as_ref();
        let answered = report.is_none_or(|report| report.note.is_some());
        let sensible = !matches!(verdict, VerdictKind::Passed | VerdictKind::NotGraded);
        let action = (own && answered && sensible).then(|| format!("/submissions/{}/report", submission.id));
        if !own || (report.is_none() && action.is_none()) {
            return None;
        }
        Some(Self {
            id: submission.id.to_string(),
            words: report.map(|report| report.words.clone()),
            at: report.map(|report| report.created_at.to_string()).unwrap_or_default(),
            when: report.map(|report| words::ago(report.created_at, Timestamp::now())).unwrap_or_default(),
            note: report.and_then(|report| report.note.clone()),
            action,
        })
    }
}

/// A report in JSON.
#[derive(Debug, Clone, Serialize)]
pub struct ReportJson {
    id: String,
    words: String,
    created_at: String,
    answer: Option<String>,
}

impl From<&Report> for ReportJson {
    fn from(report: &Report) -> Self {
        Self {
            id: report.id.to_string(),
            words: report.words.clone(),
            created_at: report.created_at.to_string(),
            answer: report.note.clone(),
        }
    }
}

/// A report as those see it who answer.
#[derive(Debug, Clone, Serialize)]
pub struct ListedView {
    #[serde(flatten)]
    report: ReportJson,
    submission: String,
    exercise: String,
    title: String,
    learner: String,
    email: Option<String>,
    verdict: Option<VerdictKind>,
    verdict_now: Option<VerdictKind>,
    source: String,
    answered_by: Option<String>,
    when: String,
    verdict_word: &'static str,
    verdict_now_word: Option<&'static str>,
}

impl ListedView {
    /// With the exercise's title as the course has it.
    #[must_use]
    pub fn new(listed: &Listed, course: &Course, now: Timestamp) -> Self {
        let title = course
            .exercise(&listed.exercise)
            .map_or_else(|| listed.exercise.to_string(), |(_, placed)| placed.exercise.title.clone());
        Self {
            report: ReportJson::from(&listed.report),
            submission: listed.submission.to_string(),
            exercise: listed.exercise.to_string(),
            title,
            learner: listed.learner.clone(),
            email: listed.email.clone(),
            verdict: listed.verdict,
            verdict_now: listed.verdict_now,
            source: listed.source.clone(),
            answered_by: listed.answered_by.clone(),
            when: words::ago(listed.report.created_at, now),
            verdict_word: listed.verdict.map_or("No verdict", |verdict| words::verdict(verdict).word),
            verdict_now_word: listed.verdict_now.map(|verdict| words::verdict(verdict).word),
        }
    }
}
