//! Names under which a browser keeps what it could not send yet, so that nobody finds another person's text there. They say
//! nothing about whom they stand for, and nobody gets in by one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::token::SessionToken;
use crate::domain::ids::UserId;

/// The name that lasts for a person, whatever session they come with.
#[must_use]
pub fn of_person(person: UserId) -> String {
    name(b"a person's drafts", person.0.as_bytes())
}

/// The name for one session: what a guest has before there is a row for them.
#[must_use]
pub fn of_session(token: &SessionToken) -> String {
    name(b"a session's drafts", token.as_str().as_bytes())
}

fn name(what: &[u8], whose: &[u8]) -> String {
    let hash = Sha256::new().chain_update(what).chain_update(whose).finalize();
    URL_SAFE_NO_PAD.encode(&hash[..12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_lasts_and_says_nothing() {
        let (ada, ben) = (UserId::new(), UserId::new());
        assert_eq!(of_person(ada), of_person(ada));
        assert_ne!(of_person(ada), of_person(ben));
        let token = SessionToken::new().expect("randomness");
        assert!(!token.as_str().contains(&of_session(&token)));
        assert_eq!(of_session(&token).len(), 16);
    }
}
