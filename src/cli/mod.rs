//! The command line. Its shapes are fixed: scripts rely on them.

pub mod bench;
mod check;
mod doctor;
mod explain;
mod export;
mod grade;
mod images;
mod import;
mod new;
mod pool;
mod preview;
mod regrade;
mod runner;
mod source;
mod user;
mod whole;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{Config, ConfigError};
use crate::startup;
use crate::telemetry;

/// Athanor: a learning site for Elixir whose grading engine people can trust.
#[derive(Debug, Parser)]
#[command(
    name = "athanor",
    version,
    after_help = "Settings come from the environment (ATHANOR_…, DATABASE_URL); docs/OPERATIONS.md lists them.\n\
                  Begin with `athanor doctor`: it says what is missing on this machine and how to get it."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the site, and grade in the same process unless told not to.
    ///
    /// Without DATABASE_URL it runs a PostgreSQL of its own. At the first start it prints an administrator's one-time
    /// password. Ctrl-C stops everything it started, once what is being graded has its verdict.
    Serve(ServeArgs),
    /// Grade what other processes accept: no HTTP, only Docker and the database.
    Worker,
    /// Grade files without a database: one JSON object or paragraph for each, in the order given.
    ///
    /// A FILE may be a folder, which is one submission of several files. Exit status: 0 all passed, 1 some did not,
    /// 2 bad usage or content, 3 something could not be graded; 2 wins over 3, 3 over 1. It is the author's tool: hidden
    /// cases are shown.
    Grade(GradeArgs),
    /// Check lessons: they parse, each reference passes, no starter does, wrong answers fail where they say.
    ///
    /// Exit status: 0 fine, 1 problems, 2 bad usage, 3 something could not be graded.
    Check(check::CheckArgs),
    /// Begin a lesson or an exercise: writes one that `check` accepts, to be filled in.
    #[command(subcommand)]
    New(new::NewCommand),
    /// Show the course on this machine as readers will see it: what is saved is on the page at once.
    ///
    /// No accounts and no database. Exercises run in the real sandbox, from a panel beside each; what `check` would say
    /// stands at its place. Without a Docker engine everything but that is there.
    Preview(preview::PreviewArgs),
    /// Explain a problem that `check` found, by its code; without one list all codes.
    Explain {
        /// The code, for instance starter-passes.
        code: Option<String>,
    },
    /// Judge old submissions anew, on their exercise's present version: shown first, applied after.
    ///
    /// The new verdicts are made behind whatever learners wait for, and stand only once they are applied. Exit status: 0
    /// fine, 2 bad usage, 3 something could not be graded.
    Regrade(RegradeArgs),
    /// Run a solution's tests as Exercism's test runners do (version 3 of their interface): writes results.json.
    ///
    /// SOLUTION_DIR holds lib/, test/ and perhaps .meta/config.json; pending tests are run. Exit status: 0 once
    /// results.json is written, 2 bad usage, 3 when it could not be run.
    Runner(RunnerArgs),
    /// Make a course of what was written for another place.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Write what was made here for another place.
    #[command(subcommand)]
    Export(export::ExportCommand),
    /// Make accounts, set passwords and roles, make and revoke tokens.
    #[command(subcommand)]
    User(UserCommand),
    /// See to the unpacked images of ATHANOR_SANDBOX=oci. Workers fetch them from a Docker engine by themselves, if there is one.
    #[command(subcommand)]
    Images(images::ImagesCommand),
    /// Have containers warm before a class begins.
    #[command(subcommand)]
    Pool(pool::PoolCommand),
    /// Say what is well on this machine and what is not, each with a way out.
    Doctor(DoctorArgs),
    /// Measure.
    #[command(subcommand)]
    Bench(BenchCommand),
}

/// `athanor serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Do not grade here: `athanor worker` does, on this machine or another.
    #[arg(long)]
    pub no_worker: bool,
    /// Where to listen, for instance 127.0.0.1:4000; port 0 takes any free one.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// The course's folder.
    #[arg(long, value_name = "DIR")]
    pub lessons: Option<PathBuf>,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// `athanor grade`.
