//! People: their roles, names and addresses, and who may see what.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::UserId;

/// What a person may do. Ordered: each role may do all that the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Nobody we know by name; has attempts and progress all the same.
    Guest,
    /// Someone with an account.
    Learner,
    /// Reviews what learners submitted.
    Instructor,
    /// Everything, accounts included.
    Admin,
}

impl Role {
    /// The role as it is written in the database and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Learner => "learner",
            Self::Instructor => "instructor",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A role that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a role: guest, learner, instructor or admin")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Guest, Self::Learner, Self::Instructor, Self::Admin]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// An account as the rest of the program sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Whose account.
    pub id: UserId,
    /// What they may do.
    pub role: Role,
    /// How they are called on pages.
    pub name: String,
    /// Where they can be reached; guests have none.
    pub email: Option<Email>,
}

/// Whether `viewer` may see a submission of `owner`: one's own, or as an instructor or administrator.
#[must_use]
pub fn may_see_submission(viewer: &User, owner: UserId) -> bool {
    viewer.id == owner || viewer.role >= Role::Instructor
}

/// Whether `viewer` may see everybody's submissions.
#[must_use]
pub fn may_review(viewer: &User) -> bool {
    viewer.role >= Role::Instructor
}

/// Whether `viewer` may let the verdicts of a regrade stand, or drop them.
#[must_use]
pub fn may_decide_on_regrades(viewer: &User) -> bool {
    viewer.role >= Role::Instructor
}

/// An e-mail address, trimmed and in small letters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// Why a text is not taken as an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("that does not look like an e-mail address (name@example.org)")]
pub struct NotAnEmail;

impl Email {
    /// Takes anything of the form `local@domain` without spaces, at most 254 bytes (RFC 5321's path limit less its
    /// brackets). Whether mail arrives there is for a mail to find out.
    ///
    /// # Errors
    /// [`NotAnEmail`] when the text is of another form.
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        let text = text.trim().to_lowercase();
        let well_formed = text.len() <= 254
            && !text.chars().any(|c| c.is_whitespace() || c.is_control())
            && text.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty()
                    && !domain.is_empty()
                    && !domain.contains('@')
                    && !domain.starts_with('.')
                    && !domain.ends_with('.')
            });
        if well_formed { Ok(Self(text)) } else { Err(NotAnEmail) }
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name to be shown on pages: 1 to 80 characters, one line, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

/// Why a text is not taken as a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 80 characters, on one line")]
pub struct NotAName;

impl DisplayName {
    /// Takes a name.
    ///
    /// # Errors
    /// [`NotAName`] when it is empty, longer than 80 characters, or holds control characters.
    pub fn parse(text: &str) -> Result<Self, NotAName> {
        let text = text.trim();
        let length = text.chars().count();
        if (1..=80).contains(&length) && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAName)
        }
    }

    /// For whom nothing better is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self("Learner".to_owned())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_trimmed_and_lowered() {
        assert_eq!(Email::parse(" Ada@Example.org ").expect("an address").as_str(), "ada@example.org");
        for bad in ["", "ada", "@b", "a@", "a@b@c", "a b@c", "a@.b", "a@b."] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_owner_and_those_who_review_see_a_submission() {
        let owner = UserId::new();
        let viewer = |role, id| User { id, role, name: "x".into(), email: None };
        assert!(may_see_submission(&viewer(Role::Guest, owner), owner));
        assert!(!may_see_submission(&viewer(Role::Learner, UserId::new()), owner));
        assert!(may_see_submission(&viewer(Role::Instructor, UserId::new()), owner));
        assert!(may_see_submission(&viewer(Role::Admin, UserId::new()), owner));
    }
}
