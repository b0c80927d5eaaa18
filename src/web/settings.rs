//! What can be set about the site.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::domain::limits::Limits;
use crate::domain::submission::MAX_WAITING;

/// Settings of the site. Startup fills them from the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether readers reach the site under https: cookies are `Secure` and carry the `__Host-` prefix then.
    pub https: bool,
    /// Whether a proxy of ours stands before the site, so that the last address of `X-Forwarded-For` is the client's.
    pub trust_proxy: bool,
    /// How long a session lives after it was last used.
    pub session_lifetime: Duration,
    /// Largest accepted source, in bytes.
    pub source_bytes: usize,
    /// Gradings of one learner that may wait.
    pub max_waiting: i64,
    /// How often things may be asked for.
    pub rates: RateLimits,
    /// Threads that answer requests; `None` is one for each core.
    pub workers: Option<usize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            https: false,
            trust_proxy: false,
            session_lifetime: Duration::from_secs(30 * 24 * 3600),
            source_bytes: Limits::DEFAULT.source_bytes,
            max_waiting: MAX_WAITING,
            rates: RateLimits::DEFAULT,
            workers: None,
        }
    }
}

/// How many at once, and how long until one more is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many may come at once.
    pub burst: NonZeroU32,
    /// Time after which one more may come.
    pub every: Duration,
}

const fn rate(burst: u32, every_ms: u64) -> Rate {
    match NonZeroU32::new(burst) {
        Some(burst) => Rate { burst, every: Duration::from_millis(every_ms) },
        None => panic!("a rate lets at least one through"),
    }
}

/// How often things may be asked for. A class behind one address must be able to sign up together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Attempts to sign in from one address.
    pub sign_in_address: Rate,
    /// Attempts to sign in to one account from one address.
    pub sign_in_account: Rate,
    /// Accounts made from one address.
    pub sign_up_address: Rate,
    /// Guests with a row of their own from one address.
    pub guests_address: Rate,
    /// Submissions of one account.
    pub submissions_account: Rate,
    /// Verdicts that one account calls wrong.
    pub reports_account: Rate,
    /// Submissions from one address.
    pub submissions_address: Rate,
}

impl RateLimits {
    /// The usual limits.
    pub const DEFAULT: Self = Self {
        sign_in_address: rate(60, 2_000),
        sign_in_account: rate(10, 10_000),
        sign_up_address: rate(60, 10_000),
        guests_address: rate(60, 10_000),
        submissions_account: rate(30, 1_000),
        reports_account: rate(5, 60_000),
        submissions_address: rate(300, 50),
    };
}
