//! Every setting, typed and read once. A setting that cannot be used is fatal and names itself.

mod accounts;
mod consoles;
mod limits;
mod policies;
mod programs;
mod sandbox;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;

pub use accounts::{AccountConfig, OpenIdConfig, SmtpConfig};
pub use consoles::ConsoleConfig;
pub use policies::{Policies, PoolPolicy, Rate, RatePolicy, Retention};
pub use programs::{Languages, ProgramConfig};
pub use sandbox::{EngineKind, SandboxConfig, Uids};

use jiff::tz::TimeZone;

use crate::domain::limits::Limits;
use crate::domain::schedule::{BadEntry, Schedule};

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Its value is of the wrong form.
    #[error("{name}={value:?} cannot be used: {wanted}")]
    Unusable {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it may hold.
        wanted: &'static str,
    },
    /// A part of its value is.
    #[error("{name}: {reason}")]
    UnusablePart {
        /// The variable.
        name: &'static str,
        /// Which part, and why.
        reason: String,
    },
    /// A variable with our prefix that nothing reads: most likely a slip of the pen.
    #[error("there is no setting {name}{}", suggestion.as_ref().map(|s| format!("; did you mean {s}?")).unwrap_or_default())]
    Unknown {
        /// The variable.
        name: String,
        /// The setting whose name is nearest.
        suggestion: Option<&'static str>,
    },
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// All settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// `DATABASE_URL`: a PostgreSQL to use instead of our own.
    pub database_url: Option<SecretString>,
    /// `ATHANOR_DATA`: where our own PostgreSQL keeps its cluster.
    pub data: Option<PathBuf>,
    /// `ATHANOR_CACHE`: where `athanor check` remembers what it has run.
    pub cache: Option<PathBuf>,
    /// `ATHANOR_DB_CONNECTIONS`: connections of the pool.
    pub db_connections: u32,
    /// `ATHANOR_LISTEN`: where the site listens.
    pub listen: SocketAddr,
    /// `ATHANOR_METRICS_LISTEN`: where `/metrics` listens; `off` for nowhere.
    pub metrics_listen: Option<SocketAddr>,
    /// `ATHANOR_BASE_URL`: how the site is reached from outside; `https` makes cookies secure.
    pub base_url: Option<String>,
    /// `ATHANOR_TRUST_PROXY`: whether `X-Forwarded-For` is believed.
    pub trust_proxy: bool,
    /// `ATHANOR_LESSONS`: the course's folder.
    pub lessons: PathBuf,
    /// `ATHANOR_PRIVATE_LESSONS`: a folder of the same shape with more hidden tests.
    pub private_lessons: Option<PathBuf>,
    /// `ATHANOR_WATCH_LESSONS`: whether a changed folder is read again by itself.
    pub watch_lessons: bool,
    /// `ATHANOR_IMAGE`: the image that Elixir submissions run in.
    pub image: String,
    /// `ATHANOR_RUNTIME`: the container runtime; the engine's default when unset.
    pub runtime: Option<String>,
    /// `ATHANOR_SANDBOX`, `ATHANOR_FLAVOUR`, `ATHANOR_OCI_…`: in what submissions run.
    pub sandbox: SandboxConfig,
    /// `ATHANOR_POOL_SCHEDULE`: when more are to be warm.
    pub schedule: Schedule,
    /// `ATHANOR_TIME_ZONE`: whose times these are.
    pub time_zone: TimeZone,
    /// `ATHANOR_POOL`: containers kept warm; chosen by memory and cores when unset.
    pub pool: Option<usize>,
    /// `ATHANOR_AT_ONCE`: jobs that run at once; the number of cores when unset.
    pub at_once: Option<usize>,
    /// `ATHANOR_MAX_WAITING`: gradings of one learner that may wait.
    pub max_waiting: i64,
    /// `ATHANOR_LEASE_MS`: how long a grading is held without a sign of life of its worker.
    pub lease: Duration,
    /// `ATHANOR_DRAIN_MS`: how long gradings in flight may go on after a stop.
    pub drain: Duration,
    /// `ATHANOR_LOG`: what is logged, in the syntax of tracing's `EnvFilter`.
    pub log: String,
    /// `ATHANOR_LOG_FORMAT`: `text` or `json`.
    pub log_format: LogFormat,
    /// `ATHANOR_LIMIT_…`: what submissions may use.
    pub limits: Limits,
    /// `ATHANOR_POOL_…`, `ATHANOR_RATE_…`, `ATHANOR_KEEP_…`.
    pub policies: Policies,
    /// `ATHANOR_PROGRAMS…`: program runs.
    pub programs: ProgramConfig,
    /// `ATHANOR_SMTP_URL`, `ATHANOR_MAIL_FROM`, `ATHANOR_RESET_MINUTES`, `ATHANOR_OIDC_…`: mail, and other ways to sign in.
    pub accounts: AccountConfig,
    /// `ATHANOR_CONSOLE…`: IEx in the lesson.
    pub consoles: ConsoleConfig,
}

