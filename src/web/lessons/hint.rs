//! `POST /exercises/{id}/hints/{number}`

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::page::LessonPage;
use crate::db::hints;
use crate::domain::ids::ExerciseId;
use crate::web::client;
use crate::web::error::WebError;
use crate::web::form;
use crate::web::state::AppState;
use crate::web::submissions::handed::{self, Typed};
use crate::web::views::hints::{HintView, HintsView};
use crate::web::visitor::Visitor;

/// Opens a hint, counted from 1, and keeps that it is open. The form comes with what is in the editor, so that a page
/// without scripts shows it again.
///
/// Where nobody can be asked who the reader is, or the database is away, the hint opens all the same: it is text of the
/// lesson, and who needs help gets it.
///
/// # Errors
/// [`WebError::UnknownExercise`]; [`WebError::NotFound`] for a hint that is not there.
pub async fn open(
    request: HttpRequest,
    path: web::Path<(String, usize)>,
    state: AppState,
    mut visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let (exercise, number) = path.into_inner();
    let course = std::sync::Arc::clone(state.course());
    let (lesson, placed) = super::exercise(&course, &exercise)?;
    let id = &placed.exercise.id;
    let hint = number.checked_sub(1).and_then(|at| placed.hints.get(at)).ok_or(WebError::NotFound)?;
    let as_json = client::wants_json(&request);
    let form = if as_json { None } else { Some(form::read(&request, payload).await?) };
    let kept = keep(&request, &state, &mut visitor, id, number).await;
    let already = kept.unwrap_or_else(|error| {
        error.log();
        number - 1
    });
    let opened = number.max(already);
    if as_json {
        let view = HintsView::new(&placed.hints, opened);
        return Ok(HttpResponse::Ok().json(json!({ "hint": HintView::new(hint), "next": view.next() })));
    }
    let typed = form.map(|form| (Typed::of_form(&form), handed::basis(&form)));
    let typed = typed.filter(|(typed, _)| !typed.is_empty());
    let typed = typed.map(|(typed, basis)| (id.clone(), typed.shown(), basis.revision));
    LessonPage { typed, hints: Some((id.clone(), opened)), ..LessonPage::new(lesson) }
        .respond(&request, &state, &visitor)
        .await
}

/// How many are open now.
async fn keep(
    request: &HttpRequest,
    state: &AppState,
    visitor: &mut Visitor,
    exercise: &ExerciseId,
    number: usize,
) -> Result<usize, WebError> {
    let user = visitor.author(request, state, false).await?;
    hints::open(&state.pool, user, exercise, i16::try_from(number).unwrap_or(i16::MAX)).await?;
    Ok(hints::opened(&state.pool, user, exercise).await?)
}
