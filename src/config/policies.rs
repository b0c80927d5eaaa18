//! How the pool is kept, how often things may be asked for, and how long they are kept.

use std::num::NonZeroU32;
use std::time::Duration;

use super::{ConfigError, Vars};

/// How the pool of warm containers is kept. What is unset is chosen by the sandbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolPolicy {
    /// `ATHANOR_POOL_ADAPT`: whether it follows what is asked for, when that is not `off`.
    pub fixed: bool,
    /// `ATHANOR_POOL_MAX`: containers kept warm at most.
    pub most: Option<usize>,
    /// `ATHANOR_POOL_BOOTS`: containers that boot at once to fill it again.
    pub boots: Option<usize>,
    /// `ATHANOR_POOL_RECYCLE_S`: age at which an idle container is replaced.
    pub recycle: Option<Duration>,
    /// `ATHANOR_POOL_BOOT_TIMEOUT_MS`: how long a container may take to become ready.
    pub boot_timeout: Option<Duration>,
    /// `ATHANOR_POOL_BACKLOG`: used containers that may wait for a quiet moment to be removed.
    pub backlog: Option<usize>,
    /// `ATHANOR_POOL_BACKLOG_MS`: how long one of them waits at most.
    pub backlog_age: Option<Duration>,
}

/// How many may come at once, and after which time one more.
pub type Rate = (NonZeroU32, Duration);

/// How often things may be asked for, as far as it is set: the site knows the usual rates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RatePolicy {
    /// `ATHANOR_RATE_SIGN_IN_ADDRESS`
    pub sign_in_address: Option<Rate>,
    /// `ATHANOR_RATE_SIGN_IN_ACCOUNT`
    pub sign_in_account: Option<Rate>,
    /// `ATHANOR_RATE_SIGN_UP_ADDRESS`
    pub sign_up_address: Option<Rate>,
    /// `ATHANOR_RATE_GUESTS_ADDRESS`
    pub guests_address: Option<Rate>,
    /// `ATHANOR_RATE_SUBMISSIONS_ACCOUNT`
    pub submissions_account: Option<Rate>,
    /// `ATHANOR_RATE_SUBMISSIONS_ADDRESS`
    pub submissions_address: Option<Rate>,
    /// `ATHANOR_RATE_DRAFTS_ACCOUNT`
    pub drafts_account: Option<Rate>,
    /// `ATHANOR_RATE_REPORTS_ACCOUNT`
    pub reports_account: Option<Rate>,
    /// `ATHANOR_RATE_RESET_ADDRESS`
    pub reset_address: Option<Rate>,
    /// `ATHANOR_RATE_RESET_ACCOUNT`
    pub reset_account: Option<Rate>,
    /// `ATHANOR_RATE_EXPORT_ACCOUNT`
    pub export_account: Option<Rate>,
}

/// How long things are kept; `None` is for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// `ATHANOR_KEEP_SOURCE_DAYS`: the code of a submission.
    pub source: Option<Duration>,
    /// `ATHANOR_KEEP_OUTPUT_DAYS`: output, values and remarks of a verdict.
    pub output: Option<Duration>,
    /// `ATHANOR_KEEP_EVENTS_MINUTES`: provisional results of what has come to its end.
    pub events: Duration,
}

/// Everything of this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policies {
    /// Of the pool.
    pub pool: PoolPolicy,
    /// Of the site.
    pub rates: RatePolicy,
    /// Of the database.
    pub keep: Retention,
}

const DAY_S: u64 = 24 * 60 * 60;

pub(super) fn policies(vars: &Vars) -> Result<Policies, ConfigError> {
    const COUNT: &str = "it takes a whole number from 1 up";
    const SECONDS: &str = "it takes a whole number of seconds from 1 up";
    const MILLIS: &str = "it takes a whole number of milliseconds, 10 or more";
    let count = |name| vars.checked(name, COUNT, |n: &usize| *n >= 1);
    let millis =
        |name| Ok::<_, ConfigError>(vars.checked(name, MILLIS, |n: &u64| *n >= 10)?.map(Duration::from_millis));
    let days = |name| {
        let days =
            vars.checked(name, "it takes a whole number of days from 1 up", |n: &u64| (1..=36_500).contains(n))?;
        Ok::<_, ConfigError>(days.map(|days| Duration::from_secs(days * DAY_S)))
    };
    Ok(Policies {
        pool: PoolPolicy {
            fixed: super::off(vars, "ATHANOR_POOL_ADAPT")?,
            most: count("ATHANOR_POOL_MAX")?,
            boots: count("ATHANOR_POOL_BOOTS")?,
            recycle: vars.checked("ATHANOR_POOL_RECYCLE_S", SECONDS, |n: &u64| *n >= 1)?.map(Duration::from_secs),
            boot_timeout: millis("ATHANOR_POOL_BOOT_TIMEOUT_MS")?,
            backlog: vars.parse("ATHANOR_POOL_BACKLOG", "it takes a whole number")?,
            backlog_age: millis("ATHANOR_POOL_BACKLOG_MS")?,
        },
        rates: RatePolicy {
            sign_in_address: rate(vars, "ATHANOR_RATE_SIGN_IN_ADDRESS")?,
            sign_in_account: rate(vars, "ATHANOR_RATE_SIGN_IN_ACCOUNT")?,
            sign_up_address: rate(vars, "ATHANOR_RATE_SIGN_UP_ADDRESS")?,
            guests_address: rate(vars, "ATHANOR_RATE_GUESTS_ADDRESS")?,
            submissions_account: rate(vars, "ATHANOR_RATE_SUBMISSIONS_ACCOUNT")?,
            submissions_address: rate(vars, "ATHANOR_RATE_SUBMISSIONS_ADDRESS")?,
            drafts_account: rate(vars, "ATHANOR_RATE_DRAFTS_ACCOUNT")?,
            reports_account: rate(vars, "ATHANOR_RATE_REPORTS_ACCOUNT")?,
            reset_address: rate(vars, "ATHANOR_RATE_RESET_ADDRESS")?,
            reset_account: rate(vars, "ATHANOR_RATE_RESET_ACCOUNT")?,
            export_account: rate(vars, "ATHANOR_RATE_EXPORT_ACCOUNT")?,
        },
        keep: Retention {
            source: days("ATHANOR_KEEP_SOURCE_DAYS")?,
            output: days("ATHANOR_KEEP_OUTPUT_DAYS")?,
            events: vars
                .checked("ATHANOR_KEEP_EVENTS_MINUTES", "it takes a whole number of minutes from 1 up", |n: &u64| {
                    *n >= 1
                })?
                .map_or(Duration::from_secs(3600), |minutes| Duration::from_secs(minutes * 60)),
        },
    })
}

/// `30/1000`: thirty at once, and one more every 1000 ms.
fn rate(vars: &Vars, name: &'static str) -> Result<Option<Rate>, ConfigError> {
    let Some(value) = vars.text(name) else { return Ok(None) };
    let parsed = value.split_once('/').and_then(|(burst, every)| {
        let every: u64 = every.parse().ok().filter(|every| *every >= 1)?;
        Some((burst.parse().ok()?, Duration::from_millis(every)))
    });
    let wanted = "it takes how many may come at once, a slash, and the milliseconds after which one more may: 30/1000";
    parsed.map(Some).ok_or(ConfigError::Unusable { name, value, wanted })
}
