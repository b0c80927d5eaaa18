//! Versions beside a draft: `POST /exercises/{id}/draft/others/{other}/take` and `…/drop`, and putting an attempt into the
//! editor, `POST /exercises/{id}/draft/restore`. Their twins are below `/api/v1`.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::save;
use crate::db::drafts;
use crate::domain::ids::{DraftOtherId, ExerciseId};
use crate::web::client;
use crate::web::error::WebError;
use crate::web::form::{self, Form};
use crate::web::lessons;
use crate::web::state::AppState;
use crate::web::submissions::show;
use crate::web::views::draft::draft_json;
use crate::web::visitor::Visitor;

fn other_id(text: &str) -> Result<DraftOtherId, WebError> {
    text.parse().map_err(|_| WebError::NotFound)
}

/// Makes a version the draft. What is in the page's editors is saved first, and kept in its place.
///
/// # Errors
/// [`WebError::NotFound`] for versions of others; on a page, what keeps the editors' code from being saved is said there.
pub async fn take(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    state: AppState,
    mut visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let course = std::sync::Arc::clone(state.course());
    let found = lessons::exercise(&course, &path.0)?;
    let (exercise, other) = (&found.1.exercise.id, other_id(&path.1)?);
    if client::wants_json(&request) {
        let user = visitor.user()?.ok_or(WebError::NotFound)?.id;
        super::count(&state, user)?;
        let draft = drafts::take(&state.pool, user, exercise, other).await?;
        return Ok(HttpResponse::Ok().json(draft_json(&draft)));
    }
    let form = form::read(&request, payload).await?;
    match save::saved(&request, &state, &mut visitor, found.1, &form).await {
        Ok(user) => drafts::take(&state.pool, user, exercise, other).await?,
        Err(error) => return save::shown(&request, &state, &visitor, found, &form, &error).await,
    };
    Ok(save::back(found))
}

/// Lets a version go. What is in the page's editors is saved first.
///
/// # Errors
/// As [`take`].
pub async fn drop(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    state: AppState,
    mut visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    if client::wants_json(&request) {
        let exercise = ExerciseId::parse(&path.0).map_err(|_| WebError::UnknownExercise)?;
        let user = visitor.user()?.ok_or(WebError::NotFound)?.id;
        super::count(&state, user)?;
        let gone = drafts::drop_other(&state.pool, user, &exercise, other_id(&path.1)?).await?;
        return if gone { Ok(HttpResponse::NoContent().finish()) } else { Err(WebError::NotFound) };
    }
    let course = std::sync::Arc::clone(state.course());
    let found = lessons::exercise(&course, &path.0)?;
    let other = other_id(&path.1)?;
    let form = form::read(&request, payload).await?;
    match save::saved(&request, &state, &mut visitor, found.1, &form).await {
        Ok(user) => std::mem::drop(drafts::drop_other(&state.pool, user, &found.1.exercise.id, other).await?),
        Err(error) => return save::shown(&request, &state, &visitor, found, &form, &error).await,
    }
    Ok(save::back(found))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Restore {
    submission: String,
}

/// Makes an attempt's code the draft. What was the draft is kept beside it, unless it is an attempt itself.
///
/// # Errors
/// [`WebError::NotFound`] for attempts of others or of another exercise, or whose code was removed.
pub async fn restore(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let course = std::sync::Arc::clone(state.course());
    let found = lessons::exercise(&course, &path)?;
    let id = wanted(&request, payload).await?;
    let (submission, viewer) = show::find(&state, &visitor, &id).await?;
    let user = viewer.id;
    if submission.user != user || submission.exercise != found.1.exercise.id || submission.source_removed {
        return Err(WebError::NotFound);
    }
    super::count(&state, user)?;
    let draft = drafts::restore(&state.pool, user, &submission.exercise, &submission.code).await?;
    if client::wants_json(&request) {
        return Ok(HttpResponse::Ok().json(draft_json(&draft)));
    }
    Ok(save::back(found))
}

async fn wanted(request: &HttpRequest, payload: Payload) -> Result<String, WebError> {
    if !form::is_json(request) {
        let form: Form = form::read(request, payload).await?;
        return Ok(form.text("submission").to_owned());
    }
    let shape = "the body must be JSON with \"submission\", the id of an attempt";
    Ok(form::read_json::<Restore>(payload, shape).await?.submission)
}
