//! Regrades: what each would change, those first who lose or win by it.

use jiff::Timestamp;
use serde::Serialize;

use super::words::{self, Badge};
use crate::db::regrades::{Changed, Regrade, State};
use crate::domain::lesson::Course;
use crate::domain::regrade::{Change, Tally};
use crate::domain::verdict::VerdictKind;

/// Submissions of each kind of change that the page lists; the JSON lists all.
const LISTED: usize = 200;

/// A regrade in JSON.
#[derive(Debug, Clone, Serialize)]
pub struct RegradeJson {
    regrade: String,
    exercise: String,
    to_version: String,
    state: &'static str,
    take_back: bool,
    submissions: i32,
    /// Submissions of it that are not judged yet.
    open: i64,
    asked_by: String,
    since: Option<String>,
    created_at: String,
    /// What came of it, once it was applied.
    outcome: Option<Tally>,
}

impl From<&Regrade> for RegradeJson {
    fn from(regrade: &Regrade) -> Self {
        Self {
            regrade: regrade.id.to_string(),
            exercise: regrade.exercise.to_string(),
            to_version: regrade.to_version.to_string(),
            state: regrade.state.as_str(),
            take_back: regrade.take_back,
            submissions: regrade.submissions,
            open: regrade.open,
            asked_by: regrade.asked_by.clone(),
            since: regrade.since.map(|at| at.to_string()),
            created_at: regrade.created_at.to_string(),
            outcome: regrade.outcome,
        }
    }
}

/// A regrade on a page.
#[derive(Debug, Clone, Serialize)]
pub struct RegradeView {
    id: String,
    title: String,
    version: String,
    at: String,
    when: String,
    asked_by: String,
    since: Option<String>,
    take_back: bool,
    submissions: String,
    /// How it stands, in words.
    standing: String,
    /// Whether somebody is to decide on it now.
    ready: bool,
    /// Whether it may be dropped.
    unended: bool,
}

impl RegradeView {
    /// With the exercise's title as the course has it.
    #[must_use]
    pub fn new(regrade: &Regrade, course: &Course, now: Timestamp) -> Self {
        let title = course
            .exercise(&regrade.exercise)
            .map_or_else(|| regrade.exercise.to_string(), |(_, placed)| placed.exercise.title.clone());
        let unended = regrade.state == State::Computing;
        Self {
            id: regrade.id.to_string(),
            title,
            version: regrade.to_version.to_string(),
            at: regrade.created_at.to_string(),
            when: words::ago(regrade.created_at, now),
            asked_by: regrade.asked_by.clone(),
            since: regrade.since.map(words::day),
            take_back: regrade.take_back,
            submissions: words::count(usize::try_from(regrade.submissions).unwrap_or(0), "submission"),
            standing: standing(regrade),
            ready: unended && regrade.open == 0,
            unended,
        }
    }
}

fn standing(regrade: &Regrade) -> String {
    match (regrade.state, regrade.open, regrade.outcome) {
        (State::Computing, 0, _) => "waits for a decision".to_owned(),
        (State::Computing, open, _) => format!("{open} left to judge"),
        (State::Applied, _, Some(tally)) => {
            format!("applied: {} lost, {} won", tally.losers, tally.winners)
        }
        (State::Applied, _, None) => "applied".to_owned(),
        (State::Discarded, ..) => "discarded".to_owned(),
    }
}

/// One submission of a regrade, in JSON as on the command line.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeJson {
    submission: String,
    learner: String,
    email: Option<String>,
    before: VerdictKind,
    after: VerdictKind,
    points_before: i32,
    points_after: i32,
}

/// Every submission of a kind of change.
#[must_use]
pub fn of_kind(changes: &[Changed], kind: Change) -> Vec<ChangeJson> {
    changes
        .iter()
        .filter(|changed| changed.change == kind)
        .map(|changed| ChangeJson {
            submission: changed.submission.to_string(),
            learner: changed.learner.clone(),
            email: changed.email.clone(),
            before: changed.before,
            after: changed.after,
            points_before: changed.points.0,
            points_after: changed.points.1,
        })
        .collect()
}

/// The submissions of one kind of change on a page.
#[derive(Debug, Clone, Serialize)]
pub struct GroupView {
    title: String,
    rows: Vec<ChangeView>,
    more: usize,
}

#[derive(Debug, Clone, Serialize)]
struct ChangeView {
    submission: String,
    learner: String,
    email: Option<String>,
    before: VerdictView,
    after: VerdictView,
}

#[derive(Debug, Clone, Serialize)]
struct VerdictView {
    word: &'static str,
    tone: &'static str,
    sign: &'static str,
    points: i32,
}

impl VerdictView {
    fn new(verdict: VerdictKind, points: i32) -> Self {
        let Badge { word, tone, sign } = words::verdict(verdict);
        Self { word, tone, sign, points }
    }
}

/// What changes, losers first and then winners; kinds of change that nobody meets are left out. `done` says whether it
/// has happened.
#[must_use]
pub fn groups(changes: &[Changed], done: bool) -> Vec<GroupView> {
    let kinds = [
        (Change::Loser, "did not pass any more", "would not pass any more"),
        (Change::Winner, "passed by it", "would pass now"),
        (Change::NotGraded, "could not be graded; their verdict stayed", "could not be graded; their verdict stays"),
        (Change::Other, "got another verdict or other points", "would get another verdict or other points"),
    ];
    let group = |(kind, after, before): (Change, &str, &str)| {
        let of_kind = || changes.iter().filter(|changed| changed.change == kind);
        let count = of_kind().count();
        (count > 0).then(|| GroupView {
            title: format!("{} {}", words::count(count, "submission"), if done { after } else { before }),
            rows: of_kind().take(LISTED).map(row).collect(),
            more: count.saturating_sub(LISTED),
        })
    };
    kinds.into_iter().filter_map(group).collect()
}

fn row(changed: &Changed) -> ChangeView {
    ChangeView {
        submission: changed.submission.to_string(),
        learner: changed.learner.clone(),
        email: changed.email.clone(),
        before: VerdictView::new(changed.before, changed.points.0),
        after: VerdictView::new(changed.after, changed.points.1),
    }
}
