//! `GET /lessons/{slug}`

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};

use super::page::LessonPage;
use crate::db::queue;
use crate::domain::account::may_see_submission;
use crate::domain::ids::{RunId, SubmissionId};
use crate::domain::lesson::Lesson;
use crate::web::blocks;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::kept;
use crate::web::state::AppState;
use crate::web::submissions::{shown, wait};
use crate::web::visitor::Visitor;

/// How long the page after a submission waits for the verdict before it says that it is not there yet.
const PATIENCE: Duration = Duration::from_secs(1);

/// Looks after which the page takes its time between two.
const EAGER_LOOKS: u32 = 20;

/// `GET /lessons/{slug}`, and with `?attempt=` or `?run=` the same page waiting for a verdict or for what comes of a block,
/// for readers without scripts.
///
/// # Errors
/// [`WebError::NotFound`] for unknown lessons and for attempts that are not the reader's.
pub async fn show(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    let course = std::sync::Arc::clone(state.course());
    let lesson = course.lesson(&path).ok_or(WebError::NotFound)?;
    visitor.renew(&state).await;
    if kept::serves(&request, &visitor) {
        let html = LessonPage::new(lesson).html(&request, &state, &visitor);
        return state.published().pages.page(&request, lesson.slug.as_str(), html).await;
    }
    let query = Form::parse(request.query_string().as_bytes());
    let mut page = LessonPage::new(lesson);
    if let Some(attempt) = query.bytes("attempt") {
        let id = std::str::from_utf8(attempt).ok().and_then(|text| text.parse().ok()).ok_or(WebError::NotFound)?;
        let looks = query.text("look").parse().unwrap_or(0);
        put_attempt(&mut page, &state, &visitor, lesson, id, looks).await?;
    }
    if let Some(run) = query.bytes("run") {
        let id = std::str::from_utf8(run).ok().and_then(|text| text.parse().ok()).ok_or(WebError::NotFound)?;
        let number = query.text("block").parse().map_err(|_| WebError::NotFound)?;
        lesson.block(number).ok_or(WebError::NotFound)?;
        let looks = query.text("look").parse().unwrap_or(0);
        put_run(&mut page, &state, &visitor, number, id, looks).await?;
    }
    page.respond(&request, &state, &visitor).await
}

/// What comes of a block, which the page waits for as it does for a verdict. One that is gone by now leaves the page as it
/// is without it.
async fn put_run(
    page: &mut LessonPage<'_>,
    state: &AppState,
    visitor: &Visitor,
    number: usize,
    id: RunId,
    looks: u32,
) -> Result<(), WebError> {
    let run = match blocks::show::settled(state, visitor, id, PATIENCE).await {
        Err(WebError::NotFound) => return Ok(()),
        run => run?,
    };
    let desk = blocks::show::desk(&run);
    if desk.waiting.is_some() {
        let seconds = if looks < EAGER_LOOKS { 1 } else { 5 };
        let (slug, look) = (&page.lesson.slug, looks.saturating_add(1));
        page.refresh = Some((seconds, format!("/lessons/{slug}?block={number}&run={id}&look={look}#block-{number}")));
    }
    page.block = Some((number, desk));
    Ok(())
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
