//! The span that each request is logged in, without what opens an account.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage as _};
use tracing::Span;
use tracing::field::Empty;
use tracing_actix_web::{DefaultRootSpanBuilder, RequestId, RootSpanBuilder};

/// Begins and ends the span. Its fields are those of [`DefaultRootSpanBuilder`], but for the target.
pub struct Spans;

impl RootSpanBuilder for Spans {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let route = request.match_pattern();
        let target = target(route.as_deref(), request.uri().path(), request.query_string());
        let route = route.as_deref().unwrap_or("default");
        let connection = request.connection_info();
        let agent = request.headers().get("user-agent").and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
        tracing::info_span!(
            "HTTP request",
            http.method = %request.method(),
            http.route = %route,
            http.flavor = ?request.version(),
            http.scheme = %connection.scheme(),
            http.host = %connection.host(),
            http.client_ip = %connection.realip_remote_addr().unwrap_or_default(),
            http.user_agent = %agent,
            http.target = %target,
            http.status_code = Empty,
            otel.name = %format!("{} {route}", request.method()),
            otel.kind = "server",
            otel.status_code = Empty,
            request_id = %id,
            exception.message = Empty,
            exception.details = Empty,
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        DefaultRootSpanBuilder::on_request_end(span, outcome);
    }
}

/// What a log may say about where a request goes: no token of a link in a mail, whether or not the link is whole, and nothing of
/// what somebody brings back from another site.
fn target(route: Option<&str>, path: &str, query: &str) -> String {
    if let Some(route) = route.filter(|route| route.contains("{token}") || route.ends_with("/openid/callback")) {
        return route.to_owned();
    }
    if let Some((before, _)) = path.split_once("/reset/") {
        return format!("{before}/reset/{{token}}");
    }
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use tracing_actix_web::RootSpanBuilder as _;

    use super::{Spans, target};

    #[test]
    fn a_token_is_in_no_target_however_its_link_is_written() {
        const TOKEN: &str = "s3cret";
        for (route, path) in [
            (Some("/reset/{token}"), "/reset/s3cret"),
            (Some("/reset/{token}"), "/%72eset/s3cret"),
            (Some("/api/v1/reset/{token}"), "/api/v1/reset/s3cret"),
            (None, "/reset/s3cret/"),
            (None, "//reset/s3cret"),
            (None, "/en/reset/s3cret"),
            (Some("/openid/callback"), "/openid/callback"),
        ] {
            let target = target(route, path, "code=s3cret");
            assert!(!target.contains(TOKEN), "{target}");
            assert!(target.ends_with("reset/{token}") || target == "/openid/callback", "{target}");
        }
    }

    #[test]
    fn other_targets_are_written_as_they_are() {
        assert_eq!(target(Some("/reset"), "/reset", "asked=yes"), "/reset?asked=yes");
        assert_eq!(target(Some("/lessons/{lesson}"), "/lessons/values", ""), "/lessons/values");
        assert_eq!(target(None, "/lost", ""), "/lost");
    }

    #[test]
    fn the_span_has_the_target_that_may_be_seen() {
        use std::io::Write;
        use std::sync::{Arc, Mutex};

        #[derive(Clone, Default)]
        struct Lines(Arc<Mutex<Vec<u8>>>);
        impl Write for Lines {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }

        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            let request = TestRequest::get().uri("/reset/s3cret").to_srv_request();
            Spans::on_request_start(&request).in_scope(|| tracing::info!("seen"));
        });
        let written = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(written.contains("http.target=/reset/{token}") && !written.contains("s3cret"), "{written}");
    }
}