/// How long a grading is held without a sign of life, where nothing else is set.
const LEASE: Duration = Duration::from_secs(30);

/// How long gradings in flight may go on after a stop, where nothing else is set: a little more than the longest job.
const DRAIN: Duration = Duration::from_secs(12);

/// Every variable that is read, for the check against slips of the pen and for the test that each is documented.
pub const SETTINGS: &[&str] = &[
    "ATHANOR_DATA",
    "ATHANOR_CACHE",
    "ATHANOR_DB_CONNECTIONS",
    "ATHANOR_LISTEN",
    "ATHANOR_METRICS_LISTEN",
    "ATHANOR_BASE_URL",
    "ATHANOR_TRUST_PROXY",
    "ATHANOR_LESSONS",
    "ATHANOR_PRIVATE_LESSONS",
    "ATHANOR_WATCH_LESSONS",
    "ATHANOR_IMAGE",
    "ATHANOR_RUNTIME",
    "ATHANOR_SANDBOX",
    "ATHANOR_FLAVOUR",
    "ATHANOR_OCI_STATE",
    "ATHANOR_OCI_IMAGES",
    "ATHANOR_OCI_UIDS",
    "ATHANOR_POOL",
    "ATHANOR_AT_ONCE",
    "ATHANOR_MAX_WAITING",
    "ATHANOR_LEASE_MS",
    "ATHANOR_DRAIN_MS",
    "ATHANOR_LOG",
    "ATHANOR_LOG_FORMAT",
    "ATHANOR_POOL_ADAPT",
    "ATHANOR_POOL_MAX",
    "ATHANOR_POOL_SCHEDULE",
    "ATHANOR_TIME_ZONE",
    "ATHANOR_POOL_BOOTS",
    "ATHANOR_POOL_RECYCLE_S",
    "ATHANOR_POOL_BOOT_TIMEOUT_MS",
    "ATHANOR_POOL_BACKLOG",
    "ATHANOR_POOL_BACKLOG_MS",
    "ATHANOR_RATE_SIGN_IN_ADDRESS",
    "ATHANOR_RATE_SIGN_IN_ACCOUNT",
    "ATHANOR_RATE_SIGN_UP_ADDRESS",
    "ATHANOR_RATE_GUESTS_ADDRESS",
    "ATHANOR_RATE_SUBMISSIONS_ACCOUNT",
    "ATHANOR_RATE_SUBMISSIONS_ADDRESS",
    "ATHANOR_RATE_DRAFTS_ACCOUNT",
    "ATHANOR_RATE_REPORTS_ACCOUNT",
    "ATHANOR_RATE_RESET_ADDRESS",
    "ATHANOR_RATE_RESET_ACCOUNT",
    "ATHANOR_RATE_EXPORT_ACCOUNT",
    "ATHANOR_SMTP_URL",
    "ATHANOR_MAIL_FROM",
    "ATHANOR_RESET_MINUTES",
    "ATHANOR_OIDC_ISSUER",
    "ATHANOR_OIDC_CLIENT_ID",
    "ATHANOR_OIDC_CLIENT_SECRET",
    "ATHANOR_OIDC_NAME",
    "ATHANOR_KEEP_SOURCE_DAYS",
    "ATHANOR_KEEP_OUTPUT_DAYS",
    "ATHANOR_KEEP_EVENTS_MINUTES",
    "ATHANOR_LIMIT_SOURCE_BYTES",
    "ATHANOR_LIMIT_COMPILE_MS",
    "ATHANOR_LIMIT_CASE_MS",
    "ATHANOR_LIMIT_JOB_MS",
    "ATHANOR_LIMIT_KEPT_OUTPUT_BYTES",
    "ATHANOR_LIMIT_JOB_OUTPUT_BYTES",
    "ATHANOR_LIMIT_TERM_BYTES",
    "ATHANOR_LIMIT_TEXT_BYTES",
    "ATHANOR_LIMIT_FRAME_BYTES",
    "ATHANOR_LIMIT_MEMORY_BYTES",
    "ATHANOR_LIMIT_PIDS",
    "ATHANOR_LIMIT_CPU_MILLIS",
    "ATHANOR_LIMIT_TMP_BYTES",
    "ATHANOR_LIMIT_OPEN_FILES",
    "ATHANOR_PROGRAMS",
    "ATHANOR_PROGRAMS_AT_ONCE",
    "ATHANOR_PROGRAMS_WARM",
    "ATHANOR_PROGRAMS_MAX_WAITING",
    "ATHANOR_PROGRAMS_MAX_EACH",
    "ATHANOR_PROGRAMS_WAIT_MS",
    "ATHANOR_PROGRAMS_KEEP_S",
    "ATHANOR_PROGRAMS_PER_MINUTE_ADDRESS",
    "ATHANOR_PROGRAMS_PER_MINUTE_ACCOUNT",
    "ATHANOR_PROGRAMS_PER_MINUTE_TOKEN",
    "ATHANOR_PROGRAM_LIMIT_CODE_BYTES",
    "ATHANOR_PROGRAM_LIMIT_INPUT_BYTES",
    "ATHANOR_PROGRAM_LIMIT_TIME_MS",
    "ATHANOR_PROGRAM_LIMIT_MEMORY_BYTES",
    "ATHANOR_PROGRAM_LIMIT_PIDS",
    "ATHANOR_PROGRAM_LIMIT_CPU_MILLIS",
    "ATHANOR_PROGRAM_LIMIT_TMP_BYTES",
    "ATHANOR_PROGRAM_LIMIT_OPEN_FILES",
    "ATHANOR_PROGRAM_LIMIT_KEPT_OUTPUT_BYTES",
    "ATHANOR_PROGRAM_LIMIT_OUTPUT_BYTES",
    "ATHANOR_CONSOLES",
    "ATHANOR_CONSOLES_AT_ONCE",
    "ATHANOR_CONSOLES_MAX_WAITING",
    "ATHANOR_CONSOLES_PER_MINUTE",
    "ATHANOR_CONSOLES_INPUTS_PER_MINUTE",
    "ATHANOR_CONSOLE_LINE_BYTES",
    "ATHANOR_CONSOLE_EVALUATION_OUTPUT_BYTES",
    "ATHANOR_CONSOLE_OUTPUT_BYTES",
    "ATHANOR_CONSOLE_EVALUATION_MS",
    "ATHANOR_CONSOLE_IDLE_S",
    "ATHANOR_CONSOLE_TOTAL_S",
    "ATHANOR_CONSOLE_GRACE_MS",
];

