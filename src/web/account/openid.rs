//! `POST /openid` and `GET /openid/callback`: signing in with an account of another site, and connecting one; and
//! `POST /account/disconnect`.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, LOCATION};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;

use super::confirm;
use super::home::{self, Typed};
use crate::auth::openid::{Error, Person, Provider};
use crate::auth::token::FlowState;
use crate::db::accounts;
use crate::db::identities::{self, Connection, Disconnection, Flow};
use crate::db::sessions::Evidence;
use crate::db::users::AccountError;
use crate::domain::account::{DisplayName, Email, User};
use crate::domain::ids::ExerciseId;
use crate::web::drafts::save;
use crate::web::error::WebError;
use crate::web::form::{self, Form};
use crate::web::page::{self, Frame};
use crate::web::problems::percent;
use crate::web::state::AppState;
use crate::web::visitor::Visitor;
use crate::web::{client, local_path, progress};

/// How long somebody may take at the other site.
const AWAY: Duration = Duration::from_secs(600);

/// Why nothing is taken away.
const NOT_CONNECTED: &str = "It is not connected to this account, or not any more.";

/// Why the only way in is not taken away.
const NO_PASSWORD: &str =
    "This account has no password yet, so you could not sign in any more. Choose one first, then disconnect.";

fn provider(state: &AppState) -> Result<&Provider, WebError> {
    state.settings.accounts.openid.as_deref().ok_or(WebError::NotFound)
}

/// Sends somebody to the other site. A page does it, not a redirect: the policy of our pages lets forms lead to ourselves only, and
/// browsers hold redirects of a form to it.
///
/// # Errors
/// [`WebError::NotFound`] without a provider, [`WebError::TooMany`] tries, or a failing database.
pub async fn depart(
    request: HttpRequest,
    state: AppState,
    mut visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let provider = provider(&state)?;
    let form = form::read(&request, payload).await?;
    let address = client::address(&request, state.settings.trust_proxy);
    let too_many = |wait| WebError::TooMany { what: "attempts to sign in", wait };
    state.rates.sign_in_address.check(&address).map_err(too_many)?;
    let connect = if form.text("connect") == "yes" {
        let user = visitor.account()?;
        // It opens another way in, for good.
        if let Err(words) = confirm::owner(&state, &visitor, user, form.text("password")).await? {
            let mut typed = Typed::default();
            typed.fault("connect-password", words);
            return home::refused(&request, &state, &visitor, &typed).await;
        }
        Some(user.id)
    } else {
        None
    };
    let mut next = local_path::or_home(form.text("next")).to_owned();
    let mut bring = form.text("bring") == "yes";
    // Whose session ended while they worked at an exercise: the code cannot travel along, so it waits here.
    let course = std::sync::Arc::clone(state.course());
    let returning = ExerciseId::parse(form.text("return_exercise")).ok();
    if let Some(found) = returning.as_ref().and_then(|id| course.exercise(id)) {
        if let Err(error) = save::saved_for_later(&request, &state, &mut visitor, found.1, &form).await {
            return save::shown(&request, &state, &visitor, found, &form, &error).await;
        }
        next = format!("/lessons/{}#{}", found.0.slug, found.1.exercise.id);
        bring = true;
    }
    let journey = match provider.depart().await {
        Ok(journey) => journey,
        Err(error) => return failed(&request, &state, &visitor, &error).await,
    };
    let flow =
        Flow { browser: visitor.token.hash(), nonce: journey.nonce, verifier: journey.verifier, next, bring, connect };
    identities::begin_flow(&state.pool, &journey.state.hash(), &flow, AWAY).await?;
    let mut response = show(&request, &state, &visitor, StatusCode::OK, Some(&journey.url), None).await?;
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={}", journey.url)) {
        response.headers_mut().insert(HeaderName::from_static("refresh"), refresh);
    }
    Ok(response)
}

/// Somebody is back.
///
/// # Errors
/// [`WebError::NotFound`] without a provider, [`WebError::TooMany`] new accounts, or a failing database.
pub async fn arrive(request: HttpRequest, state: AppState, mut visitor: Visitor) -> Result<HttpResponse, WebError> {
    let provider = provider(&state)?;
    let query = Form::parse(request.query_string().as_bytes());
    let flow = match FlowState::parse(query.text("state")) {
        Some(flow) => identities::end_flow(&state.pool, &flow.hash(), &visitor.token.hash()).await?,
        None => None,
    };
    let words =
        async |words: &str| show(&request, &state, &visitor, StatusCode::UNPROCESSABLE_ENTITY, None, Some(words)).await;
    let Some(flow) = flow else {
        return words("This sign-in was begun in another browser, or too long ago. Begin it again.").await;
    };
    // Whose answer it is (RFC 9207), where the other site says so.
    let issuer = query.text("iss");
    if !query.text("error").is_empty()
        || query.text("code").is_empty()
        || (!issuer.is_empty() && issuer != provider.issuer())
    {
        return words("You were not signed in there, so nothing has changed here.").await;
    }
    let person = match provider.arrive(query.text("code"), &flow.nonce, &flow.verifier).await {
        Ok(person) => person,
        Err(error) => return failed(&request, &state, &visitor, &error).await,
    };
    if let Some(user) = flow.connect {
        // Asked of the database as it is now: the other site took its time, and the session may have ended meanwhile.
        let session = visitor.token.hash();
        return match identities::connect(&state.pool, user, &session, provider.issuer(), &person.subject).await? {
            Connection::Made => Ok(see_other("/account?done=connected")),
            Connection::SignedOut => words("You are not signed in here any more, so nothing was connected.").await,
            Connection::Elsewhere => {
                words("It signs in to another account of this site already, so it was not connected to this one.").await
            }
        };
    }
    let (user, bring) = match identities::find(&state.pool, provider.issuer(), &person.subject).await? {
        Some(user) => (user, flow.bring),
        None => match make(&request, &state, &visitor, provider, &person).await? {
            Ok(user) => (user, false),
            Err(fault) => return words(fault).await,
        },
    };
    let evidence = Evidence::Identity { issuer: provider.issuer(), subject: &person.subject };
    if !visitor.become_user(&request, &state, user, evidence, bring).await? {
        let words = "It was disconnected from your account here a moment ago. Sign in with your password.";
        return show(&request, &state, &visitor, StatusCode::UNPROCESSABLE_ENTITY, None, Some(words)).await;
    }
    let next = local_path::or_home(&flow.next);
    Ok(if visitor.must_change_password() {
        see_other(&format!("/password?next={}", percent(next)))
    } else {
        see_other(next)
    })
}

