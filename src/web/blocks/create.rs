//! `POST /lessons/{slug}/blocks/{n}`

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use crate::content;
use crate::db::programs::{self, NewRun, RunKind};
use crate::domain::block::Block;
use crate::domain::ids::{ImageName, RunId};
use crate::domain::source::SourceCode;
use crate::web::client;
use crate::web::error::WebError;
use crate::web::form;
use crate::web::lessons::page::LessonPage;
use crate::web::programs::requester;
use crate::web::programs::trouble::ProgramTrouble;
use crate::web::state::AppState;
use crate::web::views::block::BlockDesk;
use crate::web::views::exercise::Message;
use crate::web::visitor::Visitor;

/// Has a block run: as it stands in the lesson, or as the reader has changed it. What is refused comes back on the page
/// with what was typed.
///
/// # Errors
/// Where JSON was asked for, every reason to refuse; on a page that there is no such block.
pub async fn create(
    request: HttpRequest,
    path: web::Path<(String, usize)>,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let typed = typed(&request, payload).await?;
    let (slug, number) = path.into_inner();
    let course = std::sync::Arc::clone(state.course());
    let lesson = course.lesson(&slug).ok_or(WebError::NotFound)?;
    let (written, image) = lesson.block(number).ok_or(WebError::NotFound)?;
    let code = typed.as_deref().unwrap_or(written.as_bytes());
    match accept(&request, &state, &visitor, code, image).await {
        Ok(id) if client::wants_json(&request) => {
            let location = format!("{}/runs/{id}", client::root(&request));
            Ok(HttpResponse::Accepted().json(json!({ "id": id, "location": location })))
        }
        Ok(id) => Ok(HttpResponse::SeeOther()
            .insert_header((LOCATION, format!("/lessons/{slug}?block={number}&run={id}#block-{number}")))
            .finish()),
        Err(error) if client::wants_json(&request) => Err(error),
        Err(error) => {
            error.log();
            let problem = error.problem();
            let desk = BlockDesk {
                code: Some(String::from_utf8_lossy(code).into_owned()),
                message: Some(Message::bad(problem.detail)),
                ..BlockDesk::default()
            };
            LessonPage {
                status: StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                block: Some((number, desk)),
                retry_after: problem.retry_after,
                ..LessonPage::new(lesson)
            }
            .respond(&request, &state, &visitor)
            .await
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(default)]
    code: Option<String>,
}

/// What the reader has made of the block, from a form or JSON; `None` where it is to run as it stands.
async fn typed(request: &HttpRequest, payload: Payload) -> Result<Option<Vec<u8>>, WebError> {
    if !form::is_json(request) {
        return Ok(form::read(request, payload).await?.bytes("code").map(<[u8]>::to_vec));
    }
    let Body { code } = form::read_json(payload, "the body must be JSON, and may have \"code\"").await?;
    Ok(code.map(String::into_bytes))
}

async fn accept(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    code: &[u8],
    image: Option<&ImageName>,
) -> Result<RunId, WebError> {
    let limit = state.settings.programs.code_bytes;
    let code = SourceCode::parse(code, limit).map_err(ProgramTrouble::Code)?;
    requester::count(request, state, Some(visitor))?;
    let expressions = content::expressions(code.as_str());
    let block = Block { code: code.as_str().to_owned(), expressions, image: image.cloned() };
    let code = serde_json::to_string(&block).map_err(WebError::internal)?;
    let new = NewRun {
        kind: RunKind::Block,
        language: "elixir",
        code: &code,
        input: "",
        requester: &requester::of_visitor(visitor),
        streams: false,
        room: state.settings.programs.room,
    };
    Ok(programs::accept(&state.pool, &new).await?)
}
