//! `GET /exercises/{id}/attempts`, and for those who review `GET /instructor/exercises/{id}/learners/{user}/attempts`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use minijinja::{Value, context};
use serde_json::json;

use crate::db::attempts;
use crate::db::history::{self, Filter};
use crate::domain::account::may_review;
use crate::domain::ids::{ExerciseId, SubmissionId, UserId};
use crate::web::client;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::page::{self, Frame};
use crate::web::progress;
use crate::web::state::AppState;
use crate::web::views::attempts::{AttemptView, timeline};
use crate::web::visitor::Visitor;

/// Attempts on one page.
const PAGE: usize = 25;

/// Somebody's attempts at an exercise, as far as one page holds them.
struct Page {
    attempts: Vec<AttemptView>,
    /// Where the next page begins.
    older: Option<SubmissionId>,
    /// Whose they are, where there are any.
    learner: Option<String>,
}

/// Somebody's own attempts at an exercise, newest first, with what changed from each to the next.
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
    let page = match visitor.user()? {
        None => Page { attempts: Vec::new(), older: None, learner: None },
        Some(user) => read(&request, &state, user.id, &exercise, may_review(user)).await?,
    };
    // Of an exercise that the course has no more, those who tried it find their attempts.
    if state.course().exercise(&exercise).is_none() && page.attempts.is_empty() {
        return Err(WebError::UnknownExercise);
    }
    let place = format!("{}/exercises/{exercise}/attempts", client::root(&request));
    respond(&request, &state, &visitor, &exercise, Shown { page, place, own: true }).await
}

/// A learner's attempts at an exercise, for those who review.
///
/// # Errors
/// [`WebError::SignInNeeded`], [`WebError::NotAllowed`]; [`WebError::NotFound`] where there are none.
pub async fn of_learner(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    state: AppState,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    visitor.reviewer()?;
    let exercise = ExerciseId::parse(&path.0).map_err(|_| WebError::UnknownExercise)?;
    let learner: UserId = path.1.parse().map_err(|_| WebError::NotFound)?;
    let page = read(&request, &state, learner, &exercise, true).await?;
    if page.attempts.is_empty() {
        return Err(WebError::NotFound);
    }
    let place = format!("{}/instructor/exercises/{exercise}/learners/{learner}/attempts", client::root(&request));
    respond(&request, &state, &visitor, &exercise, Shown { page, place, own: false }).await
}

async fn read(
    request: &HttpRequest,
    state: &AppState,
    user: UserId,
    exercise: &ExerciseId,
    whole: bool,
) -> Result<Page, WebError> {
    let before: Option<SubmissionId> = Form::parse(request.query_string().as_bytes()).text("before").parse().ok();
    let filter = Filter { user: Some(user), exercise: Some(exercise.clone()), ..Filter::default() };
    // One more than is shown, which the last one is compared with.
    let entries = history::page(&state.pool, &filter, before, PAGE as i64 + 1).await?;
    let ids: Vec<SubmissionId> = entries.iter().map(|entry| entry.id).collect();
    let attempts = attempts::of(&state.pool, &ids).await?;
    let older = (entries.len() > PAGE).then(|| entries[PAGE - 1].id);
    let learner = entries.first().map(|entry| match &entry.user_email {
        Some(email) => format!("{} ({email})", entry.user_name),
        None => entry.user_name.clone(),
    });
    let now = Timestamp::now();
    let attempts = web::block(move || timeline(&entries, &attempts, PAGE, whole, now));
    Ok(Page { attempts: attempts.await.map_err(WebError::internal)?, older, learner })
}

struct Shown {
    page: Page,
    place: String,
    own: bool,
}

async fn respond(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    exercise: &ExerciseId,
    Shown { page, place, own }: Shown,
) -> Result<HttpResponse, WebError> {
    let older = page.older.map(|last| format!("{place}?before={last}"));
    if client::wants_json(request) {
        let attempts: Vec<&serde_json::Value> = page.attempts.iter().map(AttemptView::json).collect();
        return Ok(HttpResponse::Ok().json(json!({ "exercise": exercise, "attempts": attempts, "older": older })));
    }
    let found = state.course().exercise(exercise);
    let title = found.map_or(exercise.as_str(), |(_, placed)| placed.exercise.title.as_str());
    let slug = found.map(|(lesson, _)| lesson.slug.as_str());
    let learner = page.learner.filter(|_| !own);
    let heading = match &learner {
        Some(learner) => format!("Attempts of {learner}: {title}"),
        None => format!("Your attempts: {title}"),
    };
    let rows: Vec<Value> = page.attempts.iter().map(|row| Value::from(minijinja::value::Serde(row))).collect();
    let standings = progress::standings_if_known(state, visitor).await;
    let layout = Frame::of_request(request).layout(state, &heading, &standings, slug);
    let values = context! { slug, exercise => exercise.as_str(), heading => heading.as_str(), rows, older, own };
    page::respond(state, StatusCode::OK, &layout, "attempts.html", context! { attempts => values })
}
