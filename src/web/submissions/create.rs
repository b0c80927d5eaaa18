//! `POST /exercises/{id}/submissions`
//!
//! A program may add `?wait=SECONDS`: the answer then is `200` with the submission if its verdict comes in that time, else
//! `202` as always. A *run* whose waiting request is closed by its client is called off.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Payload;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use serde_json::json;
use uuid::Uuid;

use super::cancel::WhileWaitedFor;
use super::handed::{Handed, Typed};
use super::{shown, wait};
use crate::db::results;
use crate::db::submissions::{self, AcceptError, Accepted, NewSubmission};
use crate::domain::draft::Basis;
use crate::domain::lesson::{Lesson, PlacedExercise};
use crate::domain::submission::{GradingState, Kind};
use crate::web::client;
use crate::web::error::{self, WebError};
use crate::web::form::Form;
use crate::web::lessons;
use crate::web::lessons::page::LessonPage;
use crate::web::state::AppState;
use crate::web::views::exercise::{Desk, Message};
use crate::web::views::submission::SubmissionJson;
use crate::web::visitor::Visitor;

/// Takes a submission in. What is refused comes back on the page with what was typed.
///
/// # Errors
/// Where JSON was asked for, every reason to refuse; on a page those that leave no exercise to show it at.
pub async fn create(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    mut visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let wait = patience(&request)?;
    let handed = Handed::read(&request, payload).await?;
    let course = std::sync::Arc::clone(state.course());
    let (lesson, placed) = lessons::exercise(&course, &path).inspect_err(|_| {
        request.extensions_mut().insert(error::Typed(handed.code.shown().listing()));
    })?;
    match accept(&request, &state, &mut visitor, placed, &handed).await {
        Ok(accepted) if client::wants_json(&request) => {
            as_json(client::root(&request), &state, &visitor, accepted, handed.kind()?, wait).await
        }
        Ok(accepted) => Ok(HttpResponse::SeeOther()
            .insert_header((
                LOCATION,
                format!("/lessons/{}?attempt={}#{}", lesson.slug, accepted.id, placed.exercise.id),
            ))
            .finish()),
        Err(error) if client::wants_json(&request) => Err(error),
        Err(error) => refused(&request, &state, &visitor, (lesson, placed), (&handed.code, handed.basis), &error).await,
    }
}

async fn accept(
    request: &HttpRequest,
    state: &AppState,
    visitor: &mut Visitor,
    placed: &PlacedExercise,
    handed: &Handed,
) -> Result<Accepted, WebError> {
    let (kind, version, key) = (handed.kind()?, handed.version()?, handed.key()?);
    let code = handed.code.accepted(&placed.exercise.tests, state.settings.source_bytes)?;
    let address = client::address(request, state.settings.trust_proxy);
    let too_many = |wait| WebError::TooMany { what: "submissions", wait };
    state.rates.submissions_address.check(&address).map_err(too_many)?;
    let user = visitor.author(request, state, handed.as_guest).await?;
    state.rates.submissions_account.check(&user).map_err(too_many)?;
    let new = NewSubmission {
        user,
        exercise: &placed.exercise.id,
        version,
        kind,
        code: &code,
        key,
        draft: Some(handed.basis),
        max_waiting: state.settings.max_waiting,
    };
    match submissions::accept(&state.pool, &new).await {
        // A page that was loaded from the browser's memory has the key of its first submission still in it.
        Err(AcceptError::KeyReused) if !client::wants_json(request) => {
            Ok(submissions::accept(&state.pool, &NewSubmission { key: Uuid::now_v7(), ..new }).await?)
        }
        accepted => Ok(accepted?),
    }
}

/// Longest time that a request may wait for its verdict.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How long the request says that it waits.
fn patience(request: &HttpRequest) -> Result<Duration, WebError> {
    let query = Form::parse(request.query_string().as_bytes());
    let Some(_) = query.bytes("wait") else { return Ok(Duration::ZERO) };
    let seconds = query.text("wait").parse().ok().map(Duration::from_secs).filter(|wait| *wait <= LONGEST_WAIT);
    seconds.ok_or(WebError::BadRequest("'wait' takes whole seconds, 60 at most"))
}

async fn as_json(
    root: &str,
    state: &AppState,
    visitor: &Visitor,
    accepted: Accepted,
    kind: Kind,
    wait: Duration,
) -> Result<HttpResponse, WebError> {
    let location = format!("{root}/submissions/{}", accepted.id);
    if wait > Duration::ZERO {
        let waited_for = WhileWaitedFor::new(state, accepted.id, kind);
        let settled = wait::settled(state, accepted.id, wait).await;
        waited_for.over();
        if let (Some(submission), Some(user)) = (settled?, visitor.user()?)
            && submission.state.is_final()
        {
            let verdict = shown::verdict(user, &submission);
            return Ok(HttpResponse::Ok().insert_header((LOCATION, location)).json(SubmissionJson::new(
                &submission,
                verdict.as_ref(),
                None,
            )));
        }
    }
    let standing = if accepted.replayed {
        results::find(&state.pool, accepted.id).await?.map(|submission| submission.state)
    } else {
        Some(GradingState::Queued)
    };
    Ok(HttpResponse::Accepted().insert_header((LOCATION, location.clone())).json(json!({
        "id": accepted.id,
        "state": standing.unwrap_or(GradingState::Queued).as_str(),
        "events": format!("{location}/events"),
        "location": location,
        "key": Uuid::now_v7(),
    })))
}

/// The page again, with what was typed and why it was not taken.
///
/// # Errors
/// As [`LessonPage::respond`].
pub async fn refused(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    (lesson, placed): (&Lesson, &PlacedExercise),
    (code, basis): (&Typed, Basis),
    error: &WebError,
) -> Result<HttpResponse, WebError> {
    error.log();
    let problem = error.problem();
    let ours = problem.status >= 500 || problem.status == 429;
    let message = Message {
        tone: if ours { "warn" } else { "bad" },
        text: problem.detail,
        session_ended: matches!(error, WebError::SessionEnded),
        provider: state.settings.accounts.provider_name().map(str::to_owned),
    };
    let faulty_file = match error {
        WebError::Files(rejected) => rejected.file().map(str::to_owned),
        _ => None,
    };
    let desk = Desk { message: Some(message), faulty_file, ..Desk::typed(code.shown(), basis.revision) };
    LessonPage {
        status: StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        desk: Some((placed.exercise.id.clone(), desk)),
        retry_after: problem.retry_after,
        ..LessonPage::new(lesson)
    }
    .respond(request, state, visitor)
    .await
}
