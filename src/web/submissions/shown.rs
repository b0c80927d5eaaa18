//! What of a submission its reader may see, and in which words.

use jiff::Timestamp;

use crate::db::results::Submission;
use crate::domain::account::{User, may_review};
use crate::domain::exercise::Language;
use crate::domain::verdict::Verdict;
use crate::domain::wait::Place;
use crate::web::state::AppState;
use crate::web::views::exercise::{Desk, Message};
use crate::web::views::report::ReportView;
use crate::web::views::result::{Judged, ResultView};
use crate::web::views::sent::Sent;
use crate::web::views::submission::ended_without;
use crate::web::views::waiting::WaitingView;

/// The verdict as `viewer` may see it: those who review see hidden cases too.
#[must_use]
pub fn verdict(viewer: &User, submission: &Submission) -> Option<Verdict> {
    let verdict = submission.verdict.clone()?;
    Some(if may_review(viewer) { verdict } else { verdict.for_learner() })
}

/// The result in words, once there is one.
#[must_use]
pub fn result(state: &AppState, viewer: &User, submission: &Submission) -> Option<ResultView> {
    let verdict = verdict(viewer, submission)?;
    let language = state
        .course()
        .exercise(&submission.exercise)
        .map_or(Language::Elixir, |(_, placed)| placed.exercise.tests.language);
    let result = ResultView::new(Judged {
        id: submission.id,
        kind: submission.kind,
        at: submission.created_at,
        now: Timestamp::now(),
        sent: Sent::new(&submission.code, language),
        verdict: &verdict,
    });
    Some(result.with_newer(newer(state, submission)).with_report(ReportView::new(
        submission,
        verdict.kind,
        submission.user == viewer.id,
    )))
}

/// Where the present version of the exercise is, if the submission is of an older one.
fn newer(state: &AppState, submission: &Submission) -> Option<String> {
    let published = state.published();
    let (lesson, _) = published.course.exercise(&submission.exercise)?;
    let present = published.versions.get(&submission.exercise)?;
    (*present != submission.version).then(|| format!("/lessons/{}#{}", lesson.slug, submission.exercise))
}

/// What a submission leaves at its exercise: the code, and the result or that it is waited for.
#[must_use]
pub fn desk(state: &AppState, viewer: &User, submission: &Submission, place: Option<Place>) -> Desk {
    let result = result(state, viewer, submission);
    let waiting = !submission.state.is_final();
    Desk {
        code: Some(submission.code.clone()),
        message: ended_without(submission.state).map(|text| Message {
            tone: "warn",
            text: text.to_owned(),
            ..Message::default()
        }),
        waiting: waiting.then(|| WaitingView::new(submission, place, viewer)),
        result,
        sent_at: Some(submission.created_at),
        of_another: submission.user != viewer.id,
        ..Desk::default()
    }
}
