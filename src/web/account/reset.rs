//! `/reset`: a new password for whoever can read the mail of an account.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, LOCATION};
use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::{Value, context};
use secrecy::SecretString;

use super::of_guest;
use crate::auth::password;
use crate::auth::token::ResetToken;
use crate::db::sessions::Evidence;
use crate::db::{mails, resets};
use crate::domain::account::{Email, User};
use crate::web::error::WebError;
use crate::web::form::{self, Form};
use crate::web::page::{self, Frame};
use crate::web::state::AppState;
use crate::web::views::words::sentence;
use crate::web::visitor::Visitor;
use crate::web::{client, progress};

/// `GET /reset`: asks for the address.
///
/// # Errors
/// A failing template.
pub async fn get(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    let query = Form::parse(request.query_string().as_bytes());
    let values = context! { asked => query.text("asked") == "yes", email => "" };
    respond(&request, &state, &visitor, StatusCode::OK, "reset.html", values).await
}

/// `POST /reset`: has a link mailed, if anybody has this address. The answer, and the work before it, are the same for all.
///
/// # Errors
/// [`WebError::TooMany`] from one address, or a failing database.
pub async fn post(
    request: HttpRequest,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let address = client::address(&request, state.settings.trust_proxy);
    let too_many = |wait| WebError::TooMany { what: "wishes for a new password", wait };
    state.rates.reset_address.check(&address).map_err(too_many)?;
    let form = form::read_any(&request, payload).await?;
    let json = client::wants_json(&request);
    let email = match Email::parse(form.text("email")) {
        Ok(email) => email,
        Err(fault) if json => return Err(WebError::Unfit(sentence(fault))),
        Err(fault) => {
            let values = context! { asked => false, email => form.text("email"), fault => sentence(fault) };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return respond(&request, &state, &visitor, status, "reset.html", values).await;
        }
    };
    // Past the limit nobody is told: else whoever asks for somebody else would learn when their last mail was, and could
    // fill their mailbox. The links that were sent before still work.
    if state.settings.accounts.mails && state.rates.reset_account.check(&email).is_ok() {
        mails::ask_for_reset(&state.pool, &email).await?;
        state.mail.notify_one();
    }
    Ok(if json {
        HttpResponse::Accepted().finish()
    } else {
        HttpResponse::SeeOther().insert_header((LOCATION, "/reset?asked=yes")).finish()
    })
}

/// `GET /reset/{token}`: asks for the new password. Does not use the link up: mail servers look at links too.
///
/// # Errors
/// A failing database.
pub async fn open(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    let owner = match ResetToken::parse(&path) {
        Some(token) => resets::owner(&state.pool, &token.hash()).await?,
        None => None,
    };
    let bring = true;
    show(&request, &state, &visitor, owner.as_ref(), &path, bring, None).await
}

/// `POST /reset/{token}`: sets the password, ends every session of the account, and begins one here.
///
/// # Errors
/// A failing database.
pub async fn redeem(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    mut visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    // Every try counts, so that nobody makes us hash without end.
    let address = client::address(&request, state.settings.trust_proxy);
    let too_many = |wait| WebError::TooMany { what: "tries with a link", wait };
    state.rates.sign_in_address.check(&address).map_err(too_many)?;
    let form = form::read_any(&request, payload).await?;
    let json = client::wants_json(&request);
    let bring = form.text("bring") == "yes";
    let token = ResetToken::parse(&path);
    let owner = match &token {
        Some(token) => resets::owner(&state.pool, &token.hash()).await?,
        None => None,
    };
    let (Some(owner), Some(token)) = (owner, token) else {
        return if json {
            Err(WebError::NotFound)
        } else {
            show(&request, &state, &visitor, None, "", bring, None).await
        };
    };
    let secret = SecretString::from(form.text("password").to_owned());
    let email = owner.email.as_ref().map(Email::as_str).unwrap_or_default();
    if let Err(weak) = password::check(&secret, &[owner.name.as_str(), email]) {
        let words = sentence(weak);
        return if json {
            Err(WebError::Unfit(words))
        } else {
            show(&request, &state, &visitor, Some(&owner), &path, bring, Some(&words)).await
        };
    }
    let hash = state.passwords.hash(secret).await.map_err(WebError::internal)?;
    let Some(user) = resets::redeem(&state.pool, &token.hash(), &hash).await? else {
        // Another request was quicker with it.
        return if json {
            Err(WebError::NotFound)
        } else {
            show(&request, &state, &visitor, None, "", bring, None).await
        };
    };
    state.mail.notify_one();
    if !visitor.become_user(&request, &state, user, Evidence::Password(&hash), bring).await? {
        // Somebody has set yet another one.
        return Err(WebError::SessionEnded);
    }
    Ok(if json {
        HttpResponse::NoContent().finish()
    } else {
        HttpResponse::SeeOther().insert_header((LOCATION, "/account?done=password")).finish()
    })
}

async fn show(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    owner: Option<&User>,
    token: &str,
    bring: bool,
    fault: Option<&str>,
) -> Result<HttpResponse, WebError> {
    let values = context! {
        token => owner.map(|_| token),
        email => owner.and_then(|owner| owner.email.as_ref()).map(Email::as_str),
        guest => of_guest(state, visitor).await,
        fault, bring,
    };
    let status = match (owner, fault) {
        (None, _) => StatusCode::NOT_FOUND,
        (Some(_), Some(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        (Some(_), None) => StatusCode::OK,
    };
    respond(request, state, visitor, status, "new_password.html", values).await
}

async fn respond(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    status: StatusCode,
    template: &str,
    form: Value,
) -> Result<HttpResponse, WebError> {
    let standings = progress::standings_if_known(state, visitor).await;
    // The address of the page holds the token: no link of it may carry it on.
    let layout = Frame::of_request(request).at("/".to_owned()).layout(state, "A new password", &standings, None);
    let mails = state.settings.accounts.mails;
    let mut response = page::respond(state, status, &layout, template, context! { form, mails })?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
