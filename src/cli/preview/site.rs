//! The routes, and who may ask: only pages of our own. A preview runs what it is sent, and any page of the web can have
//! a browser send something to this machine, under a name of its own choice as well.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, Responder as _, web};
use actix_web_lab::sse::{Data, Event, Sse};
use tokio_util::sync::CancellationToken;

use super::blocks;
use super::desk::Desk;
use super::lab::Lab;
use super::pages;
use crate::web::page::Templates;
use crate::web::{assets, headers};

/// What every request may use.
pub(super) struct Site {
    pub desk: Arc<Desk>,
    pub lab: Arc<Lab>,
    pub templates: Templates,
    stop: CancellationToken,
}

/// How often a page is told that we are still here.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The server, begun.
pub(super) fn server(
    listener: TcpListener,
    desk: Arc<Desk>,
    lab: Arc<Lab>,
    stop: CancellationToken,
) -> io::Result<Server> {
    let site = web::Data::new(Site { desk, lab, templates: Templates::new(), stop });
    let app = move || {
        App::new()
            .app_data(site.clone())
            .route("/", web::get().to(pages::course))
            .route("/glossary", web::get().to(pages::glossary))
            .route("/lessons/{slug}", web::get().to(pages::lesson))
            .route("/lessons/{slug}/pictures/{name}", web::get().to(pages::picture))
            .route("/lessons/{slug}/blocks/{number}", web::post().to(blocks::run))
            .route("/exercises/{id}/try", web::post().to(pages::try_exercise))
            .route("/changes", web::get().to(changes))
            .route("/assets/{path:.*}", web::get().to(assets::get))
            .default_service(web::to(pages::nothing))
            .wrap(from_fn(check))
            .wrap(from_fn(headers::add))
    };
    Ok(HttpServer::new(app).workers(2).disable_signals().shutdown_timeout(1).listen(listener)?.run())
}

/// `GET /changes`: the number of the present state, and each that follows.
async fn changes(request: HttpRequest, site: web::Data<Site>) -> HttpResponse {
    let mut states = site.desk.states();
    states.mark_changed();
    let told = futures_util::stream::unfold((states, site.stop.clone()), |(mut states, stop)| async move {
        stop.run_until_cancelled(states.changed()).await?.ok()?;
        let state = *states.borrow_and_update();
        Some((Ok::<_, Infallible>(Event::Data(Data::new(state.to_string()))), (states, stop)))
    });
    let stream = Sse::from_stream(told).with_keep_alive(HEARTBEAT).with_retry_duration(Duration::from_millis(500));
    stream.respond_to(&request).map_into_boxed_body()
}

/// Lets only our own pages through.
async fn check<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if !is_ours(request.headers()) {
        let refused = HttpResponse::Forbidden()
            .content_type("text/plain; charset=utf-8")
            .body("This preview answers only under its own address, as `athanor preview` printed it.\n");
        return Ok(request.into_response(refused).map_into_right_body());
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

/// Whether we are asked under a name that leads to this machine everywhere, and by a page of ours or a person.
fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let Some(host) = text(HOST.as_str()) else { return false };
    let name = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(name, _)| name);
    if !matches!(name, "127.0.0.1" | "localhost" | "[::1]") {
        return false;
    }
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return false;
    }
    text(ORIGIN.as_str()).is_none_or(|origin| origin.strip_prefix("http://") == Some(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn only_this_machine_under_its_own_names_is_answered() {
        for (headers, expected) in [
            (&[("host", "127.0.0.1:4000")][..], true),
            (&[("host", "localhost:4000")], true),
            (&[("host", "[::1]:4000")], true),
            (&[("host", "[::1]")], true),
            (&[("host", "evil.org:4000")], false),
            (&[("host", "127.0.0.1.evil.org")], false),
            (&[("host", "localhost:4000@evil.org")], false),
            (&[], false),
            (&[("host", "localhost:4000"), ("origin", "http://localhost:4000")], true),
            (&[("host", "localhost:4000"), ("origin", "http://localhost:5000")], false),
            (&[("host", "localhost:4000"), ("origin", "null")], false),
            (&[("host", "localhost:4000"), ("sec-fetch-site", "cross-site")], false),
            (&[("host", "localhost:4000"), ("sec-fetch-site", "same-origin")], true),
        ] {
            let request = headers.iter().fold(TestRequest::default(), |request, header| request.insert_header(*header));
            assert_eq!(is_ours(request.to_http_request().headers()), expected, "{headers:?}");
        }
    }
}