#[derive(Debug, Args)]
pub struct GradeArgs {
    /// The course's folder.
    #[arg(long, value_name = "DIR")]
    pub lessons: Option<PathBuf>,
    /// The exercise.
    #[arg(long, value_name = "ID")]
    pub exercise: String,
    /// How to print.
    #[arg(long, value_enum, default_value = "human")]
    pub format: Format,
    /// The container runtime, for instance runc or runsc.
    #[arg(long, value_name = "NAME")]
    pub runtime: Option<String>,
    /// What to grade.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `athanor regrade`.
#[derive(Debug, Args)]
pub struct RegradeArgs {
    /// The exercise whose submissions are judged anew.
    #[arg(long, value_name = "ID", conflicts_with = "resume", required_unless_present_any = ["resume", "not_graded"])]
    pub exercise: Option<String>,
    /// Only submissions from then on: a day (2026-11-21, from its midnight in UTC) or a time in RFC 3339.
    #[arg(long, value_name = "T")]
    pub since: Option<String>,
    /// Only say how many there are.
    #[arg(long)]
    pub dry_run: bool,
    /// Let the new verdicts stand without asking.
    #[arg(long, conflicts_with = "dry_run")]
    pub apply: bool,
    /// Take passes and points back from those who would not get them any more.
    #[arg(long, conflicts_with_all = ["resume", "not_graded"])]
    pub take_back: bool,
    /// Queue again what an outage left ungraded, each on the version that its learner saw.
    #[arg(long, conflicts_with_all = ["resume", "apply"])]
    pub not_graded: bool,
    /// Go on with a regrade that was begun before.
    #[arg(long, value_name = "REGRADE")]
    pub resume: Option<String>,
    /// Drop that regrade.
    #[arg(long, requires = "resume", conflicts_with = "apply")]
    pub discard: bool,
    /// How to print.
    #[arg(long, value_enum, default_value = "human")]
    pub format: Format,
}

/// `athanor runner`.
#[derive(Debug, Args)]
pub struct RunnerArgs {
    /// The container runtime, for instance runc or runsc.
    #[arg(long, value_name = "NAME")]
    pub runtime: Option<String>,
    /// The exercise's slug.
    pub slug: String,
    /// The folder of the solution; nothing in it is changed.
    #[arg(value_name = "SOLUTION_DIR")]
    pub solution: PathBuf,
    /// The folder that results.json is written in.
    #[arg(value_name = "OUTPUT_DIR")]
    pub output: PathBuf,
}

/// `athanor user`.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account and print a one-time password for it.
    Add {
        /// Their e-mail address.
        email: String,
        /// How they are called; the address's first part when left out.
        #[arg(long)]
        name: Option<String>,
        /// learner, instructor or admin.
        #[arg(long, default_value = "learner")]
        role: String,
    },
    /// Set a new one-time password and print it.
    Password {
        /// Their e-mail address.
        email: String,
    },
    /// Give somebody a role.
    Role {
        /// Their e-mail address.
        email: String,
        /// learner, instructor or admin.
        role: String,
    },
    /// Make a token of the API for somebody and print it, this once.
    Token {
        /// Their e-mail address.
        email: String,
        /// What it may do: some of run, submit, read and review, with commas between.
        #[arg(long, value_name = "SCOPES")]
        scopes: String,
        /// What it is called in their list.
        #[arg(long, default_value = "made on the command line")]
        name: String,
        /// Days until it ends; without it, it does not.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: Option<u32>,
    },
    /// List somebody's tokens, or revoke one of them.
    Tokens {
        /// Their e-mail address.
        email: String,
        /// The id of the one to revoke.
        #[arg(long, value_name = "ID")]
        revoke: Option<String>,
    },
}

/// `athanor doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// How to print.
    #[arg(long, value_enum, default_value = "human")]
    pub format: Format,
}

