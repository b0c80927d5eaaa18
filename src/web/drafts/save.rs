//! `POST /exercises/{id}/draft`: saves what is in the form's editors, for readers without scripts.
//!
//! After a conflict the page has two buttons. `keep` names the draft that was shown and is to be replaced; `yield` leaves the
//! editors to it, and keeps what was typed beside it.

use actix_web::http::header::LOCATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;

use super::trouble::DraftTrouble;
use crate::db::drafts;
use crate::domain::code::Code;
use crate::domain::draft::Basis;
use crate::domain::ids::UserId;
use crate::domain::lesson::{Lesson, PlacedExercise};
use crate::web::error::WebError;
use crate::web::form::{self, Form};
use crate::web::lessons;
use crate::web::lessons::page::LessonPage;
use crate::web::state::AppState;
use crate::web::submissions::create::refused;
use crate::web::submissions::handed::{self, Typed};
use crate::web::views::exercise::{Desk, Message};
use crate::web::visitor::Visitor;

/// Saves, and comes back to the same place.
///
/// # Errors
/// [`WebError::UnknownExercise`]; everything else is said on the page, with what was typed.
pub async fn post(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    mut visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let course = std::sync::Arc::clone(state.course());
    let form = form::read(&request, payload).await?;
    let found = lessons::exercise(&course, &path)?;
    match saved(&request, &state, &mut visitor, found.1, &form).await {
        Ok(_) => Ok(back(found)),
        Err(error) => shown(&request, &state, &visitor, found, &form, &error).await,
    }
}

/// To the exercise.
pub(super) fn back((lesson, placed): (&Lesson, &PlacedExercise)) -> HttpResponse {
    let place = format!("/lessons/{}#{}", lesson.slug, placed.exercise.id);
    HttpResponse::SeeOther().insert_header((LOCATION, place)).finish()
}

/// Saves what a form holds; answers whose it is.
///
/// # Errors
/// Whatever is wrong with it.
pub(in crate::web) async fn saved(
    request: &HttpRequest,
    state: &AppState,
    visitor: &mut Visitor,
    placed: &PlacedExercise,
    form: &Form,
) -> Result<UserId, WebError> {
    let exercise = &placed.exercise;
    let (user, code) = written(request, state, visitor, placed, form, form.text("as_guest") == "yes").await?;
    if form.text("yield") == "yes" {
        drafts::keep_beside(&state.pool, user, &exercise.id, &code, Timestamp::now()).await?;
        return Ok(user);
    }
    let basis = match form.text("keep").parse() {
        Ok(shown) => Basis { revision: Some(shown), writer: None },
        Err(_) => handed::basis(form),
    };
    drafts::put(&state.pool, user, &exercise.id, &code, basis).await?;
    Ok(user)
}

/// Keeps what a form holds for whoever signs in next in this browser: as the draft of a guest, which is brought along.
///
/// # Errors
/// Whatever is wrong with it.
pub(in crate::web) async fn saved_for_later(
    request: &HttpRequest,
    state: &AppState,
    visitor: &mut Visitor,
    placed: &PlacedExercise,
    form: &Form,
) -> Result<(), WebError> {
    let (guest, code) = written(request, state, visitor, placed, form, true).await?;
    drafts::put(&state.pool, guest, &placed.exercise.id, &code, Basis { revision: None, writer: None }).await?;
    Ok(())
}

/// What a form holds, as a draft, and whose it is; it counts as one that they save.
async fn written(
    request: &HttpRequest,
    state: &AppState,
    visitor: &mut Visitor,
    placed: &PlacedExercise,
    form: &Form,
    as_guest: bool,
) -> Result<(UserId, Code), WebError> {
    let code = Typed::of_form(form).as_draft(&placed.exercise.tests, state.settings.source_bytes)?;
    let user = visitor.author(request, state, as_guest).await?;
    super::count(state, user)?;
    Ok((user, code))
}

/// The page with what was typed, and why it is not saved.
///
/// # Errors
/// As [`LessonPage::respond`].
pub(in crate::web) async fn shown(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    (lesson, placed): (&Lesson, &PlacedExercise),
    form: &Form,
    error: &WebError,
) -> Result<HttpResponse, WebError> {
    let (typed, basis) = (Typed::of_form(form), handed::basis(form));
    let WebError::Draft(trouble @ DraftTrouble::Changed(draft)) = error else {
        return refused(request, state, visitor, (lesson, placed), (&typed, basis), error).await;
    };
    let problem = trouble.problem();
    let mut desk = Desk::typed(typed.shown(), basis.revision);
    desk.draft = desk.draft.against(draft, Timestamp::now());
    desk.message = Some(Message { tone: "warn", text: problem.detail, ..Message::default() });
    LessonPage {
        status: actix_web::http::StatusCode::CONFLICT,
        desk: Some((placed.exercise.id.clone(), desk)),
        ..LessonPage::new(lesson)
    }
    .respond(request, state, visitor)
    .await
}
