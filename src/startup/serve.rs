//! The site, with grading beside it unless told not to.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::Context as _;
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::course::CourseMetrics;
use super::metrics::SandboxGauges;
use super::{course, database, first_start, mail, metrics, stop, work};
use crate::auth::openid::Provider;
use crate::auth::password::Passwords;
use crate::config::{Config, Languages, RatePolicy};
use crate::db::Pool;
use crate::db::programs::Room;
use crate::sandbox::Sandbox;
use crate::web;
use crate::web::settings::{AccountSettings, Rate};

/// Password hashes made at once; each takes 19 MiB and a core for some tens of milliseconds.
const HASHES_AT_ONCE: usize = 2;

/// Serves until a signal: `athanor serve`.
///
/// # Errors
/// When something that the site stands on is not there, with what to do about it.
pub async fn serve(config: Config, with_worker: bool) -> anyhow::Result<()> {
    stop::until_signalled(|stop| serve_until(stop, config, with_worker)).await
}

async fn serve_until(stop: CancellationToken, config: Config, with_worker: bool) -> anyhow::Result<()> {
    // Before anything is started, so that a second start on the same address changes nothing.
    let listener = TcpListener::bind(config.listen).with_context(|| {
        format!("the site cannot listen on {}: choose another address with --listen or ATHANOR_LISTEN", config.listen)
    })?;
    let metrics_listener = metrics::listen(&config)?;
    let database = database(&config).await?;
    let grading = if with_worker { Grading::Here } else { Grading::Elsewhere };
    let listeners = Listeners { site: listener, metrics: metrics_listener };
    let result = site(&config, grading, listeners, &database.pool, &stop).await;
    stop.cancel();
    database.close().await;
    result
}

/// Who grades.
pub enum Grading {
    /// `athanor worker`, wherever it runs.
    Elsewhere,
    /// This process, in the sandbox that the settings ask for.
    Here,
    /// This process, in this sandbox.
    In(Arc<dyn Sandbox>),
}

/// Where to listen.
pub struct Listeners {
    /// For everybody.
    pub site: TcpListener,
    /// For `/metrics`, if at all.
    pub metrics: Option<TcpListener>,
}

/// Serves the site on an open database until `stop`.
///
/// # Errors
/// When the course, the database or what grading needs is not there.
pub async fn site(
    config: &Config,
    grading: Grading,
    listeners: Listeners,
    pool: &Pool,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let mut registry = Registry::with_prefix("athanor");
    let course_metrics = CourseMetrics::register(&mut registry);
    let published = course::course(config, pool, &course_metrics).await?;
    let passwords = Passwords::new(HASHES_AT_ONCE);
    first_start::administrator(pool, &passwords).await?;
    let counts = work::Counts::register(&mut registry);
    let gauges = SandboxGauges::register(&mut registry);
    let address = listeners.site.local_addr()?;
    let mailer = mail::mailer(config)?;
    let settings = web::Settings {
        https: config.base_url.as_deref().is_some_and(|url| url.starts_with("https://")),
        trust_proxy: config.trust_proxy,
        source_bytes: config.limits.source_bytes,
        max_waiting: config.max_waiting,
        programs: web::settings::ProgramSettings {
            enabled: config.programs.languages != Languages::Off,
            code_bytes: config.programs.code_bytes,
            input_bytes: config.programs.input_bytes,
            room: Room {
                waiting: config.programs.max_waiting,
                each: config.programs.max_each,
                wait: config.programs.wait,
            },
        },
        consoles: web::settings::ConsoleSettings {
            enabled: config.consoles.enabled,
            max_waiting: config.consoles.max_waiting,
            limits: config.consoles.limits,
        },
        rates: web::RateLimits {
            consoles_account: Rate::per_minute(config.consoles.per_minute),
            console_inputs: Rate::per_minute(config.consoles.inputs_per_minute),
            programs_account: Rate::per_minute(config.programs.per_minute_account),
            programs_address: Rate::per_minute(config.programs.per_minute_address),
            programs_token: Rate::per_minute(config.programs.per_minute_token),
            ..rates(&config.policies.rates)
        },
        accounts: accounts(config, address, mailer.sends()),
        ..web::Settings::default()
    };
    let state = web::AppState::new(settings, pool.clone(), published, passwords);
    let following = course::follow(config.clone(), pool.clone(), state.clone(), course_metrics, stop.clone());
    let following = tokio::spawn(following);
    let mailing = tokio::spawn(mail::send(state.clone(), mailer, stop.clone()));
    let serving_metrics =
        tokio::spawn(metrics::serve(listeners.metrics, Arc::new(registry), pool.clone(), stop.clone()));
    let grading = {
        let (config, pool, stop) = (config.clone(), pool.clone(), stop.clone());
        tokio::spawn(async move {
            let result = match grading {
                Grading::Elsewhere => return Ok(()),
                Grading::Here => work::work(&config, pool, counts, gauges, stop.clone()).await,
                Grading::In(sandbox) => {
                    gauges.watch(sandbox.clone());
                    work::work_in(sandbox, &config, pool, counts, stop.clone()).await;
                    Ok(())
                }
            };
            result.inspect_err(|fault| {
                error!(%fault, "grading is impossible");
                stop.cancel();
            })
        })
    };
    println!("Athanor is listening on {}", config.base_url.clone().unwrap_or_else(|| format!("http://{address}")));
    let served = web::run(listeners.site, state, stop.clone()).await;
    stop.cancel();
    let graded = grading.await.context("the grading task ended unexpectedly")?;
    let _ = tokio::join!(serving_metrics, following, mailing);
    served.context("the site stopped")?;
    graded
}

/// What accounts need, on a site that listens on `address`.
fn accounts(config: &Config, address: SocketAddr, mails: bool) -> AccountSettings {
    let site = config.base_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let openid = config.accounts.openid.as_ref().map(|openid| {
        let client = (openid.client_id.as_str(), &openid.client_secret);
        Arc::new(Provider::new(&openid.issuer, client, &openid.name, format!("{site}/openid/callback")))
    });
    AccountSettings {
        site,
        mails,
        reset_lifetime: config.accounts.reset_lifetime,
        openid,
        ..AccountSettings::default()
    }
}

/// The usual rates, but for those that are set.
fn rates(set: &RatePolicy) -> web::RateLimits {
    let mut limits = web::RateLimits::DEFAULT;
    for (limit, set) in [
        (&mut limits.sign_in_address, set.sign_in_address),
        (&mut limits.sign_in_account, set.sign_in_account),
        (&mut limits.sign_up_address, set.sign_up_address),
        (&mut limits.guests_address, set.guests_address),
        (&mut limits.submissions_account, set.submissions_account),
        (&mut limits.submissions_address, set.submissions_address),
        (&mut limits.drafts_account, set.drafts_account),
        (&mut limits.reports_account, set.reports_account),
        (&mut limits.reset_address, set.reset_address),
        (&mut limits.reset_account, set.reset_account),
        (&mut limits.export_account, set.export_account),
    ] {
        if let Some((burst, every)) = set {
            *limit = web::Rate { burst, every };
        }
    }
    limits
}
