//! `GET /exercises/{id}/attempts`

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use minijinja::context;

use crate::db::history::{self, Filter};
use crate::domain::account::may_review;
use crate::domain::ids::{ExerciseId, SubmissionId};
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::page::{self, Frame};
use crate::web::progress;
use crate::web::state::AppState;
use crate::web::views::rows::RowView;
use crate::web::visitor::Visitor;

/// Attempts on one page.
const PAGE: usize = 25;

/// Somebody's own attempts at an exercise, newest first.
///
/// # Errors
/// [`WebError::UnknownExercise`], or a failing database.
pub async fn list(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    let exercise = ExerciseId::parse(&path).map_err(|_| WebError::UnknownExercise)?;
    let found = state.course().exercise(&exercise);
    let before: Option<SubmissionId> = Form::parse(request.query_string().as_bytes()).text("before").parse().ok();
    let mut entries = match visitor.user()? {
        None => Vec::new(),
        Some(user) => {
            let filter = Filter { user: Some(user.id), exercise: Some(exercise.clone()), ..Filter::default() };
            history::page(&state.pool, &filter, before, PAGE as i64 + 1).await?
        }
    };
    // Of an exercise that the course has no more, those who tried it find their attempts.
    if found.is_none() && entries.is_empty() {
        return Err(WebError::UnknownExercise);
    }
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let older =
        entries.last().filter(|_| more).map(|last| format!("/exercises/{exercise}/attempts?before={}", last.id));
    let whole = visitor.user_if_known().is_some_and(may_review);
    let now = Timestamp::now();
    let rows: Vec<RowView> = entries
        .iter()
        .map(|entry| RowView::new(entry, if whole { entry.verdict } else { entry.shown_verdict }, state.course(), now))
        .collect();
    let title = found.map_or(exercise.as_str(), |(_, placed)| placed.exercise.title.as_str());
    let slug = found.map(|(lesson, _)| lesson.slug.as_str());
    let standings = progress::standings_if_known(&state, &visitor).await;
    let layout = Frame::of_request(&request).layout(&state, &format!("Your attempts: {title}"), &standings, slug);
    let attempts = context! { slug, exercise => exercise.as_str(), title, rows, older };
    page::respond(&state, StatusCode::OK, &layout, "attempts.html", context! { attempts })
}
