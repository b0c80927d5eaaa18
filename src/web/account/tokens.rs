//! `/account/tokens`: the tokens that somebody's programs show. Below `/api/v1` the same in JSON, for whoever has a session:
//! no token makes another.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, LOCATION};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use minijinja::{Value, context};
use serde::Deserialize;
use serde_json::json;

use crate::auth::token::ApiToken;
use crate::db::api_tokens::{self, MakeError, NewToken};
use crate::domain::account::{DisplayName, may_review};
use crate::domain::ids::ApiTokenId;
use crate::domain::scope::{Scope, Scopes};
use crate::web::error::WebError;
use crate::web::form;
use crate::web::page::{self, Frame};
use crate::web::state::AppState;
use crate::web::views::tokens::{TokenJson, TokenView};
use crate::web::views::words::sentence;
use crate::web::visitor::Visitor;
use crate::web::{client, progress};

/// Days that a token may live, as the page offers them; nought is for ever.
const LIFETIMES: [u32; 4] = [30, 90, 365, 0];

/// Longest life of a token that has an end, in days.
const LONGEST_DAYS: u32 = 3650;

/// What was typed or sent to make a token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    name: String,
    scopes: Vec<String>,
    /// Nought and null are for ever.
    #[serde(default = "usual_days")]
    expires_days: Option<u32>,
}

/// How long a token lives where nothing is said, in days: none lives for ever by an oversight.
const fn usual_days() -> Option<u32> {
    Some(LIFETIMES[1])
}

/// Why no token was made, at the field that it is about.
#[derive(Debug, Default)]
struct Faults {
    name: Option<String>,
    scopes: Option<String>,
    other: Option<String>,
}

impl Asked {
    /// What the form of the page begins with.
    fn at_first() -> Self {
        Self { name: String::new(), scopes: Vec::new(), expires_days: usual_days() }
    }

    async fn read(request: &HttpRequest, payload: Payload) -> Result<Self, WebError> {
        if form::is_json(request) {
            let shape = "the body must be JSON with \"name\" and \"scopes\", a list, and may have \"expires_days\"";
            return form::read_json(payload, shape).await;
        }
        let form = form::read(request, payload).await?;
        Ok(Self {
            name: form.text("name").to_owned(),
            scopes: form.texts("scope").map(str::to_owned).collect(),
            expires_days: form.text("expires_days").parse().map_or_else(|_| usual_days(), Some),
        })
    }

    /// What it is about, if it is.
    fn checked(&self) -> Result<(DisplayName, Scopes, Option<Duration>), Faults> {
        let name = DisplayName::parse(&self.name);
        let scopes = Scopes::parse(self.scopes.iter().map(String::as_str));
        let days = self.expires_days.filter(|days| *days > 0);
        let too_long = days.is_some_and(|days| days > LONGEST_DAYS);
        match (name, scopes) {
            (Ok(name), Ok(scopes)) if !too_long => {
                Ok((name, scopes, days.map(|days| Duration::from_secs(u64::from(days) * 24 * 3600))))
            }
            (name, scopes) => Err(Faults {
                name: name.err().map(sentence),
                scopes: scopes.err().map(sentence),
                other: too_long.then(|| format!("A token that ends does so within {LONGEST_DAYS} days.")),
            }),
        }
    }
}

impl Faults {
    fn is_empty(&self) -> bool {
        self.name.is_none() && self.scopes.is_none() && self.other.is_none()
    }

    fn words(&self) -> String {
        [&self.name, &self.scopes, &self.other].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ")
    }
}

/// Somebody's tokens, and the form for another.
///
/// # Errors
/// [`WebError::SignInNeeded`], or a failing database.
pub async fn list(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    let user = visitor.account()?;
    if client::wants_json(&request) {
        let now = Timestamp::now();
        let tokens = api_tokens::list(&state.pool, user.id).await?;
        let tokens: Vec<TokenJson> = tokens.iter().map(|token| TokenJson::new(token, now)).collect();
        return Ok(HttpResponse::Ok().json(json!({ "tokens": tokens })));
    }
    respond(&request, &state, &visitor, StatusCode::OK, &Asked::at_first(), &Faults::default(), None).await
}

