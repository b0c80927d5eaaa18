//! `POST /exercises/{id}/console` and `POST /lessons/{slug}/blocks/{n}/console`: open a console with the code of the page.

use std::time::Duration;

use actix_web::http::header::LOCATION;
use actix_web::web::Payload;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use crate::content;
use crate::db::consoles::{self, NewConsole, OpenRefused};
use crate::domain::code::FilesRejected;
use crate::domain::console::Start;
use crate::domain::ids::ConsoleId;
use crate::domain::source::{SourceCode, SourceRejected};
use crate::web::client;
use crate::web::drafts::save;
use crate::web::error::{self, WebError};
use crate::web::form;
use crate::web::lessons;
use crate::web::state::AppState;
use crate::web::submissions::handed::Typed;
use crate::web::visitor::Visitor;

/// How long a console that was just opened waits for its page, in any case.
const COMING: Duration = Duration::from_secs(30);

/// When somebody may ask again for whom there was no place in the queue.
const PLACE: Duration = Duration::from_secs(10);

impl From<OpenRefused> for WebError {
    fn from(refused: OpenRefused) -> Self {
        match refused {
            OpenRefused::Database(error) => Self::Database(error),
            OpenRefused::TooManyWaiting { .. } => Self::TooMany { what: "consoles", wait: PLACE },
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    files: Option<Vec<File>>,
    #[serde(default)]
    code: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    text: String,
}

/// Opens one with what is in an exercise's editors.
///
/// # Errors
/// [`WebError`] says why not. What was typed stands on the page that says so.
pub async fn exercise(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    mut visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let (typed, form) = match body(&request, payload).await? {
        Sent::Form(form) => (Typed::of_form(&form), Some(form)),
        Sent::Json(Body { files: Some(files), .. }) => {
            (Typed::Files(files.into_iter().map(|file| (file.name, file.text.into_bytes())).collect()), None)
        }
        Sent::Json(Body { source, .. }) => (Typed::Text(source.unwrap_or_default().into_bytes()), None),
    };
    request.extensions_mut().insert(error::Typed(typed.shown().listing()));
    let course = std::sync::Arc::clone(state.course());
    let (lesson, placed) = lessons::exercise(&course, &path)?;
    // A page without scripts leads away from the editors: what is in them is there when one comes back.
    if let Some(form) = form.as_ref().filter(|_| !client::wants_json(&request))
        && let Err(error) = save::saved(&request, &state, &mut visitor, placed, form).await
    {
        return save::shown(&request, &state, &visitor, (lesson, placed), form, &error).await;
    }
    let tests = &placed.exercise.tests;
    // Whoever has not begun may look around.
    let own = match typed.accepted(tests, state.settings.source_bytes) {
        Ok(code) => code.sources(tests.language),
        Err(
            WebError::Source(SourceRejected::Empty) | WebError::Files(FilesRejected::Together(SourceRejected::Empty)),
        ) => Vec::new(),
        Err(error) => return Err(error),
    };
    let files = tests.support.iter().cloned().chain(own).collect();
    let start = Start { files, typed: Vec::new(), image: tests.image.clone() };
    let back = format!("/lessons/{}#{}", lesson.slug, placed.exercise.id);
    open(&request, &state, visitor, (&placed.exercise.title, &back), &start).await
}

/// Opens one in which a block of a lesson is typed, as it stands there or as the reader has changed it.
///
/// # Errors
/// [`WebError`] says why not.
pub async fn block(
    request: HttpRequest,
    path: web::Path<(String, usize)>,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let (slug, number) = path.into_inner();
    let typed = match body(&request, payload).await? {
        Sent::Form(form) => form.bytes("code").map(<[u8]>::to_vec),
        Sent::Json(Body { code, .. }) => code.map(String::into_bytes),
    };
    let course = std::sync::Arc::clone(state.course());
    let lesson = course.lesson(&slug).ok_or(WebError::NotFound)?;
    let (written, image) = lesson.block(number).ok_or(WebError::NotFound)?;
    let code = SourceCode::parse(typed.as_deref().unwrap_or(written.as_bytes()), state.settings.programs.code_bytes)?;
    // Without the empty lines that keep an expression on its own line: nobody types these.
    let typed = content::expressions(code.as_str())
        .iter()
        .flat_map(|expression| expression.trim_start_matches('\n').lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let (title, back) = (format!("{}, example {number}", lesson.title), format!("/lessons/{slug}#block-{number}"));
    open(&request, &state, visitor, (&title, &back), &Start { files: Vec::new(), typed, image: image.cloned() }).await
}

enum Sent {
    Form(form::Form),
    Json(Body),
}

async fn body(request: &HttpRequest, payload: Payload) -> Result<Sent, WebError> {
    if !form::is_json(request) {
        return Ok(Sent::Form(form::read(request, payload).await?));
    }
    let shape = "the body must be JSON, and may have \"source\" or \"files\", or \"code\" for an example";
    Ok(Sent::Json(form::read_json(payload, shape).await?))
}

async fn open(
    request: &HttpRequest,
    state: &AppState,
    mut visitor: Visitor,
    (title, back): (&str, &str),
    start: &Start,
) -> Result<HttpResponse, WebError> {
    let settings = &state.settings.consoles;
    if !settings.enabled {
        return Err(WebError::NotFound);
    }
    let address = client::address(request, state.settings.trust_proxy);
    let too_many = |wait| WebError::TooMany { what: "consoles", wait };
    state.rates.programs_address.check(&address).map_err(too_many)?;
    let user = visitor.author(request, state, false).await?;
    state.rates.consoles_account.check(&user).map_err(too_many)?;
    let start = serde_json::to_string(start).map_err(WebError::internal)?;
    let new = NewConsole {
        user,
        title,
        back,
        start: &start,
        attach: COMING.max(settings.limits.grace()),
        waiting: settings.max_waiting,
    };
    let id: ConsoleId = consoles::open(&state.pool, &new).await?;
    if !client::wants_json(request) {
        return Ok(HttpResponse::SeeOther().insert_header((LOCATION, format!("/consoles/{id}"))).finish());
    }
    let location = format!("{}/consoles/{id}", client::root(request));
    let socket = format!("{location}/socket");
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, location.clone()))
        .json(json!({ "id": id, "location": location, "socket": socket })))
}
