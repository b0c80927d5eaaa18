//! `POST /account/name` and `/account/email`.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use super::confirm;
use super::home::{self, Typed};
use crate::db::accounts;
use crate::db::users::AccountError;
use crate::domain::account::{DisplayName, Email};
use crate::web::error::WebError;
use crate::web::form;
use crate::web::state::AppState;
use crate::web::views::words::sentence;
use crate::web::visitor::Visitor;

/// Sets how somebody is called.
///
/// # Errors
/// [`WebError::SignInNeeded`] for guests, or a failing database.
pub async fn name(
    request: HttpRequest,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let user = visitor.account()?;
    let form = form::read_any(&request, payload).await?;
    match DisplayName::parse(form.text("name")) {
        Ok(name) => {
            accounts::rename(&state.pool, user.id, &name).await?;
            Ok(home::taken(&request, "name"))
        }
        Err(fault) => {
            let mut typed = Typed { name: Some(form.text("name").to_owned()), ..Typed::default() };
            typed.fault("name", sentence(fault));
            home::refused(&request, &state, &visitor, &typed).await
        }
    }
}

/// Gives the account another address. Asks for the password, and tells the address that it had.
///
/// # Errors
/// [`WebError::SignInNeeded`] for guests, [`WebError::TooMany`] tries, or a failing database.
pub async fn email(
    request: HttpRequest,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let user = visitor.account()?;
    let form = form::read_any(&request, payload).await?;
    let mut typed = Typed { email: Some(form.text("email").to_owned()), ..Typed::default() };
    let email = Email::parse(form.text("email"));
    if let Err(words) = confirm::owner(&state, &visitor, user, form.text("password")).await? {
        typed.fault("email-password", words);
    }
    match email {
        Err(fault) => typed.fault("email", sentence(fault)),
        // Whether somebody has the address is said only to whoever has shown to be the owner.
        Ok(email) if typed.faults.is_empty() => {
            match accounts::change_email(&state.pool, user.id, &visitor.token.hash(), &email).await {
                Ok(()) => {
                    state.mail.notify_one();
                    return Ok(home::taken(&request, "email"));
                }
                Err(AccountError::Database(error)) => return Err(error.into()),
                Err(AccountError::Unknown) => return Err(WebError::SessionEnded),
                Err(taken @ AccountError::AddressTaken) => typed.fault("email", sentence(taken)),
            }
        }
        Ok(_) => {}
    }
    home::refused(&request, &state, &visitor, &typed).await
}
