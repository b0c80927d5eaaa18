//! `GET /lessons/{slug}`

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};

use super::page::LessonPage;
use crate::db::queue;
use crate::domain::account::may_see_submission;
use crate::domain::ids::SubmissionId;
use crate::domain::lesson::Lesson;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::state::AppState;
use crate::web::submissions::{shown, wait};
use crate::web::visitor::Visitor;

/// How long the page after a submission waits for the verdict before it says that it is not there yet.
const PATIENCE: Duration = Duration::from_secs(1);

/// Looks after which the page takes its time between two.
const EAGER_LOOKS: u32 = 20;

/// `GET /lessons/{slug}`, and with `?attempt=` the same page waiting for a verdict, for readers without scripts.
///
/// # Errors
/// [`WebError::NotFound`] for unknown lessons and for attempts that are not the reader's.
pub async fn show(
    request: HttpRequest,
    path: web::Path<String>,
    state: web::Data<AppState>,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    let course = std::sync::Arc::clone(&state.course);
    let lesson = course.lesson(&path).ok_or(WebError::NotFound)?;
    visitor.renew(&state).await;
    let query = Form::parse(request.query_string().as_bytes());
    let mut page = LessonPage::new(lesson);
    if let Some(attempt) = query.bytes("attempt") {
        let id = std::str::from_utf8(attempt).ok().and_then(|text| text.parse().ok()).ok_or(WebError::NotFound)?;
        let looks = query.text("look").parse().unwrap_or(0);
        put_attempt(&mut page, &state, &visitor, lesson, id, looks).await?;
    }
    page.respond(&request, &state, &visitor).await
}

async fn put_attempt(
    page: &mut LessonPage<'_>,
    state: &AppState,
    visitor: &Visitor,
    lesson: &Lesson,
    id: SubmissionId,
    looks: u32,
) -> Result<(), WebError> {
    let user = visitor.user()?.ok_or(WebError::NotFound)?;
    let submission = wait::settled(state, id, PATIENCE)
        .await?
        .filter(|submission| may_see_submission(user, submission.user))
        .filter(|submission| lesson.exercises().any(|placed| placed.exercise.id == submission.exercise))
        .ok_or(WebError::NotFound)?;
    let waiting = !submission.state.is_final();
    let place = if waiting { queue::place(&state.pool, id).await? } else { None };
    let mut desk = shown::desk(state, user, &submission, place);
    if waiting {
        desk.refreshing = true;
        let seconds = if looks < EAGER_LOOKS { 1 } else { 5 };
        // The address changes every time: a browser takes one that differs in its fragment only for a jump in the page.
        let url =
            format!("/lessons/{}?attempt={id}&look={}#{}", lesson.slug, looks.saturating_add(1), submission.exercise);
        page.refresh = Some((seconds, url));
    }
    page.desk = Some((submission.exercise, desk));
    Ok(())
}
