//! One of the processes that take from the queue that is measured.

use std::io::Read as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;

use super::{QueueWorkerArgs, Stand};
use crate::config::Config;
use crate::judge::metrics::Metrics;
use crate::judge::{Settings, Worker};
use crate::sandbox::Sandbox;
use crate::sandbox::fake::FakeSandbox;
use crate::startup;

/// How long the sandbox that only waits does so.
const WAIT: Duration = Duration::from_millis(50);

/// What the measured solution answers, expression by expression.
const ANSWERS: [(&str, &str); 5] = [
    ("Measured.double(21)", "42"),
    ("Measured.first([1, 2, 3], 0)", "1"),
    ("Measured.first([], :none)", ":none"),
    ("Measured.sum([1, 2, 3, 4])", "10"),
    ("Measured.greet(\"Ada\")", "\"Hello, Ada!\""),
];

/// Works until its standard input ends.
pub(in crate::cli) async fn run(args: &QueueWorkerArgs, config: Config) -> ExitCode {
    match work(args, &config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("athanor: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn work(args: &QueueWorkerArgs, config: &Config) -> anyhow::Result<()> {
    let database = startup::database(config).await?;
    let sandbox: Arc<dyn Sandbox> = match args.sandbox {
        Stand::Nothing => Arc::new(FakeSandbox::table(ANSWERS)),
        Stand::Wait => {
            let sandbox = FakeSandbox::table(ANSWERS);
            sandbox.delay(WAIT);
            Arc::new(sandbox)
        }
        Stand::Docker => startup::sandbox(config, None, None).await?,
    };
    let full = async {
        while args.sandbox == Stand::Docker && sandbox.status().idle == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    full.await;
    let stop = CancellationToken::new();
    let metrics = Metrics::new(&mut Registry::default());
    let settings = Settings::new(args.at_once, config.limits);
    let worker = Worker::new(database.pool.clone(), sandbox.clone(), settings, metrics);
    let working = tokio::spawn(worker.run(stop.clone()));
    println!("ready");
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    stop.cancel();
    working.await?;
    sandbox.shutdown().await;
    database.close().await;
    Ok(())
}
