//! `POST /exercises/{id}/starter`

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::code::Code;
use crate::web::client;
use crate::web::error::WebError;
use crate::web::lessons;
use crate::web::lessons::page::LessonPage;
use crate::web::state::AppState;
use crate::web::submissions::handed::Typed;
use crate::web::views::exercise::{Desk, Message};
use crate::web::visitor::Visitor;

/// What an exercise begins with. A page shows it in the editor, and what was there above it.
///
/// # Errors
/// [`WebError::UnknownExercise`], or a body that cannot be read.
pub async fn starter(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let course = std::sync::Arc::clone(state.course());
    let (lesson, placed) = lessons::exercise(&course, &path)?;
    let exercise = &placed.exercise;
    let starter = if exercise.files.is_empty() {
        Code::Text(exercise.starter.clone())
    } else {
        Code::Files(exercise.files.clone())
    };
    if client::wants_json(&request) {
        return Ok(super::answer(&starter, "The starter is back. Undo brings back what you had."));
    }
    let (typed, basis) = Typed::read(&request, payload).await?;
    let message = Message {
        tone: "good",
        text: "The starter is back. What you had is here until you leave the page.".to_owned(),
        ..Message::default()
    };
    let desk = Desk { kept: Some(typed.shown()), message: Some(message), ..Desk::typed(starter, basis.revision) };
    LessonPage { desk: Some((exercise.id.clone(), desk)), ..LessonPage::new(lesson) }
        .respond(&request, &state, &visitor)
        .await
}