/// Makes a token, and shows it this once.
///
/// # Errors
/// [`WebError::SignInNeeded`], or a failing database; where JSON was asked for, all that is wrong with what was sent.
pub async fn make(
    request: HttpRequest,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let user = visitor.account()?;
    let asked = Asked::read(&request, payload).await?;
    let json = client::wants_json(&request);
    let made = match asked.checked() {
        Ok((name, scopes, lifetime)) => {
            let token = ApiToken::new().map_err(WebError::internal)?;
            let (hash, session) = (token.hash(), visitor.token.hash());
            let new = NewToken {
                user: user.id,
                session: Some(&session),
                name: &name,
                hash: &hash,
                scopes: &scopes,
                lifetime,
            };
            match api_tokens::make(&state.pool, &new).await {
                Ok(id) => Ok((id, token)),
                Err(MakeError::Database(error)) => return Err(error.into()),
                Err(MakeError::UnknownUser) => return Err(WebError::SessionEnded),
                Err(error @ MakeError::TooMany) => Err(Faults { other: Some(sentence(error)), ..Faults::default() }),
            }
        }
        Err(faults) => Err(faults),
    };
    let (status, faults, made) = match made {
        Ok(made) => (StatusCode::CREATED, Faults::default(), Some(made)),
        Err(faults) => (StatusCode::UNPROCESSABLE_ENTITY, faults, None),
    };
    let mut response = match (&made, json) {
        (Some((id, token)), true) => HttpResponse::Created().json(json!({ "id": id, "token": token.as_str() })),
        (None, true) => return Err(WebError::Unfit(faults.words())),
        (made, false) => {
            let asked = if made.is_some() { Asked::at_first() } else { asked };
            let shown = made.as_ref().map(|(_, token)| token.as_str());
            respond(&request, &state, &visitor, status, &asked, &faults, shown).await?
        }
    };
    // The token is nowhere else, and is not to be in a browser's memory either.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `POST /account/tokens/{id}/revoke`, `DELETE /api/v1/account/tokens/{id}`: ends a token.
///
/// # Errors
/// [`WebError::SignInNeeded`]; [`WebError::NotFound`] when it is not theirs or was ended before.
pub async fn revoke(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    let user = visitor.account()?;
    let id: ApiTokenId = path.parse().map_err(|_| WebError::NotFound)?;
    if !api_tokens::revoke(&state.pool, user.id, id).await? {
        return Err(WebError::NotFound);
    }
    if client::wants_json(&request) {
        return Ok(HttpResponse::NoContent().finish());
    }
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, "/account/tokens")).finish())
}

async fn respond(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    status: StatusCode,
    asked: &Asked,
    faults: &Faults,
    made: Option<&str>,
) -> Result<HttpResponse, WebError> {
    let user = visitor.account()?;
    let now = Timestamp::now();
    let rows: Vec<TokenView> =
        api_tokens::list(&state.pool, user.id).await?.iter().map(|token| TokenView::new(token, now)).collect();
    let chosen = |scope: Scope| asked.scopes.iter().any(|name| name == scope.as_str());
    let scopes: Vec<Value> = Scope::ALL
        .into_iter()
        .filter(|scope| !scope.is_for_reviewers() || may_review(user))
        .map(|scope| context! { name => scope.as_str(), words => scope.words(), chosen => chosen(scope) })
        .collect();
    let lifetimes: Vec<Value> = LIFETIMES
        .into_iter()
        .map(|days| {
            let words = if days == 0 { "never".to_owned() } else { format!("after {days} days") };
            context! { days, words, chosen => asked.expires_days.unwrap_or(0) == days }
        })
        .collect();
    let faulty = !faults.is_empty();
    let tokens = context! {
        rows, scopes, lifetimes, made, faulty,
        name => asked.name.as_str(),
        name_fault => faults.name.as_deref(), scopes_fault => faults.scopes.as_deref(), fault => faults.other.as_deref(),
    };
    let standings = progress::standings_if_known(state, visitor).await;
    let layout = Frame::of_request(request).at("/account/tokens".to_owned()).layout(state, "Tokens", &standings, None);
    page::respond(state, status, &layout, "tokens.html", context! { tokens })
}