/// Makes an account for somebody who was never here. A guest's own row becomes it. Only an address that the other site has
/// verified is taken: an account with anybody's address would wait for its owner with somebody else's way in.
async fn make(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    provider: &Provider,
    person: &Person,
) -> Result<Result<User, &'static str>, WebError> {
    let Some(email) = &person.verified_email else {
        return Ok(Err(
            "It did not say that it has verified your e-mail address. Sign up here with a password first, and connect it on your \
             account’s page.",
        ));
    };
    let address = client::address(request, state.settings.trust_proxy);
    let too_many = |wait| WebError::TooMany { what: "new accounts", wait };
    state.rates.sign_up_address.check(&address).map_err(too_many)?;
    let identity = (provider.issuer(), person.subject.as_str());
    match identities::create(&state.pool, visitor.guest(), &name(person, email), email, identity).await {
        Ok(user) => Ok(Ok(user)),
        Err(AccountError::Database(error)) => Err(error.into()),
        Err(_) => Ok(Err(
            "There is already an account with this e-mail address. Sign in to it with its password, and connect it on your \
             account’s page.",
        )),
    }
}

/// `POST /account/disconnect`: takes away that somebody of the other site signs in to the account, and ends its other sessions. Needs
/// no provider to be set, so that what an earlier one left can be taken away too.
///
/// # Errors
/// [`WebError::SignInNeeded`] for guests, [`WebError::TooMany`] tries, or a failing database.
pub async fn disconnect(
    request: HttpRequest,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let user = visitor.account()?;
    let form = form::read_any(&request, payload).await?;
    let session = visitor.token.hash();
    let mut typed = Typed { issuer: Some(form.text("issuer").to_owned()), ..Typed::default() };
    let account = accounts::find(&state.pool, user.id, &session).await?.ok_or(WebError::SessionEnded)?;
    if !account.issuers.iter().any(|issuer| issuer == form.text("issuer")) {
        typed.fault("disconnect", NOT_CONNECTED);
    } else if !account.has_password {
        typed.fault("disconnect", NO_PASSWORD);
    } else if let Err(words) = confirm::owner(&state, &visitor, user, form.text("password")).await? {
        typed.fault("disconnect-password", words);
    } else {
        match identities::disconnect(&state.pool, user.id, &session, form.text("issuer")).await? {
            Disconnection::Done => return Ok(home::taken(&request, "disconnected")),
            Disconnection::SignedOut => return Err(WebError::SessionEnded),
            Disconnection::NoPassword => typed.fault("disconnect", NO_PASSWORD),
            Disconnection::NotConnected => typed.fault("disconnect", NOT_CONNECTED),
        }
    }
    home::refused(&request, &state, &visitor, &typed).await
}

/// How somebody is called, in the form that names have here.
fn name(person: &Person, email: &Email) -> DisplayName {
    let shortened = |text: &str| {
        let text: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
        DisplayName::parse(&text).ok()
    };
    let local = email.as_str().split('@').next().unwrap_or_default();
    person.name.as_deref().and_then(shortened).or_else(|| shortened(local)).unwrap_or_else(DisplayName::unknown)
}

async fn failed(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    error: &Error,
) -> Result<HttpResponse, WebError> {
    tracing::warn!(%error, "somebody could not be signed in by the other site");
    let words = "The other site could not be asked who you are. Try again in a moment, or sign in another way.";
    show(request, state, visitor, StatusCode::BAD_GATEWAY, None, Some(words)).await
}

fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, location)).finish()
}

async fn show(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    status: StatusCode,
    url: Option<&str>,
    fault: Option<&str>,
) -> Result<HttpResponse, WebError> {
    let standings = progress::standings_if_known(state, visitor).await;
    let layout = Frame::of_request(request).at("/".to_owned()).layout(state, "Sign in", &standings, None);
    let values = context! { url, fault, name => provider(state)?.name() };
    let mut response = page::respond(state, status, &layout, "openid.html", context! { openid => values })?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
