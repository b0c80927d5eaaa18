//! `GET` and `POST /password`: a new password, which ends all other sessions.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;
use secrecy::SecretString;

use super::confirm;
use crate::auth::password;
use crate::db::accounts;
use crate::domain::account::{Email, User};
use crate::web::error::WebError;
use crate::web::form::{self, Form};
use crate::web::page::{self, Frame};
use crate::web::state::AppState;
use crate::web::views::words::sentence;
use crate::web::visitor::Visitor;
use crate::web::{client, local_path, progress};

/// The form.
///
/// # Errors
/// [`WebError::SignInNeeded`] for guests.
pub async fn get(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    visitor.account()?;
    let form = Form::parse(request.query_string().as_bytes());
    respond(&request, &state, &visitor, &form, StatusCode::OK, None).await
}

/// Sets the password.
///
/// # Errors
/// [`WebError::SignInNeeded`] for guests, or a failing database.
pub async fn post(
    request: HttpRequest,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let user = visitor.account()?;
    let email = user.email.as_ref().ok_or(WebError::SignInNeeded)?;
    let form = form::read_any(&request, payload).await?;
    if let Some(fault) = fault(&state, &visitor, user, email, &form).await? {
        if client::wants_json(&request) {
            return Err(WebError::Unfit(fault));
        }
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return respond(&request, &state, &visitor, &form, status, Some(&fault)).await;
    }
    let secret = SecretString::from(form.text("password").to_owned());
    let hash = state.passwords.hash(secret).await.map_err(WebError::internal)?;
    if !accounts::change_password(&state.pool, user.id, &visitor.token.hash(), &hash).await? {
        return Err(WebError::SessionEnded);
    }
    state.mail.notify_one();
    if client::wants_json(&request) {
        return Ok(HttpResponse::NoContent().finish());
    }
    let next = local_path::or_home(form.text("next"));
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, next)).finish())
}

/// Why the password is not changed.
async fn fault(
    state: &AppState,
    visitor: &Visitor,
    user: &User,
    email: &Email,
    form: &Form,
) -> Result<Option<String>, WebError> {
    if !visitor.must_change_password()
        && let Err(words) = confirm::owner(state, visitor, user, form.text("current")).await?
    {
        return Ok(Some(words));
    }
    let secret = SecretString::from(form.text("password").to_owned());
    let weak = password::check(&secret, &[user.name.as_str(), email.as_str()]).err();
    Ok(weak.map(sentence))
}

/// Whether there is a present password to ask for.
async fn has_password(state: &AppState, visitor: &Visitor) -> Result<bool, WebError> {
    let account = accounts::find(&state.pool, visitor.account()?.id, &visitor.token.hash()).await?;
    Ok(account.is_some_and(|account| account.has_password))
}

async fn respond(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    form: &Form,
    status: StatusCode,
    message: Option<&str>,
) -> Result<HttpResponse, WebError> {
    let values = context! {
        next => local_path::or_home(form.text("next")),
        message,
        one_time => visitor.must_change_password(),
        present => !visitor.must_change_password() && has_password(state, visitor).await?,
    };
    let standings = progress::standings_if_known(state, visitor).await;
    let layout = Frame::of_request(request).at("/".to_owned()).layout(state, "A new password", &standings, None);
    page::respond(state, status, &layout, "password.html", context! { form => values })
}
