//! Settings of program runs.

use std::time::Duration;

use super::{ConfigError, Vars};
use crate::domain::program::{LanguageName, SetLimits};

/// Settings of program runs.
#[derive(Debug, Clone)]
pub struct ProgramConfig {
    /// `ATHANOR_PROGRAMS`: `all` installed languages, `off`, or a list of some.
    pub languages: Languages,
    /// `ATHANOR_PROGRAMS_AT_ONCE`: programs that run at once; half the jobs that run at once when unset.
    pub at_once: Option<usize>,
    /// `ATHANOR_PROGRAMS_WARM`: containers of each language that wait for programs.
    pub warm: usize,
    /// `ATHANOR_PROGRAMS_MAX_WAITING`: programs that may wait, and as many blocks.
    pub max_waiting: i64,
    /// `ATHANOR_PROGRAMS_MAX_EACH`: programs of one address or account that may wait or run.
    pub max_each: i64,
    /// `ATHANOR_PROGRAMS_WAIT_MS`: how long a program waits at most for its turn.
    pub wait: Duration,
    /// `ATHANOR_PROGRAMS_KEEP_S`: how long the database keeps programs and what came of them.
    pub keep: Duration,
    /// `ATHANOR_PROGRAMS_PER_MINUTE_ADDRESS`: programs and blocks a minute from one address.
    pub per_minute_address: u32,
    /// `ATHANOR_PROGRAMS_PER_MINUTE_ACCOUNT`: programs and blocks a minute of one account.
    pub per_minute_account: u32,
    /// `ATHANOR_PROGRAMS_PER_MINUTE_TOKEN`: programs and blocks a minute that one API token asks for.
    pub per_minute_token: u32,
    /// `ATHANOR_PROGRAM_LIMIT_CODE_BYTES`: largest accepted program, in bytes.
    pub code_bytes: usize,
    /// `ATHANOR_PROGRAM_LIMIT_INPUT_BYTES`: largest accepted input, in bytes.
    pub input_bytes: usize,
    /// `ATHANOR_PROGRAM_LIMIT_…`: what programs may use; what is unset is as their images say.
    pub limits: SetLimits,
}

/// Which languages programs may be written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Languages {
    /// All whose images are installed.
    All,
    /// None: there are no program runs.
    Off,
    /// These, where their images are installed.
    Some(Vec<LanguageName>),
}

impl ProgramConfig {
    pub(super) fn read(vars: &Vars) -> Result<Self, ConfigError> {
        const COUNT: &str = "it takes a whole number from 1 up";
        const SOME: &str = "it takes a whole number from 0 to 16";
        const MILLIS: &str = "it takes a whole number of milliseconds, 100 or more";
        const SECONDS: &str = "it takes a whole number of seconds, 60 or more";
        let count = |name| vars.checked(name, COUNT, |n: &i64| *n >= 1);
        let rate = |name| vars.checked(name, COUNT, |n: &u32| *n >= 1);
        Ok(Self {
            languages: languages(vars)?,
            at_once: vars.checked("ATHANOR_PROGRAMS_AT_ONCE", COUNT, |n| *n >= 1)?,
            warm: vars.checked("ATHANOR_PROGRAMS_WARM", SOME, |n| *n <= 16)?.unwrap_or(1),
            max_waiting: count("ATHANOR_PROGRAMS_MAX_WAITING")?.unwrap_or(64),
            max_each: count("ATHANOR_PROGRAMS_MAX_EACH")?.unwrap_or(8),
            wait: Duration::from_millis(
                vars.checked("ATHANOR_PROGRAMS_WAIT_MS", MILLIS, |n| *n >= 100)?.unwrap_or(30_000),
            ),
            keep: Duration::from_secs(vars.checked("ATHANOR_PROGRAMS_KEEP_S", SECONDS, |n| *n >= 60)?.unwrap_or(3600)),
            per_minute_address: rate("ATHANOR_PROGRAMS_PER_MINUTE_ADDRESS")?.unwrap_or(120),
            per_minute_account: rate("ATHANOR_PROGRAMS_PER_MINUTE_ACCOUNT")?.unwrap_or(60),
            per_minute_token: rate("ATHANOR_PROGRAMS_PER_MINUTE_TOKEN")?.unwrap_or(120),
            code_bytes: size(vars, "ATHANOR_PROGRAM_LIMIT_CODE_BYTES")?.unwrap_or(64 * 1024),
            input_bytes: size(vars, "ATHANOR_PROGRAM_LIMIT_INPUT_BYTES")?.unwrap_or(64 * 1024),
            limits: limits(vars)?,
        })
    }
}

fn languages(vars: &Vars) -> Result<Languages, ConfigError> {
    const NAME: &str = "ATHANOR_PROGRAMS";
    match vars.text(NAME).as_deref() {
        None | Some("all") => Ok(Languages::All),
        Some("off") => Ok(Languages::Off),
        Some(list) => list
            .split(',')
            .map(|name| LanguageName::parse(name.trim()))
            .collect::<Result<_, _>>()
            .map(Languages::Some)
            .map_err(|_| ConfigError::Unusable {
                name: NAME,
                value: list.to_owned(),
                wanted: "it takes 'all', 'off', or names of languages such as python,ruby",
            }),
    }
}

fn size(vars: &Vars, name: &'static str) -> Result<Option<usize>, ConfigError> {
    vars.checked(name, "it takes a whole number of bytes from 1024 to 262144", |n: &usize| (1024..=262_144).contains(n))
}

fn limits(vars: &Vars) -> Result<SetLimits, ConfigError> {
    const OUTPUT: &str = "it takes a whole number of bytes, 1024 or more";
    let output = |name| vars.checked(name, OUTPUT, |n: &usize| *n >= 1024);
    Ok(SetLimits {
        time_ms: vars.checked(
            "ATHANOR_PROGRAM_LIMIT_TIME_MS",
            "it takes a whole number of milliseconds from 100 to 60000",
            |n| (100..=60_000).contains(n),
        )?,
        memory_bytes: vars.checked(
            "ATHANOR_PROGRAM_LIMIT_MEMORY_BYTES",
            "it takes a whole number of bytes, 67108864 (64 MiB) or more",
            |n| *n >= 64 * 1024 * 1024,
        )?,
        pids: vars.checked("ATHANOR_PROGRAM_LIMIT_PIDS", "it takes a whole number, 24 or more", |n| *n >= 24)?,
        cpu_millis: vars.checked(
            "ATHANOR_PROGRAM_LIMIT_CPU_MILLIS",
            "it takes thousandths of a core, 100 or more",
            |n| *n >= 100,
        )?,
        tmp_bytes: vars.checked(
            "ATHANOR_PROGRAM_LIMIT_TMP_BYTES",
            "it takes a whole number of bytes, 1048576 (1 MiB) or more",
            |n| *n >= 1024 * 1024,
        )?,
        open_files: vars
            .checked("ATHANOR_PROGRAM_LIMIT_OPEN_FILES", "it takes a whole number, 64 or more", |n| *n >= 64)?,
        kept_output_bytes: output("ATHANOR_PROGRAM_LIMIT_KEPT_OUTPUT_BYTES")?,
        output_bytes: output("ATHANOR_PROGRAM_LIMIT_OUTPUT_BYTES")?,
    })
}
