//! The site, with grading beside it unless told not to.

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context as _;
use prometheus_client::registry::Registry;
use tracing::error;

use super::metrics::SandboxGauges;
use super::{course, database, first_start, metrics, stop, work};
use crate::auth::password::Passwords;
use crate::config::Config;
use crate::judge::metrics::Metrics;
use crate::web;

/// Password hashes made at once; each takes 19 MiB and a core for some tens of milliseconds.
const HASHES_AT_ONCE: usize = 2;

/// Serves until a signal: `athanor serve`.
///
/// # Errors
/// When something that the site stands on is not there, with what to do about it.
pub async fn serve(config: Config, with_worker: bool) -> anyhow::Result<()> {
    let stop = stop::on_signal()?;
    // Before anything is started, so that a second start on the same address changes nothing.
    let listener = TcpListener::bind(config.listen).with_context(|| {
        format!("the site cannot listen on {}: choose another address with --listen or ATHANOR_LISTEN", config.listen)
    })?;
    let metrics_listener = metrics::listen(&config)?;
    let database = database(&config).await?;
    let result = serve_on(&config, with_worker, listener, metrics_listener, &database.pool, &stop).await;
    stop.cancel();
    database.close().await;
    result
}

async fn serve_on(
    config: &Config,
    with_worker: bool,
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
    pool: &crate::db::Pool,
    stop: &tokio_util::sync::CancellationToken,
) -> anyhow::Result<()> {
    let (course, versions) = course::course(config, pool).await?;
    let passwords = Passwords::new(HASHES_AT_ONCE);
    first_start::administrator(pool, &passwords).await?;
    let mut registry = Registry::with_prefix("athanor");
    let judge_metrics = Metrics::new(&mut registry);
    let gauges = SandboxGauges::register(&mut registry);
    let address = listener.local_addr()?;
    let settings = web::Settings {
        https: config.base_url.as_deref().is_some_and(|url| url.starts_with("https://")),
        trust_proxy: config.trust_proxy,
        source_bytes: config.limits.source_bytes,
        ..web::Settings::default()
    };
    let state = web::AppState::new(settings, pool.clone(), course, versions, passwords);
    let serving_metrics =
        tokio::spawn(metrics::serve(metrics_listener, Arc::new(registry), pool.clone(), stop.clone()));
    let grading = {
        let (config, pool, stop) = (config.clone(), pool.clone(), stop.clone());
        tokio::spawn(async move {
            if !with_worker {
                return Ok(());
            }
            work::work(&config, pool, judge_metrics, gauges, stop.clone()).await.inspect_err(|fault| {
                error!(%fault, "grading is impossible");
                stop.cancel();
            })
        })
    };
    println!("Athanor is listening on {}", config.base_url.clone().unwrap_or_else(|| format!("http://{address}")));
    let served = web::run(listener, state, stop.clone()).await;
    stop.cancel();
    let graded = grading.await.context("the grading task ended unexpectedly")?;
    let _ = serving_metrics.await;
    served.context("the site stopped")?;
    graded
}
