//! `ATHANOR_CONSOLE…`: IEx in the lesson.

use super::{ConfigError, Vars, off};
use crate::domain::console::ConsoleLimits;

/// Settings of consoles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsoleConfig {
    /// `ATHANOR_CONSOLES`: whether the site offers them.
    pub enabled: bool,
    /// `ATHANOR_CONSOLES_AT_ONCE`: consoles that a worker holds at once.
    pub at_once: usize,
    /// `ATHANOR_CONSOLES_MAX_WAITING`: consoles that may wait for a worker.
    pub max_waiting: i64,
    /// `ATHANOR_CONSOLES_PER_MINUTE`: consoles that one account may open a minute.
    pub per_minute: u32,
    /// `ATHANOR_CONSOLES_INPUTS_PER_MINUTE`: times that one account may type something a minute.
    pub inputs_per_minute: u32,
    /// `ATHANOR_CONSOLE_…`: what a console may use.
    pub limits: ConsoleLimits,
}

impl ConsoleConfig {
    pub(super) fn read(vars: &Vars) -> Result<Self, ConfigError> {
        const COUNT: &str = "it takes a whole number from 1 up";
        const FEW: &str = "it takes a whole number from 0 to 64";
        const SECONDS: &str = "it takes a whole number of seconds from 1 to 3600";
        const MILLIS: &str = "it takes a whole number of milliseconds, 100 or more";
        const BYTES: &str = "it takes a whole number of bytes, 1024 or more";
        let usual = ConsoleLimits::DEFAULT;
        let seconds = |name, default: u64| -> Result<u64, ConfigError> {
            Ok(vars.checked(name, SECONDS, |n: &u64| (1..=3600).contains(n))?.map_or(default, |n| n * 1000))
        };
        let millis = |name, default: u64| -> Result<u64, ConfigError> {
            Ok(vars.checked(name, MILLIS, |n: &u64| *n >= 100)?.unwrap_or(default))
        };
        let bytes = |name, default: usize| -> Result<usize, ConfigError> {
            Ok(vars.checked(name, BYTES, |n: &usize| *n >= 1024)?.unwrap_or(default))
        };
        let rate = |name, default: u32| -> Result<u32, ConfigError> {
            Ok(vars.checked(name, COUNT, |n: &u32| *n >= 1)?.unwrap_or(default))
        };
        Ok(Self {
            enabled: !off(vars, "ATHANOR_CONSOLES")?,
            at_once: vars.checked("ATHANOR_CONSOLES_AT_ONCE", FEW, |n| *n <= 64)?.unwrap_or(2),
            max_waiting: vars.checked("ATHANOR_CONSOLES_MAX_WAITING", COUNT, |n| *n >= 1)?.unwrap_or(16),
            per_minute: rate("ATHANOR_CONSOLES_PER_MINUTE", 20)?,
            inputs_per_minute: rate("ATHANOR_CONSOLES_INPUTS_PER_MINUTE", 300)?,
            limits: ConsoleLimits {
                line_bytes: vars
                    .checked(
                        "ATHANOR_CONSOLE_LINE_BYTES",
                        "it takes a whole number of bytes from 1024 to 65536",
                        |n| (1024..=65_536).contains(n),
                    )?
                    .unwrap_or(usual.line_bytes),
                evaluation_output_bytes: bytes(
                    "ATHANOR_CONSOLE_EVALUATION_OUTPUT_BYTES",
                    usual.evaluation_output_bytes,
                )?,
                output_bytes: bytes("ATHANOR_CONSOLE_OUTPUT_BYTES", usual.output_bytes)?,
                evaluation_ms: millis("ATHANOR_CONSOLE_EVALUATION_MS", usual.evaluation_ms)?,
                idle_ms: seconds("ATHANOR_CONSOLE_IDLE_S", usual.idle_ms)?,
                total_ms: seconds("ATHANOR_CONSOLE_TOTAL_S", usual.total_ms)?,
                grace_ms: millis("ATHANOR_CONSOLE_GRACE_MS", usual.grace_ms)?,
                ..usual
            },
        })
    }
}
