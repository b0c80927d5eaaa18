//! Where a request comes from, and in which form it wants its answer.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, HeaderMap};

use super::form;

/// The client's address, for rate limits. Behind a proxy of ours it is the last one of `X-Forwarded-For`, which that
/// proxy wrote; without one the header is what anybody may write and is not looked at.
#[must_use]
pub fn address(request: &HttpRequest, trust_proxy: bool) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
    let forwarded = trust_proxy.then(|| last_forwarded(request.headers())).flatten();
    super::rates::counted(forwarded.unwrap_or(peer))
}

fn last_forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    headers.get_all("x-forwarded-for").last()?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// Whether this is an address for programs and not a page.
#[must_use]
pub fn is_api(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/run/")
}

/// What the addresses begin with that an answer names: a program that began at the API is led on within it.
#[must_use]
pub fn root(request: &HttpRequest) -> &'static str {
    if request.path().starts_with("/api/") { "/api/v1" } else { "" }
}

/// Whether the answer is to be JSON: it is asked for and HTML is not, the body is JSON, or it is the API.
#[must_use]
pub fn wants_json(request: &HttpRequest) -> bool {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accept = header(ACCEPT);
    let json = accept.contains("application/json") || accept.contains("application/problem+json");
    is_api(request.path())
        || (json && !accept.contains("text/html"))
        || (form::is_json(request) && !accept.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_forwarded_address_counts_only_behind_our_proxy() {
        let request = TestRequest::default()
            .peer_addr("192.0.2.1:9".parse().unwrap())
            .insert_header(("x-forwarded-for", "203.0.113.9, 198.51.100.4"))
            .to_http_request();
        assert_eq!(address(&request, false).to_string(), "192.0.2.1");
        assert_eq!(address(&request, true).to_string(), "198.51.100.4");
        let bad = TestRequest::default().insert_header(("x-forwarded-for", "nonsense")).to_http_request();
        assert_eq!(address(&bad, true).to_string(), "0.0.0.0");
    }

    #[test]
    fn json_is_answered_only_where_it_is_asked_for() {
        let wants = |name: &'static str, value: &'static str| {
            wants_json(&TestRequest::default().insert_header((name, value)).to_http_request())
        };
        assert!(wants("accept", "application/json"));
        assert!(wants("accept", "application/problem+json"));
        assert!(wants("content-type", "application/json; charset=utf-8"));
        assert!(!wants("accept", "text/html,application/xhtml+xml,*/*;q=0.8"));
        assert!(!wants("accept", "*/*"));
    }
}
