//! `POST /account/sign-out-everywhere` and `/account/delete`.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;

use super::confirm;
use super::home::{self, Typed};
use crate::db::accounts::{self, Deletion};
use crate::db::sessions;
use crate::web::error::WebError;
use crate::web::form;
use crate::web::page::{self, Frame};
use crate::web::state::AppState;
use crate::web::visitor::Visitor;
use crate::web::{client, progress};

/// What must be typed to delete an account.
pub const WORD: &str = "delete";

/// Ends every session of somebody, this one included.
///
/// # Errors
/// [`WebError::SignInNeeded`] for guests, or a failing database.
pub async fn everywhere(request: HttpRequest, state: AppState, mut visitor: Visitor) -> Result<HttpResponse, WebError> {
    let user = visitor.account()?.id;
    sessions::end_all(&state.pool, user).await?;
    visitor.leave(&request, &state).await?;
    Ok(gone(&request, "/sign-in"))
}

/// Deletes the account with everything of the person.
///
/// # Errors
/// [`WebError::SignInNeeded`] for guests, [`WebError::TooMany`] tries, or a failing database.
pub async fn delete(
    request: HttpRequest,
    state: AppState,
    mut visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let user = visitor.account()?;
    let form = form::read_any(&request, payload).await?;
    let mut typed = Typed { word: Some(form.text("word").to_owned()), ..Typed::default() };
    if form.text("word").trim() != WORD {
        typed.fault("delete-word", format!("Type the word “{WORD}”, so that this does not happen by a slip."));
    }
    if let Err(words) = confirm::owner(&state, &visitor, user, form.text("password")).await? {
        typed.fault("delete-password", words);
    }
    if typed.faults.is_empty() {
        match accounts::delete(&state.pool, user.id, &visitor.token.hash()).await? {
            Deletion::Done => {
                visitor.leave(&request, &state).await?;
                return Ok(gone(&request, "/account/deleted"));
            }
            Deletion::SignedOut => return Err(WebError::SessionEnded),
            Deletion::LastAdministrator => typed.fault(
                "delete",
                "You are the only administrator. Make somebody else one first: athanor user role EMAIL admin.",
            ),
        }
    }
    home::refused(&request, &state, &visitor, &typed).await
}

fn gone(request: &HttpRequest, to: &str) -> HttpResponse {
    if client::wants_json(request) {
        return HttpResponse::NoContent().finish();
    }
    HttpResponse::SeeOther().insert_header((LOCATION, to)).finish()
}

/// `GET /account/deleted`: what is there to say afterwards.
///
/// # Errors
/// [`WebError::Internal`] when the template cannot be rendered.
pub async fn deleted(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    let standings = progress::standings_if_known(&state, &visitor).await;
    let layout = Frame::of_request(&request).at("/".to_owned()).layout(&state, "Deleted", &standings, None);
    page::respond(&state, StatusCode::OK, &layout, "account_deleted.html", context! {})
}
