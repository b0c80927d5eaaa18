//! `GET /submissions/{id}`

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use minijinja::{Value, context};

use super::shown;
use crate::db::results::{self, Submission};
use crate::db::{hints, queue};
use crate::domain::account::{User, may_review, may_see_submission};
use crate::domain::ids::SubmissionId;
use crate::web::client;
use crate::web::error::WebError;
use crate::web::page::{self, Frame};
use crate::web::progress;
use crate::web::state::AppState;
use crate::web::views::sent;
use crate::web::views::submission::{SubmissionJson, ended_without};
use crate::web::views::waiting::WaitingView;
use crate::web::views::words;
use crate::web::visitor::Visitor;

/// Finds a submission for somebody who may see it. Others hear that there is none, so that ids cannot be tried out.
///
/// # Errors
/// [`WebError::NotFound`], or a failing database.
pub async fn find<'v>(state: &AppState, visitor: &'v Visitor, id: &str) -> Result<(Submission, &'v User), WebError> {
    let user = visitor.user()?.ok_or(WebError::NotFound)?;
    let id: SubmissionId = id.parse().map_err(|_| WebError::NotFound)?;
    let submission = results::find(&state.pool, id).await?.ok_or(WebError::NotFound)?;
    if may_see_submission(user, submission.user) && visitor.may_read_of(submission.user) {
        Ok((submission, user))
    } else {
        Err(WebError::NotFound)
    }
}

/// One submission with its source and result.
///
/// # Errors
/// [`WebError::NotFound`] for everybody who may not see it.
pub async fn show(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    let (submission, user) = find(&state, &visitor, &path).await?;
    let place = if submission.state.is_final() { None } else { queue::place(&state.pool, submission.id).await? };
    if client::wants_json(&request) {
        let verdict = shown::verdict(user, &submission);
        let json = SubmissionJson::new(&submission, verdict.as_ref(), place).with_code(&submission.code);
        return Ok(HttpResponse::Ok().json(json));
    }
    let found = state.course().exercise(&submission.exercise);
    let (slug, lesson, title) = found.map_or_else(
        || (String::new(), "a lesson that is gone".to_owned(), submission.exercise.to_string()),
        |(lesson, placed)| (lesson.slug.to_string(), lesson.title.clone(), placed.exercise.title.clone()),
    );
    let waiting = if submission.state.is_final() { None } else { Some(WaitingView::new(&submission, place, user)) };
    let by_another = (submission.user != user.id).then(|| match &submission.user_email {
        Some(email) => format!("{} ({email})", submission.user_name),
        None => submission.user_name.clone(),
    });
    let hints = if may_review(user) { hints_before(&state, &submission).await? } else { None };
    let past = past(&state, user, submission.id).await?;
    let files = sent::listed(&submission.code);
    let heading = words::kind(submission.kind);
    let values = context! {
        slug => slug.as_str(), lesson, title => title.as_str(), files, waiting, past, hints,
        source_removed => submission.source_removed, details_removed => submission.details_removed,
        exercise => submission.exercise.as_str(),
        kind_word => heading,
        at => submission.created_at.to_string(),
        when => words::ago(submission.created_at, Timestamp::now()),
        learner => by_another, learner_id => submission.user.to_string(),
        result => shown::result(&state, user, &submission),
        superseded => ended_without(submission.state),
    };
    let standings = progress::standings_if_known(&state, &visitor).await;
    let layout = Frame::of_request(&request).layout(&state, &format!("{heading} of {title}"), &standings, Some(&slug));
    page::respond(&state, StatusCode::OK, &layout, "submission.html", context! { submission => values })
}

/// In words how many hints the author had opened, where the exercise has any.
async fn hints_before(state: &AppState, submission: &Submission) -> Result<Option<String>, WebError> {
    let of = state.course().exercise(&submission.exercise).map_or(0, |(_, placed)| placed.hints.len());
    if of == 0 {
        return Ok(None);
    }
    let opened = hints::before(&state.pool, submission.id).await?.min(of);
    Ok(Some(format!("{opened} of {} opened before", words::count(of, "hint"))))
}

/// The verdicts that a submission had before, for a reader: learners see those that stood, as far as they may see them.
async fn past(state: &AppState, viewer: &User, id: SubmissionId) -> Result<Vec<Value>, WebError> {
    let all = results::gradings(&state.pool, id).await?;
    let whole = may_review(viewer);
    let now = Timestamp::now();
    Ok(all
        .iter()
        .filter(|past| !past.standing && (whole || past.applied))
        .map(|past| {
            let verdict = words::verdict(if whole { past.verdict } else { past.shown_verdict });
            context! {
                word => verdict.word, tone => verdict.tone, sign => verdict.sign, at => past.at.to_string(),
                when => words::ago(past.at, now), points => past.points, applied => past.applied,
                version => past.version.to_string(), whole,
            }
        })
        .collect())
}
