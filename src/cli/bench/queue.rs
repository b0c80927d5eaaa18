//! `athanor bench queue`: how many verdicts a second pass through the queue with several worker processes on one
//! database, whose commits are flushed to disk.

mod worker;

use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::{Args, ValueEnum};
use serde::Serialize;
use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

pub(super) use worker::run as run_worker;

use super::super::{Format, NOT_GRADED};
use crate::config::Config;
use crate::content;
use crate::db::{self, Pool, bench};
use crate::startup::{self, postgres::EmbeddedPostgres};

/// The exercise that is measured.
const LESSON: &str = include_str!("lesson.md");

/// Longest wait for a worker to be ready, or for another verdict.
const PATIENCE: Duration = Duration::from_secs(180);

/// Pause between two looks at how far the workers are. Each look counts all rows, so there are few.
const LOOK: Duration = Duration::from_millis(500);

/// What the workers run submissions in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// A sandbox that answers at once: only the queue is left.
    Nothing,
    /// One that waits 50 ms and needs no CPU: whether workers add up.
    Wait,
    /// The real one.
    Docker,
}

impl Stand {
    const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Wait => "wait",
            Self::Docker => "docker",
        }
    }

    /// Gradings that a worker holds at once where nothing else is asked for.
    fn at_once(self, config: &Config) -> usize {
        match self {
            Self::Nothing => 12,
            Self::Wait => 8,
            Self::Docker => startup::at_once(config),
        }
    }

    /// Submissions that keep so many workers busy for some seconds.
    const fn submissions(self, workers: i64, at_once: i64) -> i64 {
        match self {
            Self::Nothing => 12_000,
            // 20 a second for each that is held, for ten seconds.
            Self::Wait => 20 * 10 * at_once * workers,
            Self::Docker => 60,
        }
    }
}

/// `athanor bench queue`.
#[derive(Debug, Args)]
pub struct BenchQueueArgs {
    /// What submissions run in; all three when left out.
    #[arg(long, value_enum)]
    pub sandbox: Vec<Stand>,
    /// Worker processes, one measurement for each number.
    #[arg(long, value_delimiter = ',', default_values_t = [1_u32, 2, 4], value_name = "N,…")]
    pub workers: Vec<u32>,
    /// Gradings that each worker holds at once; 12, 8 and the number of cores when left out.
    #[arg(long, value_name = "K")]
    pub at_once: Option<usize>,
    /// Submissions of each measurement; enough for some seconds when left out.
    #[arg(long, value_name = "N")]
    pub submissions: Option<i64>,
    /// How to print.
    #[arg(long, value_enum, default_value = "human")]
    pub format: Format,
}

/// `athanor bench queue-worker`: one of the processes that `athanor bench queue` starts.
#[derive(Debug, Args)]
pub struct QueueWorkerArgs {
    /// What submissions run in.
    #[arg(long, value_enum)]
    pub sandbox: Stand,
    /// Gradings at once.
    #[arg(long)]
    pub at_once: usize,
}

/// One measurement.
#[derive(Debug, Clone, Serialize)]
struct Measured {
    sandbox: Stand,
    workers: u32,
    at_once: usize,
    submissions: i64,
    seconds: f64,
    per_s: f64,
    /// The rate, as a part of so many times that of the first measurement's for each worker.
    of_linear: f64,
}

/// Runs the command.
pub(super) async fn run(args: &BenchQueueArgs, config: Config) -> ExitCode {
    match measure_all(args, &config).await {
        Ok((settings, measured)) => {
            print(args.format, &settings, &measured);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("athanor: {error:#}");
            ExitCode::from(NOT_GRADED)
        }
    }
}

type Settings = Vec<(String, String)>;

async fn measure_all(args: &BenchQueueArgs, config: &Config) -> anyhow::Result<(Settings, Vec<Measured>)> {
    let server = Server::start(config).await?;
    let result = measure_on(&server, args, config).await;
    server.stop().await?;
    result
}

async fn measure_on(
    server: &Server,
    args: &BenchQueueArgs,
    config: &Config,
) -> anyhow::Result<(Settings, Vec<Measured>)> {
    let pool = db::connect(server.database.clone(), 4).await?;
    let solution = course(&pool).await?;
    let all = [Stand::Nothing, Stand::Wait, Stand::Docker];
    let stands = if args.sandbox.is_empty() { all.to_vec() } else { args.sandbox.clone() };
    let mut measured: Vec<Measured> = Vec::new();
    for sandbox in stands {
        let at_once = args.at_once.unwrap_or_else(|| sandbox.at_once(config));
        for workers in args.workers.iter().copied() {
            let submissions = args
                .submissions
                .unwrap_or_else(|| sandbox.submissions(i64::from(workers), i64::try_from(at_once).unwrap_or(1)));
            let seconds = measure(server, &pool, sandbox, workers, at_once, &solution, submissions).await?;
            let per_s = submissions as f64 / seconds;
            let first = measured.iter().find(|other| other.sandbox == sandbox);
            let each = first.map_or(per_s / f64::from(workers), |first| first.per_s / f64::from(first.workers));
            let of_linear = per_s / (each * f64::from(workers));
            eprintln!("{}, {workers} workers: {per_s:.0}/s", sandbox.name());
            measured.push(Measured { sandbox, workers, at_once, submissions, seconds, per_s, of_linear });
        }
    }
    let settings = bench::durability(&pool).await?;
    pool.close().await;
    Ok((settings, measured))
}

