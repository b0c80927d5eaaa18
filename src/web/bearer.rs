//! Who asks: an API token in `Authorization: Bearer …` (RFC 6750), and what each scope opens.
//!
//! Tokens are for the addresses of programs only; on pages the header is not looked at. Where a token is shown, a cookie is
//! not looked at. What is not in [`needed`] no token opens.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest, web};

use super::client;
use super::error::WebError;
use super::state::AppState;
use crate::auth::token::ApiToken;
use crate::db::api_tokens::{self, Bearer};
use crate::domain::account::User;
use crate::domain::ids::ApiTokenId;
use crate::domain::scope::{Scope, Scopes};

/// A token that is good for this request.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Which one.
    pub id: ApiTokenId,
    /// Whose.
    pub user: User,
    /// What it may do.
    pub scopes: Scopes,
}

/// The scopes of which one opens an address; none of them where any token will do. `None`: no token opens it.
#[must_use]
pub fn needed(method: &Method, path: &str) -> Option<&'static [Scope]> {
    use Scope::{Read, Review, Run, Submit};
    let place =
        path.strip_prefix("/api/v1/").or_else(|| path.strip_prefix('/').filter(|_| path.starts_with("/run/")))?;
    let parts: Vec<&str> = place.split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        ("GET", ["languages" | "search" | "glossary"]) => Some(&[]),
        ("POST", ["run", _] | ["lessons", _, "blocks", _] | ["exercises", _, "format" | "starter"])
        | ("GET", ["runs", _]) => Some(&[Run]),
        ("POST", ["exercises", _, "console"] | ["lessons", _, "blocks", _, "console"]) => Some(&[Run]),
        ("GET", ["consoles", _] | ["consoles", _, "socket"]) | ("DELETE", ["consoles", _]) => Some(&[Run]),
        ("POST", ["consoles", _, "lines" | "interrupt"]) => Some(&[Run]),
        ("POST", ["exercises", _, "submissions"] | ["submissions", _, "report"]) => Some(&[Submit]),
        ("POST", ["exercises", _, "hints", _]) | ("PUT" | "DELETE", ["exercises", _, "draft"]) => Some(&[Submit]),
        ("POST" | "DELETE", ["exercises", _, "draft", ..]) => Some(&[Submit]),
        ("GET", ["exercises", _, "draft" | "attempts"]) => Some(&[Submit, Read]),
        ("DELETE", ["submissions", _]) => Some(&[Submit]),
        ("GET", ["submissions", _] | ["submissions", _, "events"]) => Some(&[Submit, Read]),
        ("GET", ["instructor", ..]) => Some(&[Read]),
        ("POST", ["instructor", ..]) => Some(&[Review]),
        _ => None,
    }
}