/// `athanor bench`.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Measure grading: latency, sustained rate, a burst, CPU time; with --full for each variant of the sandbox, under load,
    /// and beside what a person would otherwise use. Exit status 3 if anything was graded wrongly.
    Grade(bench::grade::BenchGradeArgs),
    /// Measure how long a course takes from its files to pages.
    Course(bench::course::BenchCourseArgs),
    /// Measure the queue: verdicts a second with 1, 2 and 4 worker processes on one database.
    ///
    /// With DATABASE_URL set, in a new database on that server; else on a PostgreSQL of its own. Either is gone afterwards.
    Queue(bench::queue::BenchQueueArgs),
    /// One of the processes that `bench queue` starts.
    #[command(hide = true)]
    QueueWorker(bench::queue::QueueWorkerArgs),
    /// Kill processes and containers of an installation of its own at random while learners hand in, and audit what became
    /// of each submission. Exit status 1 if anything was lost, counted twice or judged wrongly.
    Chaos(bench::chaos::ChaosArgs),
    /// Keep an installation of its own under steady work, and see whether memory, descriptors, threads or containers grow.
    Soak(bench::soak::SoakArgs),
    /// A worker that runs nothing, for `bench chaos --sandbox costless`.
    #[command(hide = true)]
    CostlessWorker,
}

/// Exit status for bad usage or content.
const USAGE: u8 = 2;
/// Exit status when something could not be graded.
const NOT_GRADED: u8 = 3;

/// Does what the arguments say.
#[must_use]
pub fn main(cli: Cli) -> ExitCode {
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(error) => return complain(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error),
    };
    let code = runtime.block_on(run(cli, config));
    // What still hashes a password or reads a file in a thread must not hold up the end.
    runtime.shutdown_background();
    code
}

fn complain(error: &(dyn std::error::Error + 'static)) -> ExitCode {
    let way_out = if error.is::<ConfigError>() { "\n  docs/OPERATIONS.md lists every setting" } else { "" };
    eprintln!("athanor: {error}{way_out}");
    ExitCode::from(USAGE)
}

async fn run(cli: Cli, mut config: Config) -> ExitCode {
    match cli.command {
        Command::Serve(args) => {
            telemetry::start(&config);
            config.listen = args.listen.unwrap_or(config.listen);
            config.lessons = args.lessons.unwrap_or(config.lessons);
            end(startup::serve(config, !args.no_worker).await)
        }
        Command::Worker => {
            telemetry::start(&config);
            end(startup::worker(config).await)
        }
        Command::Grade(args) => {
            telemetry::start_quiet(&config);
            grade::run(&args, config).await
        }
        Command::Check(args) => {
            telemetry::start_quiet(&config);
            check::run(&args, config).await
        }
        Command::New(command) => new::run(&command, &config),
        Command::Preview(args) => {
            telemetry::start_quiet(&config);
            preview::run(args, config).await
        }
        Command::Explain { code } => explain::run(code.as_deref()),
        Command::Regrade(args) => {
            telemetry::start_quiet(&config);
            regrade::run(&args, config).await
        }
        Command::Runner(args) => {
            telemetry::start_quiet(&config);
            runner::run(&args, config).await
        }
        Command::Import(command) => {
            telemetry::start_quiet(&config);
            import::run(command, config).await
        }
        Command::Export(command) => {
            telemetry::start_quiet(&config);
            export::run(command, config).await
        }
        Command::Pool(command) => {
            telemetry::start_quiet(&config);
            pool::run(command, config).await
        }
        Command::Images(command) => images::run(command, config).await,
        Command::User(command) => {
            telemetry::start_quiet(&config);
            user::run(command, config).await
        }
        Command::Doctor(args) => doctor::run(&args, config).await,
        Command::Bench(command) => {
            telemetry::start_quiet(&config);
            bench::run(command, config).await
        }
    }
}

fn end(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("athanor: {error:#}");
            ExitCode::FAILURE
        }
    }
}
