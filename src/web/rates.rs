//! How often something may be asked for, by account, by token and by address.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::settings::{Rate, RateLimits};
use crate::domain::account::Email;
use crate::domain::ids::{ApiTokenId, UserId};

/// One kind of limit, counted for each key by itself.
#[derive(Debug)]
pub struct Limiter<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, DashMapStateStore<K>, DefaultClock>,
    clock: DefaultClock,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    fn new(rate: Rate) -> Self {
        // `None` is a period of zero, which means no limit: the shortest period stands for it.
        let quota = Quota::with_period(rate.every)
            .or_else(|| Quota::with_period(Duration::from_nanos(1)))
            .map_or_else(|| Quota::per_second(rate.burst), |quota| quota.allow_burst(rate.burst));
        Self { limiter: RateLimiter::dashmap(quota), clock: DefaultClock::default() }
    }

    /// Counts one; refuses with the time to wait.
    ///
    /// # Errors
    /// How long until the next may come.
    pub fn check(&self, key: &K) -> Result<(), Duration> {
        self.limiter.check_key(key).map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

/// All limits of the site.
#[derive(Debug)]
pub struct Rates {
    /// Attempts to sign in from one address.
    pub sign_in_address: Limiter<IpAddr>,
    /// Attempts to sign in to one account, by its address.
    pub sign_in_account: Limiter<String>,
    /// Accounts made from one address.
    pub sign_up_address: Limiter<IpAddr>,
    /// Guests from one address.
    pub guests_address: Limiter<IpAddr>,
    /// Submissions of one account.
    pub submissions_account: Limiter<UserId>,
    /// Changes of drafts by one account, guests' included.
    pub drafts_account: Limiter<UserId>,
    /// Verdicts that one account calls wrong.
    pub reports_account: Limiter<UserId>,
    /// Submissions from one address.
    pub submissions_address: Limiter<IpAddr>,
    /// Links for a new password asked for from one address.
    pub reset_address: Limiter<IpAddr>,
    /// Links for a new password mailed to one address.
    pub reset_account: Limiter<Email>,
    /// Downloads of all that is kept about one account.
    pub export_account: Limiter<UserId>,
    /// Programs and blocks of one account, guests' included.
    pub programs_account: Limiter<UserId>,
    /// Programs and blocks from one address.
    pub programs_address: Limiter<IpAddr>,
    /// Programs and blocks that one API token asks for.
    pub programs_token: Limiter<ApiTokenId>,
    /// Consoles that one account opens.
    pub consoles_account: Limiter<UserId>,
    /// Times that one account types something at a console.
    pub console_inputs: Limiter<UserId>,
}

impl Rates {
    /// Starts counting.
    #[must_use]
    pub fn new(limits: &RateLimits) -> Self {
        Self {
            sign_in_address: Limiter::new(limits.sign_in_address),
            sign_in_account: Limiter::new(limits.sign_in_account),
            sign_up_address: Limiter::new(limits.sign_up_address),
            guests_address: Limiter::new(limits.guests_address),
            submissions_account: Limiter::new(limits.submissions_account),
            drafts_account: Limiter::new(limits.drafts_account),
            reports_account: Limiter::new(limits.reports_account),
            submissions_address: Limiter::new(limits.submissions_address),
            reset_address: Limiter::new(limits.reset_address),
            reset_account: Limiter::new(limits.reset_account),
            export_account: Limiter::new(limits.export_account),
            programs_account: Limiter::new(limits.programs_account),
            programs_address: Limiter::new(limits.programs_address),
            programs_token: Limiter::new(limits.programs_token),
            consoles_account: Limiter::new(limits.consoles_account),
            console_inputs: Limiter::new(limits.console_inputs),
        }
    }

    /// Forgets everybody who has their whole burst again, so that memory does not grow with every visitor.
    pub fn forget_idle(&self) {
        for limiter in [
            &self.sign_in_address,
            &self.sign_up_address,
            &self.guests_address,
            &self.submissions_address,
            &self.reset_address,
            &self.programs_address,
        ] {
            limiter.limiter.retain_recent();
        }
        self.sign_in_account.limiter.retain_recent();
        self.submissions_account.limiter.retain_recent();
        self.drafts_account.limiter.retain_recent();
        self.reports_account.limiter.retain_recent();
        self.reset_account.limiter.retain_recent();
        self.export_account.limiter.retain_recent();
        self.programs_account.limiter.retain_recent();
        self.programs_token.limiter.retain_recent();
        self.consoles_account.limiter.retain_recent();
        self.console_inputs.limiter.retain_recent();
    }
}

/// The address that is counted: of IPv6 the first 64 bits, because one household has all of the rest.
#[must_use]
pub fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_burst() {
        let limiter = Limiter::new(Rate { burst: 2.try_into().unwrap(), every: Duration::from_secs(60) });
        assert_eq!(limiter.check(&"a"), Ok(()));
        assert_eq!(limiter.check(&"a"), Ok(()));
        assert!(limiter.check(&"a").is_err_and(|wait| wait > Duration::from_secs(30)));
        assert_eq!(limiter.check(&"b"), Ok(()));
    }

    #[test]
    fn a_household_counts_once() {
        let counted = |text: &str| super::counted(text.parse().unwrap()).to_string();
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(counted("::ffff:192.0.2.7"), "192.0.2.7");
    }
}
