//! `GET /account`: what is kept about somebody, and what they can do with it.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, LOCATION};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use minijinja::{Value, context};
use serde_json::json;

use crate::db::accounts;
use crate::domain::account::User;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::page::{self, Frame};
use crate::web::state::AppState;
use crate::web::views::words;
use crate::web::visitor::Visitor;
use crate::web::{client, progress};

/// What was typed into one of the page's forms, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Typed {
    /// By the id of the field.
    pub faults: BTreeMap<&'static str, String>,
    /// The name, where it is another than the account's.
    pub name: Option<String>,
    /// The address, where it is another than the account's.
    pub email: Option<String>,
    /// The site that was to be disconnected.
    pub issuer: Option<String>,
    /// The word that confirms a deletion.
    pub word: Option<String>,
}

impl Typed {
    /// With this said about a field.
    pub fn fault(&mut self, field: &'static str, words: impl Into<String>) {
        self.faults.insert(field, words.into());
    }
}

/// What has just been done, by the word that stands in the address; no other word is shown.
fn done(word: &str) -> Option<&'static str> {
    match word {
        "name" => Some("Your name is changed."),
        "email" => Some("Your e-mail address is changed. The old one gets a mail about it."),
        "password" => Some("Your password is changed, and all other sessions have ended."),
        "disconnected" => {
            Some("Disconnected: nobody signs in to your account with it any more, and all other sessions have ended.")
        }
        "connected" => Some("Connected: from now on you can sign in with it."),
        _ => None,
    }
}

/// The page, or the account in JSON.
///
/// # Errors
/// [`WebError::SignInNeeded`] for guests, or a failing database.
pub async fn get(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    let user = visitor.account()?;
    if client::wants_json(&request) {
        let account =
            accounts::find(&state.pool, user.id, &visitor.token.hash()).await?.ok_or(WebError::SessionEnded)?;
        return Ok(HttpResponse::Ok().json(json!({
            "id": user.id, "name": user.name, "email": user.email, "role": user.role,
            "created_at": account.created_at.to_string(), "has_password": account.has_password,
            "signs_in_with": account.issuers, "sessions": account.sessions.len(),
        })));
    }
    respond(&request, &state, &visitor, StatusCode::OK, &Typed::default()).await
}

/// The answer to a form of the page that was taken.
#[must_use]
pub fn taken(request: &HttpRequest, word: &str) -> HttpResponse {
    if client::wants_json(request) {
        return HttpResponse::NoContent().finish();
    }
    HttpResponse::SeeOther().insert_header((LOCATION, format!("/account?done={word}"))).finish()
}

/// The answer to one that was not.
///
/// # Errors
/// [`WebError::Unfit`] where JSON is wanted, or a failing database.
pub async fn refused(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    typed: &Typed,
) -> Result<HttpResponse, WebError> {
    if client::wants_json(request) {
        let words: Vec<&str> = typed.faults.values().map(String::as_str).collect();
        return Err(WebError::Unfit(words.join(" ")));
    }
    respond(request, state, visitor, StatusCode::UNPROCESSABLE_ENTITY, typed).await
}

async fn respond(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    status: StatusCode,
    typed: &Typed,
) -> Result<HttpResponse, WebError> {
    let user: &User = visitor.account()?;
    let account = accounts::find(&state.pool, user.id, &visitor.token.hash()).await?.ok_or(WebError::SessionEnded)?;
    let email = user.email.as_ref().map(ToString::to_string).unwrap_or_default();
    let query = Form::parse(request.query_string().as_bytes());
    let now = Timestamp::now();
    let sessions: Vec<Value> = account
        .sessions
        .iter()
        .map(|session| {
            let at = session.begun_at;
            context! { begun => words::ago(at, now), at => at.to_string(), present => session.present }
        })
        .collect();
    let provider = state.settings.accounts.openid.as_deref();
    let connected = provider.is_some_and(|provider| account.issuers.iter().any(|issuer| issuer == provider.issuer()));
    let connections: Vec<Value> = account
        .issuers
        .iter()
        .map(|issuer| {
            let name = provider.filter(|provider| provider.issuer() == issuer).map_or(issuer.as_str(), |p| p.name());
            context! { issuer, name, refused => typed.issuer.as_ref() == Some(issuer) }
        })
        .collect();
    let values = context! {
        name => typed.name.as_deref().unwrap_or(&user.name),
        email => typed.email.as_deref().unwrap_or(&email),
        present_email => email,
        word => typed.word.as_deref().unwrap_or_default(),
        since => words::day(account.created_at),
        has_password => account.has_password,
        faults => typed.faults.clone(),
        done => done(query.text("done")),
        provider => provider.map(|provider| provider.name()),
        connected, connections, sessions,
    };
    let standings = progress::standings_if_known(state, visitor).await;
    let layout = Frame::of_request(request).at("/account".to_owned()).layout(state, "Your account", &standings, None);
    let mut response = page::respond(state, status, &layout, "account.html", context! { account => values })?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
