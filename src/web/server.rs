//! The two listeners: the site, and metrics on an address of their own.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpResponse, HttpServer, web};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing_actix_web::TracingLogger;

use super::spans::Spans;
use super::state::AppState;
use super::{bearer, headers, origin, problems, routes};

/// Longest time that requests in flight are given when the server stops, in seconds.
const GRACE_S: u64 = 10;

/// How often counters of visitors who are long gone are dropped.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// The site's server, begun. A function of its own: what builds a server stays on one thread.
fn site(listener: TcpListener, state: &AppState) -> io::Result<Server> {
    let data = web::Data::new(state.clone());
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .configure(routes::configure)
            .wrap(from_fn(origin::check))
            .wrap(from_fn(bearer::check))
            .wrap(from_fn(problems::show))
            .wrap(Compress::default())
            .wrap(from_fn(headers::add))
            .wrap(TracingLogger::<Spans>::new())
    })
    .disable_signals()
    // Whoever has gone is not worked for any more: a program of theirs is called off when its handler is dropped.
    .h1_allow_half_closed(false)
    .shutdown_timeout(GRACE_S);
    if let Some(workers) = state.settings.workers {
        server = server.workers(workers);
    }
    Ok(server.listen(listener)?.run())
}

/// Serves the site until `shutdown`, then lets requests in flight end.
///
/// # Errors
/// When the listener cannot be used.
pub async fn run(listener: TcpListener, state: AppState, shutdown: CancellationToken) -> io::Result<()> {
    let server = site(listener, &state)?;
    let handle = server.handle();
    let tasks = TaskTracker::new();
    let (hearing, counting, stopping) = (state.clone(), state.clone(), state.clone());
    let own = state.shutdown.clone();
    tasks.spawn(async move { hearing.hub.listen(&hearing.pool, &hearing.shutdown).await });
    tasks.spawn(async move {
        let forget = async {
            loop {
                tokio::time::sleep(FORGET_EVERY).await;
                counting.rates.forget_idle();
            }
        };
        counting.shutdown.run_until_cancelled(forget).await;
    });
    tasks.spawn(async move {
        tokio::select! {
            () = shutdown.cancelled() => {
                // Streams of events first: an open one would hold the server up for the whole grace.
                stopping.shutdown.cancel();
                handle.stop(true).await;
            }
            () = stopping.shutdown.cancelled() => {}
        }
    });
    tasks.close();
    let ended = server.await;
    own.cancel();
    tasks.wait().await;
    ended
}

/// Serves `/metrics` until `shutdown`, on a listener that only the operator's network reaches. `text` answers all
/// metrics in the text format of OpenMetrics.
///
/// # Errors
/// When the listener cannot be used.
pub async fn run_metrics<F, T>(listener: TcpListener, text: F, shutdown: CancellationToken) -> io::Result<()>
where
    F: Fn() -> T + Clone + Send + 'static,
    T: Future<Output = String> + 'static,
{
    let server = metrics(listener, text)?;
    let handle = server.handle();
    let stopper = tokio::spawn(async move {
        shutdown.cancelled().await;
        handle.stop(true).await;
    });
    let ended = server.await;
    stopper.abort();
    ended
}

fn metrics<F, T>(listener: TcpListener, text: F) -> io::Result<Server>
where
    F: Fn() -> T + Clone + Send + 'static,
    T: Future<Output = String> + 'static,
{
    let server = HttpServer::new(move || {
        let text = text.clone();
        let answer = move || {
            let text = text();
            async move {
                HttpResponse::Ok()
                    .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
                    .body(text.await)
            }
        };
        App::new().route("/metrics", web::get().to(answer))
    });
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}
