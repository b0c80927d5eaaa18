//! Secrets that stand for somebody: 256 random bits, of which the database keeps only the hash.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A session token as the cookie carries it.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

/// The operating system gave no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random numbers: {0}")]
pub struct NoRandomness(getrandom::Error);

/// The token of a link that resets a password.
#[derive(Clone, PartialEq, Eq)]
pub struct ResetToken(String);

/// What somebody comes back with from another site that signs them in.
#[derive(Clone, PartialEq, Eq)]
pub struct FlowState(String);

macro_rules! random_tokens {
    ($($name:ident),+) => {$(
        impl $name {
            /// A new token.
            ///
            /// # Errors
            /// [`NoRandomness`] when the operating system gives none.
            pub fn new() -> Result<Self, NoRandomness> {
                Ok(Self(random_text()?))
            }

            /// Takes what somebody has shown; `None` when it cannot be one of ours.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                is_random_text(text).then(|| Self(text.to_owned()))
            }

            /// The text for its owner.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// What the database keeps.
            #[must_use]
            pub fn hash(&self) -> [u8; 32] {
                Sha256::digest(self.0.as_bytes()).into()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}

random_tokens!(SessionToken, ResetToken, FlowState);

/// 256 random bits in the signs that need no quoting anywhere.
pub(super) fn random_text() -> Result<String, NoRandomness> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn is_random_text(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// A token that a program shows instead of a session.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken(String);

/// What every API token begins with, so that people and scanners of leaked secrets know one when they see it.
const API_TOKEN_PREFIX: &str = "athanor_";

impl ApiToken {
    /// A new token.
    ///
    /// # Errors
    /// [`NoRandomness`] when the operating system gives none.
    pub fn new() -> Result<Self, NoRandomness> {
        Ok(Self(format!("{API_TOKEN_PREFIX}{}", random_text()?)))
    }

    /// Takes what a program has shown; `None` when it cannot be one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let random = text.strip_prefix(API_TOKEN_PREFIX)?;
        is_random_text(random).then(|| Self(text.to_owned()))
    }

    /// The text to show, once, to its owner.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the database keeps. The token has 256 random bits, so one round of a fast hash is enough: nobody tries them out.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiToken(…)")
    }
}

/// A password for one sign-in: 80 random bits in groups that can be read aloud and typed.
///
/// # Errors
/// [`NoRandomness`] when the operating system gives none.
pub fn one_time_password() -> Result<String, NoRandomness> {
    // Small letters and digits without those that look alike: 31 signs, about five bits each.
    const SIGNS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut password = String::with_capacity(19);
    let mut bytes = [0_u8; 1];
    while password.len() < 19 {
        if password.len() % 5 == 4 {
            password.push('-');
            continue;
        }
        getrandom::fill(&mut bytes).map_err(NoRandomness)?;
        // Bytes past the last whole multiple are thrown again, so that every sign is equally likely.
        let whole = 256 - 256 % SIGNS.len();
        if usize::from(bytes[0]) < whole {
            password.push(char::from(SIGNS[usize::from(bytes[0]) % SIGNS.len()]));
        }
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_cookie_and_nothing_else_does() {
        let token = SessionToken::new().expect("randomness");
        assert_eq!(SessionToken::parse(token.as_str()), Some(token.clone()));
        assert_ne!(SessionToken::new().expect("randomness"), token);
        for bad in ["", "abc", &"a".repeat(44), "💥"] {
            assert_eq!(SessionToken::parse(bad), None, "{bad}");
        }
        assert!(!format!("{token:?}").contains(token.as_str()));
    }

    #[test]
    fn an_api_token_is_no_session_and_does_not_show_itself() {
        let token = ApiToken::new().expect("randomness");
        assert_eq!(ApiToken::parse(token.as_str()), Some(token.clone()));
        assert_eq!(SessionToken::parse(token.as_str()), None);
        let session = SessionToken::new().expect("randomness");
        for bad in ["", "athanor_", "athanor_abc", session.as_str(), &format!("{} ", token.as_str())] {
            assert_eq!(ApiToken::parse(bad), None, "{bad}");
        }
        assert!(!format!("{token:?}").contains(token.as_str()));
    }

    #[test]
    fn one_time_passwords_can_be_read_aloud() {
        let password = one_time_password().expect("randomness");
        assert_eq!(password.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
    }
}
