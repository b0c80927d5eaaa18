//! `POST /submissions/{id}/report`: a learner's word that a verdict is wrong.

use actix_web::http::header::LOCATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::show;
use crate::db::reports::{self, Filed, MAX_WORDS};
use crate::web::client;
use crate::web::error::WebError;
use crate::web::form;
use crate::web::state::AppState;
use crate::web::visitor::Visitor;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    words: String,
}

/// The words of a form's field `words`, or of JSON with that key: trimmed, not empty, at most [`MAX_WORDS`] letters.
///
/// # Errors
/// [`WebError::BadRequest`] for anything else.
pub async fn words(request: &HttpRequest, payload: Payload) -> Result<String, WebError> {
    let words = if form::is_json(request) {
        form::read_json::<Body>(payload, "the body must be JSON with \"words\", a text").await?.words
    } else {
        form::read(request, payload).await?.text("words").to_owned()
    };
    let words = words.trim();
    match words.chars().count() {
        0 => Err(WebError::BadRequest("write a word or two first")),
        1..=MAX_WORDS => Ok(words.to_owned()),
        _ => Err(WebError::BadRequest("that is too long: 2000 letters at most")),
    }
}

/// Keeps the report. A second one while the first is not answered changes nothing.
///
/// # Errors
/// [`WebError::NotFound`] for everybody who may not see the submission, [`WebError::NotAllowed`] for those who only
/// review it, [`WebError::NoVerdict`] while there is none, [`WebError::TooMany`].
pub async fn report(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let (submission, user) = show::find(&state, &visitor, &path).await?;
    if submission.user != user.id {
        return Err(WebError::NotAllowed);
    }
    let words = words(&request, payload).await?;
    state.rates.reports_account.check(&user.id).map_err(|wait| WebError::TooMany { what: "reports", wait })?;
    let (id, new) = match reports::file(&state.pool, submission.id, &words).await? {
        Filed::Yes(id) => (id, true),
        Filed::OneIsOpen(id) => (id, false),
        Filed::NoVerdict => return Err(WebError::NoVerdict),
    };
    if client::wants_json(&request) {
        let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
        return Ok(answer.json(json!({ "id": id, "submission": submission.id, "new": new })));
    }
    let back = format!("/submissions/{}", submission.id);
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, back)).finish())
}
