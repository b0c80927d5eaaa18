//! Headers of every answer: content security policy and its kin, and the cookies that handlers asked for.

use std::sync::LazyLock;

use actix_web::body::MessageBody;
use actix_web::cookie::Cookie;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};

use super::assets;

/// Cookies to be set with this answer; the last of a name counts.
#[derive(Debug, Default)]
pub struct SetCookies(pub Vec<Cookie<'static>>);

/// Adds the headers.
///
/// # Errors
/// Those of the services below it.
pub async fn add<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let cookies = response.request().extensions_mut().remove::<SetCookies>().unwrap_or_default();
    let headers = response.headers_mut();
    put_policies(headers);
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

/// Nothing is inline but the import map, which is known by its hash: so a page has the same bytes for everybody.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let policy = format!(
        "default-src 'none'; script-src 'self' '{}'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        assets::import_map().hash
    );
    // Its letters are ours. If one of them could not stand in a header, nothing would be allowed.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

fn put_policies(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
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