/// Variables with our prefix that are for scripts and tests, and none of the program's business.
const OTHERS: &[&str] =
    &["ATHANOR_BASE_IMAGE", "ATHANOR_BIN", "ATHANOR_DOCKERD_ARGS", "ATHANOR_DOCKERD_DIR", "ATHANOR_TEST_HOSTILE"];

/// Where a test holds a worker (`judge`); a release build knows nothing of it.
const PAUSE: Option<&str> = if cfg!(debug_assertions) { Some("ATHANOR_PAUSE_AT") } else { None };

struct Vars(BTreeMap<String, String>);

impl Vars {
    /// A variable that is set and not empty.
    fn text(&self, name: &str) -> Option<String> {
        debug_assert!(SETTINGS.contains(&name) || name == "DATABASE_URL", "{name} is not listed");
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }

    fn parse<T: FromStr>(&self, name: &'static str, wanted: &'static str) -> Result<Option<T>, ConfigError> {
        self.checked(name, wanted, |value: &T| {
            let _ = value;
            true
        })
    }

    fn checked<T: FromStr>(
        &self,
        name: &'static str,
        wanted: &'static str,
        fits: impl Fn(&T) -> bool,
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.text(name) else { return Ok(None) };
        match value.parse() {
            Ok(parsed) if fits(&parsed) => Ok(Some(parsed)),
            _ => Err(ConfigError::Unusable { name, value, wanted }),
        }
    }
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// [`ConfigError`] for the first setting that cannot be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_vars(std::env::vars())
    }

    /// Reads settings from names and values; others than ours are passed over.
    ///
    /// # Errors
    /// [`ConfigError`] for the first setting that cannot be used.
    pub fn from_vars(vars: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let vars = Vars(vars.into_iter().collect());
        for name in vars.0.keys().filter(|name| name.starts_with("ATHANOR_")) {
            if !SETTINGS.contains(&name.as_str()) && !OTHERS.contains(&name.as_str()) && PAUSE != Some(name) {
                return Err(ConfigError::Unknown { name: name.clone(), suggestion: nearest(name) });
            }
        }
        const ADDRESS: &str = "it takes an address and port such as 127.0.0.1:4000";
        const COUNT: &str = "it takes a whole number from 1 up";
        let metrics_listen = match vars.text("ATHANOR_METRICS_LISTEN").as_deref() {
            Some("off") => None,
            _ => Some(
                vars.parse("ATHANOR_METRICS_LISTEN", "it takes an address and port such as 127.0.0.1:4001, or 'off'")?
                    .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 4001))),
            ),
        };
        let base_url: Option<String> = vars.checked(
            "ATHANOR_BASE_URL",
            "it takes the address people type, such as https://learn.example.org, without a path",
            |url: &String| is_base_url(url),
        )?;
        let log_format = match vars.text("ATHANOR_LOG_FORMAT").as_deref() {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(other) => {
                return Err(ConfigError::Unusable {
                    name: "ATHANOR_LOG_FORMAT",
                    value: other.to_owned(),
                    wanted: "it takes 'text' or 'json'",
                });
            }
        };
        Ok(Self {
            database_url: vars.text("DATABASE_URL").map(SecretString::from),
            data: vars.text("ATHANOR_DATA").map(PathBuf::from),
            cache: vars.text("ATHANOR_CACHE").map(PathBuf::from),
            db_connections: vars.checked("ATHANOR_DB_CONNECTIONS", COUNT, |n| *n >= 2)?.unwrap_or(16),
            listen: vars.parse("ATHANOR_LISTEN", ADDRESS)?.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 4000))),
            metrics_listen,
            base_url: base_url.map(|url| url.trim_end_matches('/').to_owned()),
            trust_proxy: vars.parse("ATHANOR_TRUST_PROXY", "it takes 'true' or 'false'")?.unwrap_or(false),
            lessons: vars.text("ATHANOR_LESSONS").map_or_else(|| PathBuf::from("lessons"), PathBuf::from),
            private_lessons: vars.text("ATHANOR_PRIVATE_LESSONS").map(PathBuf::from),
            watch_lessons: !off(&vars, "ATHANOR_WATCH_LESSONS")?,
            image: vars.text("ATHANOR_IMAGE").unwrap_or_else(|| "athanor-runner-elixir".to_owned()),
            runtime: vars.text("ATHANOR_RUNTIME"),
            sandbox: SandboxConfig::read(&vars)?,
            schedule: schedule(&vars)?,
            time_zone: time_zone(&vars)?,
            pool: vars.checked("ATHANOR_POOL", COUNT, |n| *n >= 1)?,
            at_once: vars.checked("ATHANOR_AT_ONCE", COUNT, |n| *n >= 1)?,
            max_waiting: vars
                .checked("ATHANOR_MAX_WAITING", COUNT, |n| *n >= 1)?
                .unwrap_or(crate::domain::submission::MAX_WAITING),
            lease: vars
                .checked("ATHANOR_LEASE_MS", "it takes a whole number of milliseconds, 500 or more", |ms| *ms >= 500)?
                .map_or(LEASE, Duration::from_millis),
            drain: vars
                .parse("ATHANOR_DRAIN_MS", "it takes a whole number of milliseconds")?
                .map_or(DRAIN, Duration::from_millis),
            log: vars.text("ATHANOR_LOG").unwrap_or_else(|| "info,sqlx=warn".to_owned()),
            log_format,
            limits: limits::read(&vars)?,
            policies: policies::policies(&vars)?,
            programs: ProgramConfig::read(&vars)?,
            accounts: AccountConfig::read(&vars)?,
            consoles: ConsoleConfig::read(&vars)?,
        })
    }
}

