//! Headers of every answer: content security policy and its kin, and the cookies that handlers asked for.

use actix_web::body::MessageBody;
use actix_web::cookie::Cookie;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::error::WebError;

/// Nonce of this answer's content security policy.
#[derive(Debug, Clone)]
pub struct Nonce(pub String);

/// Cookies to be set with this answer; the last of a name counts.
#[derive(Debug, Default)]
pub struct SetCookies(pub Vec<Cookie<'static>>);

/// Adds the headers.
///
/// # Errors
/// Those of the services below it, or when the operating system gives no random numbers.
pub async fn add<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).map_err(WebError::internal)?;
    let nonce = STANDARD_NO_PAD.encode(random);
    request.extensions_mut().insert(Nonce(nonce.clone()));
    let mut response = next.call(request).await?;
    let cookies = response.request().extensions_mut().remove::<SetCookies>().unwrap_or_default();
    let headers = response.headers_mut();
    put_policies(headers, &nonce);
    for cookie in latest(cookies.0) {
        if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
            headers.append(header::SET_COOKIE, value);
        }
    }
    Ok(response)
}

fn latest(cookies: Vec<Cookie<'static>>) -> Vec<Cookie<'static>> {
    let mut kept: Vec<Cookie<'static>> = Vec::new();
    for cookie in cookies {
        kept.retain(|other| other.name() != cookie.name());
        kept.push(cookie);
    }
    kept
}

fn put_policies(headers: &mut HeaderMap, nonce: &str) {
    // The editor makes its style element itself and puts the nonce on it; nothing else is inline but the import map.
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
}