/// Makes the exercise known; answers its solution.
async fn course(pool: &Pool) -> anyhow::Result<String> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("measured.md");
    std::fs::write(&file, LESSON)?;
    let loaded = content::load(&file, None);
    startup::synchronise(pool, &loaded).await?;
    let (_, placed) = loaded.course.exercises().next().context("the measured exercise does not parse")?;
    Ok(placed.exercise.tests.solution.clone())
}

/// Seconds from the first claim to the last verdict.
async fn measure(
    server: &Server,
    pool: &Pool,
    sandbox: Stand,
    workers: u32,
    at_once: usize,
    solution: &str,
    submissions: i64,
) -> anyhow::Result<f64> {
    let mut processes = Vec::new();
    for _ in 0..workers {
        processes.push(Process::start(server, sandbox, at_once)?);
    }
    for process in &mut processes {
        process.ready().await?;
    }
    // The exercise's expected values are made and read by the first submission of each worker: before anything counts.
    let since = bench::fill(pool, solution, i64::from(workers) * 2).await?;
    finished(pool, since).await?;
    let since = bench::fill(pool, solution, submissions).await?;
    let progress = finished(pool, since).await?;
    ensure!(progress.passed == submissions, "only {} of {submissions} passed", progress.passed);
    for process in processes {
        process.stop().await?;
    }
    Ok(progress.seconds)
}

async fn finished(pool: &Pool, since: jiff::Timestamp) -> anyhow::Result<bench::Progress> {
    let (mut last, mut moved) = (i64::MAX, Instant::now());
    loop {
        let progress = bench::progress(pool, since).await?;
        if progress.left == 0 {
            return Ok(progress);
        }
        if progress.left < last {
            (last, moved) = (progress.left, Instant::now());
        }
        ensure!(moved.elapsed() < PATIENCE, "{} submissions have no verdict, and none comes", progress.left);
        tokio::time::sleep(LOOK).await;
    }
}

/// A PostgreSQL with a database that nobody else uses.
struct Server {
    embedded: Option<(EmbeddedPostgres, std::path::PathBuf)>,
    options: PgConnectOptions,
    database: PgConnectOptions,
    url: String,
}

impl Server {
    /// The server that `DATABASE_URL` names, or one of our own that is gone afterwards.
    async fn start(config: &Config) -> anyhow::Result<Self> {
        use secrecy::ExposeSecret as _;
        if let Some(url) = &config.database_url {
            let url = url.expose_secret();
            let options: PgConnectOptions = url.parse()?;
            let database = bench::create(&options).await?;
            let name = database.get_database().unwrap_or_default();
            let (before, query) = url.split_once('?').map_or((url, ""), |(before, query)| (before, query));
            let (server, _) = before.rsplit_once('/').context("DATABASE_URL names no database")?;
            let url = format!("{server}/{name}?{query}");
            return Ok(Self { embedded: None, options, database, url });
        }
        // Below /tmp: started by root, the server runs as a system user who must be able to get there.
        let folder = std::env::temp_dir().join(format!("athanor-bench-{}", uuid::Uuid::new_v4().simple()));
        let embedded = EmbeddedPostgres::start(&folder).await?;
        let options = embedded.url();
        let url = format!("postgres://athanor@localhost/athanor?host={}", embedded.socket_dir().display());
        Ok(Self { embedded: Some((embedded, folder)), database: options.clone(), options, url })
    }

    async fn stop(self) -> anyhow::Result<()> {
        match self.embedded {
            Some((embedded, folder)) => {
                embedded.stop().await?;
                std::fs::remove_dir_all(folder)?;
            }
            None => bench::drop(&self.options, &self.database).await?,
        }
        Ok(())
    }
}

/// A worker in a process of its own.
struct Process(Child);

impl Process {
    fn start(server: &Server, sandbox: Stand, at_once: usize) -> anyhow::Result<Self> {
        let child = Command::new(std::env::current_exe()?)
            .args(["bench", "queue-worker", "--sandbox", sandbox.name(), "--at-once", &at_once.to_string()])
            .env("DATABASE_URL", &server.url)
            // Each that is held may write while the others do; two more listen and keep leases.
            .env("ATHANOR_DB_CONNECTIONS", (at_once + 4).to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self(child))
    }

    async fn ready(&mut self) -> anyhow::Result<()> {
        let output = self.0.stdout.take().context("a worker without output")?;
        let line = tokio::time::timeout(PATIENCE, BufReader::new(output).lines().next_line()).await??;
        ensure!(line.is_some(), "a worker ended at once");
        Ok(())
    }

    /// It works until its input ends.
    async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.0.stdin.take());
        tokio::time::timeout(PATIENCE, self.0.wait()).await??;
        Ok(())
    }
}

fn print(format: Format, settings: &Settings, measured: &[Measured]) {
    if format == Format::Json {
        let settings: serde_json::Map<_, _> =
            settings.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        println!("{}", serde_json::json!({ "postgresql": settings, "measured": measured }));
        return;
    }
    let settings: Vec<_> = settings.iter().map(|(name, value)| format!("{name} {value}")).collect();
    println!("PostgreSQL: {}\n", settings.join(", "));
    println!(
        "{:<10}{:>9}{:>9}{:>13}{:>9}{:>12}{:>11}",
        "sandbox", "workers", "at once", "submissions", "s", "verdicts/s", "of linear"
    );
    for one in measured {
        println!(
            "{:<10}{:>9}{:>9}{:>13}{:>9.1}{:>12.1}{:>11.2}",
            one.sandbox.name(),
            one.workers,
            one.at_once,
            one.submissions,
            one.seconds,
            one.per_s,
            one.of_linear
        );
    }
}
