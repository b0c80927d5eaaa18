//! Refuses changes that another site asks for.

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use actix_web::middleware::Next;

use super::bearer;
use super::cookies;
use super::error::WebError;

/// Lets a request through when it changes nothing or comes from our own pages.
///
/// # Errors
/// Those of the handlers; [`WebError::ForeignOrigin`] for a request of another site.
pub async fn check<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    // A browser adds a cookie by itself, but nobody's token: whoever shows one means it.
    if bearer::is_granted(request.request()) {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    }
    let has_session = [cookies::SESSION, cookies::SESSION_HTTPS].iter().any(|name| request.cookie(name).is_some());
    if !request.method().is_safe() && !is_ours(request.headers(), has_session) {
        return Ok(request.error_response(WebError::ForeignOrigin).map_into_right_body());
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

/// Whether the browser says that the request comes from our own pages. A program that sends neither header is let
/// through only without a session cookie: it can do nothing in anybody's name then.
#[must_use]
pub fn is_ours(headers: &HeaderMap, has_session: bool) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(ORIGIN.as_str()) else { return !has_session };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == text(HOST.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn ours(headers: &[(&'static str, &'static str)], has_session: bool) -> bool {
        let request = headers.iter().fold(TestRequest::default(), |request, header| request.insert_header(*header));
        is_ours(request.to_http_request().headers(), has_session)
    }

    #[test]
    fn only_our_own_pages_and_programs_without_a_session_may_change_things() {
        for (headers, has_session, expected) in [
            (&[("sec-fetch-site", "same-origin")][..], true, true),
            (&[("sec-fetch-site", "none")], true, true),
            (&[("sec-fetch-site", "same-site")], true, false),
            (&[("sec-fetch-site", "cross-site")], false, false),
            (&[("origin", "http://localhost:4000"), ("host", "localhost:4000")], true, true),
            (&[("origin", "http://evil.org"), ("host", "localhost:4000")], true, false),
            (&[("origin", "null"), ("host", "localhost:4000")], true, false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")], true, false),
            (&[], true, false),
            (&[], false, true),
        ] {
            assert_eq!(ours(headers, has_session), expected, "{headers:?} {has_session}");
        }
    }
}
