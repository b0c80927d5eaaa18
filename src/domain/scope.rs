//! What an API token may do: a set of scopes, each of which opens some of what its owner may do.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// One thing that a token may be good for. Ordered as pages list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Run programs and blocks of lessons.
    Run,
    /// Hand in, and read and call off what its owner handed in.
    Submit,
    /// Read whatever its owner may read.
    Read,
    /// Answer reports and decide on regrades, where its owner may.
    Review,
}

impl Scope {
    /// Every scope, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Run, Self::Submit, Self::Read, Self::Review];

    /// The scope as it is written in the database, in JSON and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Submit => "submit",
            Self::Read => "read",
            Self::Review => "review",
        }
    }

    /// What it opens, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Run => "run programs and blocks of lessons",
            Self::Submit => "hand in, and read what you handed in",
            Self::Read => "read whatever you may read",
            Self::Review => "answer reports and decide on regrades",
        }
    }

    /// Whether a token of somebody of this kind can make use of it at all.
    #[must_use]
    pub const fn is_for_reviewers(self) -> bool {
        matches!(self, Self::Review)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is not taken as scopes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadScopes {
    /// A token that may do nothing is of no use.
    #[error("choose at least one scope: run, submit, read or review")]
    None,
    /// There is no such scope.
    #[error("'{0}' is not a scope: choose among run, submit, read and review")]
    Unknown(String),
}

impl FromStr for Scope {
    type Err = BadScopes;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Names of scopes are short; what is quoted back need not be longer than they could be.
        let unknown = || BadScopes::Unknown(text.chars().take(40).collect());
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or_else(unknown)
    }
}

/// What a token may do: at least one scope, each once, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Takes names of scopes, each by itself. Repeating one changes nothing.
    ///
    /// # Errors
    /// [`BadScopes`] when there is none, or one that does not exist.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, BadScopes> {
        let mut scopes = names.into_iter().map(Scope::from_str).collect::<Result<Vec<_>, _>>()?;
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() { Err(BadScopes::None) } else { Ok(Self(scopes)) }
    }

    /// Whether one of `wanted` is among them.
    #[must_use]
    pub fn allow(&self, wanted: &[Scope]) -> bool {
        wanted.iter().any(|scope| self.0.contains(scope))
    }

    /// The scopes, in order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }
}

impl FromStr for Scopes {
    type Err = BadScopes;
    /// Names with commas or spaces between them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text.split([',', ' ']).filter(|name| !name.is_empty()))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Scope::as_str).collect();
        f.write_str(&names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_a_set_of_known_names() {
        let scopes: Scopes = "submit, run,run".parse().expect("scopes");
        assert_eq!(scopes.to_string(), "run, submit");
        assert!(scopes.allow(&[Scope::Run]) && scopes.allow(&[Scope::Read, Scope::Submit]));
        assert!(!scopes.allow(&[Scope::Read]) && !scopes.allow(&[]));
        assert_eq!(" , ".parse::<Scopes>(), Err(BadScopes::None));
        assert_eq!("run,admin".parse::<Scopes>(), Err(BadScopes::Unknown("admin".into())));
        assert_eq!(Scopes::parse(["Run"]), Err(BadScopes::Unknown("Run".into())));
    }

    #[test]
    fn every_scope_is_found_by_its_name() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
    }
}
