//! Who asks for a program: an account, by its session or by a token, or an address; and how often they may.

use actix_web::dev::Payload;
use actix_web::{FromRequest as _, HttpRequest};

use crate::web::bearer;
use crate::web::client;
use crate::web::cookies;
use crate::web::error::WebError;
use crate::web::state::AppState;
use crate::web::visitor::Visitor;

/// Who asks, as the row of a run says it. Counts one against how often they may.
///
/// # Errors
/// [`WebError::TooMany`], or a failing database.
pub async fn of_api(request: &HttpRequest, state: &AppState) -> Result<String, WebError> {
    // A program that has no session gets none.
    let visitor = if bearer::is_shown(request) || request.cookie(cookies::session_name(state.settings.https)).is_some()
    {
        Some(Visitor::from_request(request, &mut Payload::None).await?)
    } else {
        None
    };
    count(request, state, visitor.as_ref())
}

/// Counts one against how often an address may ask, and the token that was shown, or else the account; and answers who
/// it is. A token is counted apart from the pages of its owner: each has a rate of its own.
///
/// # Errors
/// [`WebError::TooMany`], or a failing database.
pub fn count(request: &HttpRequest, state: &AppState, visitor: Option<&Visitor>) -> Result<String, WebError> {
    let address = client::address(request, state.settings.trust_proxy);
    let too_many = |wait| WebError::TooMany { what: "programs", wait };
    let user = match visitor {
        Some(visitor) => visitor.user()?.map(|user| user.id),
        None => None,
    };
    state.rates.programs_address.check(&address).map_err(too_many)?;
    let Some(user) = user else { return Ok(format!("address:{address}")) };
    match visitor.and_then(|visitor| visitor.grant.as_ref()) {
        Some(grant) => state.rates.programs_token.check(&grant.id),
        None => state.rates.programs_account.check(&user),
    }
    .map_err(too_many)?;
    Ok(format!("user:{user}"))
}

/// Who a visitor is as the row of a block says it: only they see what comes of it.
#[must_use]
pub fn of_visitor(visitor: &Visitor) -> String {
    match visitor.user_if_known() {
        Some(user) => format!("user:{}", user.id),
        None => visitor.token.hash().iter().fold("session:".to_owned(), |text, byte| format!("{text}{byte:02x}")),
    }
}