/// What stands behind `Bearer`; `None` where the header is missing or of another scheme, which a proxy may use for itself.
fn shown(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().unwrap_or("Bearer ");
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether a token is shown where tokens are looked at.
#[must_use]
pub fn is_shown(request: &HttpRequest) -> bool {
    client::is_api(request.path()) && shown(request).is_some()
}

/// Whether a token was shown that is good for this request.
#[must_use]
pub fn is_granted(request: &HttpRequest) -> bool {
    request.extensions().get::<Grant>().is_some()
}

/// The token that is good for this request; `None` when none is shown.
///
/// # Errors
/// [`WebError::NotByToken`] when one is shown at an address that no token opens.
pub fn grant(request: &HttpRequest) -> Result<Option<Grant>, WebError> {
    if !is_shown(request) {
        return Ok(None);
    }
    request.extensions().get::<Grant>().cloned().map(Some).ok_or(WebError::NotByToken)
}

/// Looks at the token of a request, if one is shown, before anything else does.
///
/// # Errors
/// Those of the handlers; [`WebError::TokenRefused`], [`WebError::ScopeMissing`], [`WebError::NotByToken`], or a failing
/// database.
pub async fn check<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if is_shown(request.request()) {
        match look(request.request()).await {
            Ok(grant) => drop(request.extensions_mut().insert(grant)),
            Err(error) => return Ok(request.error_response(error).map_into_right_body()),
        }
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

async fn look(request: &HttpRequest) -> Result<Grant, WebError> {
    let state = request.app_data::<web::Data<AppState>>().ok_or_else(|| WebError::internal("no state"))?;
    let token = shown(request).and_then(ApiToken::parse).ok_or(WebError::TokenRefused("it is not one of ours"))?;
    let (id, user, scopes) = match api_tokens::find(&state.pool, &token.hash()).await? {
        Bearer::Live { id, user, scopes } => (id, user, scopes),
        Bearer::Expired => return Err(WebError::TokenRefused("its time is over")),
        Bearer::Revoked => return Err(WebError::TokenRefused("it was revoked")),
        Bearer::Unknown => return Err(WebError::TokenRefused("it is not one of ours")),
    };
    let wanted = needed(request.method(), request.path()).ok_or(WebError::NotByToken)?;
    if !wanted.is_empty() && !scopes.allow(wanted) {
        return Err(WebError::ScopeMissing(wanted));
    }
    Ok(Grant { id, user, scopes })
}

/// What an answer says to a program that is not let in (RFC 9110, section 11.6.1; RFC 6750, section 3).
#[must_use]
pub fn challenge(path: &str, status: StatusCode, error: Option<&WebError>) -> Option<HeaderValue> {
    match error {
        Some(WebError::TokenRefused(_)) => {
            Some(HeaderValue::from_static("Bearer realm=\"athanor\", error=\"invalid_token\""))
        }
        Some(WebError::ScopeMissing(wanted)) => {
            let scopes: Vec<&str> = wanted.iter().map(|scope| scope.as_str()).collect();
            let text =
                format!("Bearer realm=\"athanor\", error=\"insufficient_scope\", scope=\"{}\"", scopes.join(" "));
            HeaderValue::from_str(&text).ok()
        }
        _ if status == StatusCode::UNAUTHORIZED && client::is_api(path) => {
            Some(HeaderValue::from_static("Bearer realm=\"athanor\""))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn each_address_of_programs_takes_its_scope_and_all_others_take_no_token() {
        for (method, path, expected) in [
            (Method::POST, "/api/v1/run/python", Some(&[Scope::Run][..])),
            (Method::POST, "/run/python", Some(&[Scope::Run])),
            (Method::POST, "/api/v1/exercises/double/submissions", Some(&[Scope::Submit])),
            (Method::GET, "/api/v1/submissions/1", Some(&[Scope::Submit, Scope::Read])),
            (Method::DELETE, "/api/v1/submissions/1", Some(&[Scope::Submit])),
            (Method::PUT, "/api/v1/exercises/double/draft", Some(&[Scope::Submit])),
            (Method::DELETE, "/api/v1/exercises/double/draft/others/1", Some(&[Scope::Submit])),
            (Method::GET, "/api/v1/exercises/double/draft", Some(&[Scope::Submit, Scope::Read])),
            (Method::GET, "/api/v1/exercises/double/attempts", Some(&[Scope::Submit, Scope::Read])),
            (Method::GET, "/api/v1/instructor/reports", Some(&[Scope::Read])),
            (Method::POST, "/api/v1/instructor/reports/1", Some(&[Scope::Review])),
            (Method::POST, "/api/v1/exercises/double/console", Some(&[Scope::Run])),
            (Method::DELETE, "/api/v1/consoles/1", Some(&[Scope::Run])),
            (Method::GET, "/api/v1/consoles/1/socket", Some(&[Scope::Run])),
            (Method::GET, "/consoles/1", None),
            (Method::GET, "/api/v1/languages", Some(&[])),
            (Method::GET, "/api/v1/search", Some(&[])),
            (Method::GET, "/api/v1/glossary", Some(&[])),
            (Method::POST, "/api/v1/exercises/double/hints/1", Some(&[Scope::Submit])),
            (Method::GET, "/api/v1/account/tokens", None),
            (Method::POST, "/api/v1/account/tokens", None),
            (Method::DELETE, "/api/v1/account/tokens/1", None),
            (Method::PUT, "/api/v1/run/python", None),
            (Method::POST, "/api/v1//run/python", None),
            (Method::POST, "/languages", None),
            (Method::GET, "/submissions/1", None),
            (Method::POST, "/sign-out", None),
        ] {
            assert_eq!(needed(&method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn only_the_scheme_bearer_on_an_address_for_programs_is_looked_at() {
        let shown = |path: &str, value: &'static str| {
            is_shown(&TestRequest::with_uri(path).insert_header(("authorization", value)).to_http_request())
        };
        assert!(shown("/api/v1/languages", "Bearer x") && shown("/run/python", "bearer  x"));
        assert!(shown("/api/v1/languages", "Bearer"), "an empty one is wrong, not missing");
        assert!(!shown("/api/v1/languages", "Basic eDp5") && !shown("/progress", "Bearer x"));
        assert!(!shown("/runs/1", "Bearer x"));
    }
}
