//! `POST /api/v1/run/{language}`

use actix_web::http::header::ACCEPT;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};

use super::asked::{Asked, Form};
use super::{requester, stream, wait};
use crate::db::programs::{self, NewRun, RunKind};
use crate::domain::ids::RunId;
use crate::web::error::WebError;
use crate::web::state::AppState;

/// Runs a program: with `Accept: text/event-stream` what it writes is sent as it writes it, else the result when it is
/// there.
///
/// # Errors
/// Everything that is in the way of a result.
pub async fn run(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let asked = Asked::read(&request, &state, &path, payload, Form::Strict).await?;
    let streams = wants_stream(&request);
    let id = accept(&request, &state, &asked, streams).await?;
    let deadline = wait::deadline(&state, asked.time_ms);
    if streams {
        return Ok(stream::respond(&request, &state, id, deadline));
    }
    let result = wait::result(&state, id, deadline).await?;
    Ok(HttpResponse::Ok().json(result))
}

fn wants_stream(request: &HttpRequest) -> bool {
    request
        .headers()
        .get_all(ACCEPT)
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/event-stream"))
}

/// Puts a program into the queue.
///
/// # Errors
/// When this requester, or everybody together, asks for too much; or a failing database.
pub async fn accept(request: &HttpRequest, state: &AppState, asked: &Asked, streams: bool) -> Result<RunId, WebError> {
    let requester = requester::of_api(request, state).await?;
    let new = NewRun {
        kind: RunKind::Program,
        language: asked.language.as_str(),
        code: asked.code.as_str(),
        input: &asked.input,
        requester: &requester,
        streams,
        room: state.settings.programs.room,
    };
    Ok(programs::accept(&state.pool, &new).await?)
}
