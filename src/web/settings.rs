//! What can be set about the site.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::auth::openid::Provider;
use crate::db::programs::Room;
use crate::domain::console::ConsoleLimits;
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
    /// What programs and blocks may be asked for.
    pub programs: ProgramSettings,
    /// What consoles may be asked for.
    pub consoles: ConsoleSettings,
    /// How often things may be asked for.
    pub rates: RateLimits,
    /// What accounts need.
    pub accounts: AccountSettings,
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
            programs: ProgramSettings::DEFAULT,
            consoles: ConsoleSettings::DEFAULT,
            rates: RateLimits::DEFAULT,
            accounts: AccountSettings::default(),
            workers: None,
        }
    }
}

/// What accounts need.
#[derive(Debug, Clone)]
pub struct AccountSettings {
    /// Where people reach the site, without a slash at the end. Never what a request says about it.
    pub site: String,
    /// Whether the site can send mail.
    pub mails: bool,
    /// How long a link for a new password works.
    pub reset_lifetime: Duration,
    /// How long ago somebody without a password may have signed in, to change what others must confirm with theirs.
    pub fresh: Duration,
    /// Another site that signs people in.
    pub openid: Option<Arc<Provider>>,
}

impl AccountSettings {
    /// What the other site is called, if there is one.
    #[must_use]
    pub fn provider_name(&self) -> Option<&str> {
        self.openid.as_deref().map(Provider::name)
    }
}

impl Default for AccountSettings {
    fn default() -> Self {
        Self {
            site: "http://localhost".to_owned(),
            mails: false,
            reset_lifetime: Duration::from_secs(3600),
            fresh: Duration::from_secs(600),
            openid: None,
        }
    }
}

/// What programs and blocks of lessons may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgramSettings {
    /// Whether programs may be asked for at all. Blocks may be in any case.
    pub enabled: bool,
    /// Largest accepted program, in bytes.
    pub code_bytes: usize,
    /// Largest accepted input, in bytes.
    pub input_bytes: usize,
    /// How much may wait, and for how long.
    pub room: Room,
}

impl ProgramSettings {
    /// The usual settings.
    pub const DEFAULT: Self = Self {
        enabled: true,
        code_bytes: 64 * 1024,
        input_bytes: 64 * 1024,
        room: Room { waiting: 64, each: 8, wait: Duration::from_secs(30) },
    };
}

/// What consoles may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsoleSettings {
    /// Whether they are offered.
    pub enabled: bool,
    /// Consoles that may wait for a worker.
    pub max_waiting: i64,
    /// What one may use.
    pub limits: ConsoleLimits,
}

impl ConsoleSettings {
    /// The usual settings.
    pub const DEFAULT: Self = Self { enabled: true, max_waiting: 16, limits: ConsoleLimits::DEFAULT };
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
    /// Changes of drafts by one account, guests' included.
    pub drafts_account: Rate,
    /// Verdicts that one account calls wrong.
    pub reports_account: Rate,
    /// Submissions from one address.
    pub submissions_address: Rate,
    /// Links for a new password asked for from one address.
    pub reset_address: Rate,
    /// Links for a new password mailed to one address, whoever asks.
    pub reset_account: Rate,
    /// Downloads of all that is kept about one account.
    pub export_account: Rate,
    /// Programs and blocks of one account, guests' included.
    pub programs_account: Rate,
    /// Programs and blocks from one address.
    pub programs_address: Rate,
    /// Programs and blocks that one API token asks for.
    pub programs_token: Rate,
    /// Consoles that one account opens.
    pub consoles_account: Rate,
    /// Times that one account types something at a console.
    pub console_inputs: Rate,
}

impl Rate {
    /// So many a minute, half of them at once.
    #[must_use]
    pub fn per_minute(count: u32) -> Self {
        let count = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        Self {
            burst: NonZeroU32::new(count.get() / 2).unwrap_or(NonZeroU32::MIN),
            every: Duration::from_secs(60) / count.get(),
        }
    }
}

impl RateLimits {
    /// The usual limits.
    pub const DEFAULT: Self = Self {
        sign_in_address: rate(60, 2_000),
        sign_in_account: rate(10, 10_000),
        sign_up_address: rate(60, 10_000),
        guests_address: rate(60, 10_000),
        submissions_account: rate(30, 1_000),
        drafts_account: rate(30, 500),
        reports_account: rate(5, 60_000),
        submissions_address: rate(300, 50),
        reset_address: rate(20, 10_000),
        reset_account: rate(3, 600_000),
        export_account: rate(5, 60_000),
        programs_account: rate(30, 1_000),
        programs_address: rate(60, 500),
        programs_token: rate(60, 500),
        consoles_account: rate(10, 3_000),
        console_inputs: rate(150, 200),
    };
}
