//! What the site writes to people, and how long it tries to.

use std::time::Duration;

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A link that sets a new password.
    Reset,
    /// The account has another address now; goes to the one it had.
    AddressChanged,
    /// The account has another password now.
    PasswordChanged,
}

impl Kind {
    /// The kind as it is written in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::AddressChanged => "address_changed",
            Self::PasswordChanged => "password_changed",
        }
    }

    /// Reads what [`Kind::as_str`] has written.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Reset, Self::AddressChanged, Self::PasswordChanged].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A letter: who it is for is on the envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// The link of a letter that resets a password.
#[derive(Debug, Clone, Copy)]
pub struct ResetLink<'a> {
    /// Where it leads.
    pub url: &'a str,
    /// How long it is good for.
    pub lifetime: Duration,
}

/// The letter with a link for a new password. It calls nobody by name: names are what their owners typed, and whoever made
/// the account may not be whoever reads the mail.
#[must_use]
pub fn reset(site: &str, link: ResetLink<'_>) -> Letter {
    let (url, minutes) = (link.url, link.lifetime.as_secs().div_ceil(60));
    Letter {
        subject: "A new password for Athanor".to_owned(),
        text: format!(
            "Somebody asked for a new password for your account at {site}.\n\nIf it was you, open this link and choose \
             one:\n\n{url}\n\nIt works once, and for {minutes} minutes. All sessions and API tokens of the account end \
             then.\n\nIf it was not you, there is nothing to do: your password stays as it is.\n"
        ),
    }
}

/// The letter to the address that an account had before.
#[must_use]
pub fn address_changed(site: &str) -> Letter {
    Letter {
        subject: "Your account at Athanor has another address now".to_owned(),
        text: format!(
            "The e-mail address of your account at {site} was changed. This one no longer belongs to it.\n\nIf it was \
             you, there is nothing to do. If it was not, tell whoever runs the site: they can give the account back to \
             you.\n"
        ),
    }
}

/// The letter about a changed password.
#[must_use]
pub fn password_changed(site: &str) -> Letter {
    Letter {
        subject: "Your password for Athanor was changed".to_owned(),
        text: format!(
            "The password of your account at {site} was changed, and its other sessions have ended.\n\nIf it was you, \
             there is nothing to do. If it was not, choose a new one here:\n\n{site}/reset\n"
        ),
    }
}

/// Pauses after the first, second, … failed try to send a mail. After the last one it is given up: five tries in an hour and
/// a half outlast a mail server's restart and its greylisting.
pub const PAUSES: [Duration; 4] =
    [Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(15 * 60), Duration::from_secs(75 * 60)];

/// How long to wait after so many failed tries; `None` is to give up.
#[must_use]
pub fn pause_after(tries: u32) -> Option<Duration> {
    let failed = usize::try_from(tries).unwrap_or(usize::MAX);
    PAUSES.get(failed.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        for kind in [Kind::Reset, Kind::AddressChanged, Kind::PasswordChanged] {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::parse("advertisement"), None);
    }

    #[test]
    fn a_mail_is_tried_five_times_with_growing_pauses() {
        let pauses: Vec<_> = (1..=6).map(pause_after).collect();
        assert_eq!(pauses[..4], PAUSES.map(Some));
        assert_eq!(pauses[4..], [None, None]);
        assert!(PAUSES.is_sorted());
    }

    #[test]
    fn a_letter_has_its_link_on_a_line_of_its_own_and_says_how_long_it_works() {
        let link = ResetLink { url: "https://a.example/reset/x", lifetime: Duration::from_secs(3600) };
        let letter = reset("https://a.example", link);
        assert!(letter.text.lines().any(|line| line == link.url));
        assert!(letter.text.contains("for 60 minutes"), "{}", letter.text);
    }
}
