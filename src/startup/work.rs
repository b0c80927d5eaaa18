//! Grading, in a process of its own or beside the site.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::registry::Registry;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::metrics::SandboxGauges;
use super::sandbox::worker_sandbox;
use super::{at_once, database, metrics, retention, stop};
use crate::config::Config;
use crate::db::Pool;
use crate::judge::consoles::{self, ConsoleMetrics, Keeper};
use crate::judge::metrics::Metrics;
use crate::judge::programs::{self, ProgramMetrics, Runner};
use crate::judge::{self, Worker, wish};
use crate::sandbox::Sandbox;

/// Wait before the engine is asked again.
const ENGINE_AGAIN: Duration = Duration::from_secs(2);

/// Longest lease of a program.
const PROGRAM_LEASE: Duration = Duration::from_secs(9);

/// What a worker counts.
pub(super) struct Counts {
    /// Gradings.
    pub gradings: Metrics,
    /// Programs and blocks.
    pub programs: ProgramMetrics,
    /// Consoles.
    pub consoles: ConsoleMetrics,
}

impl Counts {
    /// Registers everything.
    pub fn register(registry: &mut Registry) -> Self {
        Self {
            gradings: Metrics::new(registry),
            programs: ProgramMetrics::new(registry),
            consoles: ConsoleMetrics::new(registry),
        }
    }
}

/// Grades until a signal: `athanor worker`.
///
/// # Errors
/// When the database, or the sandbox's runtime or image, is not there.
pub async fn worker(config: Config) -> anyhow::Result<()> {
    stop::until_signalled(|stop| work_alone(stop, config, None)).await
}

/// As [`worker`], in this sandbox whatever the settings say: for measuring.
///
/// # Errors
/// When the database is not there.
pub async fn worker_in(config: Config, sandbox: Arc<dyn Sandbox>) -> anyhow::Result<()> {
    stop::until_signalled(|stop| work_alone(stop, config, Some(sandbox))).await
}

async fn work_alone(stop: CancellationToken, config: Config, sandbox: Option<Arc<dyn Sandbox>>) -> anyhow::Result<()> {
    let database = database(&config).await?;
    let mut registry = Registry::with_prefix("athanor");
    let counts = Counts::register(&mut registry);
    let gauges = SandboxGauges::register(&mut registry);
    let listening = metrics::listen(&config)?;
    let serving = tokio::spawn(metrics::serve(listening, Arc::new(registry), database.pool.clone(), stop.clone()));
    println!("Athanor grades; Ctrl-C stops it");
    let result = match sandbox {
        None => work(&config, database.pool.clone(), counts, gauges, stop.clone()).await,
        Some(sandbox) => {
            work_in(sandbox, &config, database.pool.clone(), counts, stop.clone()).await;
            Ok(())
        }
    };
    stop.cancel();
    let _ = serving.await;
    database.close().await;
    result
}

/// Grades until `stop`. While the engine cannot be reached what is submitted waits.
pub(super) async fn work(
    config: &Config,
    pool: Pool,
    counts: Counts,
    gauges: SandboxGauges,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let (wish, wished) = watch::channel(0);
    let Some(sandbox) = patient_sandbox(config, wished, &stop).await? else {
        return Ok(());
    };
    gauges.watch(sandbox.clone());
    let (schedule, zone) = (config.schedule.clone(), config.time_zone.clone());
    let following = wish::follow(pool.clone(), schedule, zone, wish, stop.clone());
    tokio::join!(work_in(sandbox, config, pool, counts, stop), following);
    Ok(())
}

/// Grades in this sandbox until `stop`, and shuts it down.
pub(super) async fn work_in(
    sandbox: Arc<dyn Sandbox>,
    config: &Config,
    pool: Pool,
    counts: Counts,
    stop: CancellationToken,
) {
    let settings = judge::Settings {
        lease: config.lease,
        drain: config.drain,
        ..judge::Settings::new(at_once(config), config.limits)
    };
    let worker = Worker::new(pool.clone(), sandbox.clone(), settings, counts.gradings);
    let programs_at_once = config.programs.at_once.unwrap_or((at_once(config) / 2).max(1));
    let settings = programs::Settings {
        keep: config.programs.keep,
        // Somebody sits before a program and waits: what a dead worker held is to be taken over soon.
        lease: config.lease.min(PROGRAM_LEASE),
        ..programs::Settings::new(programs_at_once, at_once(config), config.limits)
    };
    let held = consoles::Settings {
        lease: config.lease.min(PROGRAM_LEASE),
        ..consoles::Settings::new(config.consoles.at_once, config.consoles.limits)
    };
    let keeper = Keeper::new(pool.clone(), sandbox.clone(), held, counts.consoles);
    let keeping = retention::keep(pool.clone(), config.policies.keep, stop.clone());
    let runner = Runner::new(pool, sandbox.clone(), settings, counts.programs);
    tokio::join!(worker.run(stop.clone()), runner.run(stop.clone()), keeper.run(stop), keeping);
    sandbox.shutdown().await;
}

/// `None` when `stop` came first.
async fn patient_sandbox(
    config: &Config,
    wished: watch::Receiver<usize>,
    stop: &CancellationToken,
) -> anyhow::Result<Option<Arc<dyn Sandbox>>> {
    let mut told = false;
    loop {
        match worker_sandbox(config, None, Some(wished.clone())).await {
            Ok(sandbox) => {
                if told {
                    info!("the container engine answers");
                }
                return Ok(Some(sandbox));
            }
            // Waiting would not help: somebody has to install or build something.
            Err(fault) if fault.needs_operator() => return Err(fault.into()),
            Err(fault) => {
                if !std::mem::replace(&mut told, true) {
                    error!(%fault, "no sandbox: submissions are accepted and wait; `athanor doctor` says more");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(None),
            () = tokio::time::sleep(ENGINE_AGAIN) => {}
        }
    }
}
