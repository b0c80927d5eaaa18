//! `POST /consoles/{id}/lines`, `/interrupt` and `/close`: what somebody does at a console, without a socket.

use actix_web::http::header::LOCATION;
use actix_web::web::Payload;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::of_path;
use crate::db::consoles::{self, Said};
use crate::domain::console::{EndReason, Typed};
use crate::domain::ids::{ConsoleId, UserId};
use crate::web::client;
use crate::web::error::{self, WebError};
use crate::web::form;
use crate::web::state::AppState;
use crate::web::visitor::Visitor;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    text: String,
}

/// Types something.
///
/// # Errors
/// [`WebError::NotFound`] for everybody but its owner, or why it is not taken.
pub async fn lines(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let (id, user) = of_path(&path, &visitor)?;
    let text = if form::is_json(&request) {
        form::read_json::<Body>(payload, "the body must be JSON with \"text\", what is typed").await?.text
    } else {
        let form = form::read(&request, payload).await?;
        form::text(form.bytes("text").unwrap_or_default())?.to_owned()
    };
    request.extensions_mut().insert(error::Typed(text.clone()));
    let seen = seen(&request, &state, id).await?;
    said(&state, id, user, lines_of(&text)).await?;
    Ok(done(&request, id, seen))
}

/// Interrupts what runs.
///
/// # Errors
/// As [`lines`].
pub async fn interrupt(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    let (id, user) = of_path(&path, &visitor)?;
    let seen = seen(&request, &state, id).await?;
    said(&state, id, user, Typed::Interrupt).await?;
    Ok(done(&request, id, seen))
}

/// Closes it. One that is over stays as it is.
///
/// # Errors
/// [`WebError::NotFound`] for everybody but its owner.
pub async fn close(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    let (id, user) = of_path(&path, &visitor)?;
    let console = consoles::find(&state.pool, id, user).await?.ok_or(WebError::NotFound)?;
    consoles::end(&state.pool, id, user, EndReason::Closed).await?;
    if client::wants_json(&request) {
        return Ok(HttpResponse::NoContent().finish());
    }
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, console.back)).finish())
}

/// The last piece that was shown before something is typed: a page that follows waits for what comes after it.
async fn seen(request: &HttpRequest, state: &AppState, id: ConsoleId) -> Result<i32, WebError> {
    if client::wants_json(request) {
        return Ok(0);
    }
    Ok(consoles::last(&state.pool, id).await?)
}

fn done(request: &HttpRequest, id: ConsoleId, seen: i32) -> HttpResponse {
    if client::wants_json(request) {
        return HttpResponse::Accepted().finish();
    }
    HttpResponse::SeeOther().insert_header((LOCATION, format!("/consoles/{id}?seen={seen}#line"))).finish()
}

/// What was typed as lines: with ends as Unix has them, and without the last.
#[must_use]
pub fn lines_of(text: &str) -> Typed {
    let text = text.replace("\r\n", "\n");
    Typed::Lines(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

/// Sends it on its way.
///
/// # Errors
/// [`WebError`] says why it is not taken.
pub async fn said(state: &AppState, id: ConsoleId, user: UserId, typed: Typed) -> Result<(), WebError> {
    let limits = &state.settings.consoles.limits;
    let too_many = |wait| WebError::TooMany { what: "lines", wait };
    state.rates.console_inputs.check(&user).map_err(too_many)?;
    if let Typed::Lines(text) = &typed
        && text.len() > limits.line_bytes
    {
        let (bytes, limit) = (text.len(), limits.line_bytes);
        return Err(WebError::Unfit(format!("That has {bytes} bytes; at most {limit} can be typed at once.")));
    }
    match consoles::say(&state.pool, id, user, &typed, limits.waiting_lines).await? {
        Said::Taken => Ok(()),
        Said::TooMuch => Err(too_many(std::time::Duration::from_secs(1))),
        Said::Over if consoles::find(&state.pool, id, user).await?.is_none() => Err(WebError::NotFound),
        Said::Over => Err(WebError::Unfit("This IEx has ended. Open a new one to go on.".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_s_line_ends_are_those_of_unix_and_the_last_one_is_the_terminal_s() {
        for (typed, lines) in [("1 +\r\n2\r\n", "1 +\n2"), ("x", "x"), ("", ""), ("\n", ""), ("a\n\n", "a\n")] {
            assert_eq!(lines_of(typed), Typed::Lines(lines.to_owned()));
        }
    }
}