/// Whether something that is usually `on` is `off`.
fn off(vars: &Vars, name: &'static str) -> Result<bool, ConfigError> {
    match vars.text(name) {
        None => Ok(false),
        Some(value) if value == "on" => Ok(false),
        Some(value) if value == "off" => Ok(true),
        Some(value) => Err(ConfigError::Unusable { name, value, wanted: "it takes 'on' or 'off'" }),
    }
}

fn schedule(vars: &Vars) -> Result<Schedule, ConfigError> {
    let name = "ATHANOR_POOL_SCHEDULE";
    let read = vars.text(name).unwrap_or_default().parse();
    read.map_err(|bad: BadEntry| ConfigError::UnusablePart { name, reason: bad.to_string() })
}

fn time_zone(vars: &Vars) -> Result<TimeZone, ConfigError> {
    let name = "ATHANOR_TIME_ZONE";
    let Some(value) = vars.text(name) else { return Ok(TimeZone::system()) };
    let wanted = "it takes the name of a time zone such as Europe/Berlin";
    TimeZone::get(&value).map_err(|_| ConfigError::Unusable { name, value, wanted })
}

fn is_base_url(url: &str) -> bool {
    url.split_once("://").is_some_and(|(scheme, rest)| {
        let host = rest.trim_end_matches('/');
        matches!(scheme, "http" | "https") && !host.is_empty() && !host.contains(['/', '?', '#', ' ', '@'])
    })
}

fn nearest(name: &str) -> Option<&'static str> {
    SETTINGS
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), *known))
        .min()
        .filter(|(distance, _)| *distance <= 4)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests;
