//! ID tokens: what another site says about somebody, checked as OpenID Connect Core 1.0, section 3.1.3.7, asks. Pure.

use serde::Deserialize;

use super::signature::{self, Key, Unsigned};
use crate::domain::account::Email;

/// How far the clocks of two sites may be apart, in seconds.
const LEEWAY_S: i64 = 60;

/// Longest subject that is kept, in bytes: 255 by the standard.
const MAX_SUBJECT: usize = 255;

/// Why a token is not believed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// It is not signed by the issuer.
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
    /// It does not say what it must.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// Somebody else made it.
    #[error("it is of another issuer")]
    Issuer,
    /// Its time is over, or has not come.
    #[error("its time is over or has not come")]
    Time,
    /// It was made for another sign-in.
    #[error("it was made for another sign-in")]
    Nonce,
    /// It was made for another site.
    #[error("it was made for another site")]
    Party,
    /// There is no subject, or one that is longer than the standard lets it be.
    #[error("it does not say whom it is about")]
    Subject,
}

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who made it.
    pub issuer: &'a str,
    /// For whom.
    pub client_id: &'a str,
    /// For which sign-in.
    pub nonce: &'a str,
    /// When it is read, in seconds since 1970.
    pub now: i64,
}

/// Somebody, by the word of another site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who they are there: never another one, never reused.
    pub subject: String,
    /// How they are called.
    pub name: Option<String>,
    /// Their address, if the site has made sure that it is theirs.
    pub verified_email: Option<Email>,
}

#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    exp: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    aud: Audience,
    azp: Option<String>,
    name: Option<String>,
    preferred_username: Option<String>,
    email: Option<String>,
    #[serde(default)]
    email_verified: Verified,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Some sites write the word instead of the truth value.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
enum Verified {
    Truth(bool),
    Word(String),
    #[default]
    Missing,
}

impl Audience {
    fn holds(&self, client_id: &str) -> bool {
        match self {
            Self::One(one) => one == client_id,
            Self::Several(all) => all.iter().any(|one| one == client_id),
        }
    }
}

/// Whom a token is about, if it can be believed.
///
/// # Errors
/// [`Untrusted`] says why not.
pub fn read(token: &str, keys: &[Key], expected: Expected<'_>) -> Result<Person, Untrusted> {
    let payload = signature::verify(token, keys)?;
    let claims: Claims = serde_json::from_slice(&payload).map_err(|error| Untrusted::Unreadable(error.to_string()))?;
    if claims.iss != expected.issuer {
        return Err(Untrusted::Issuer);
    }
    let (now, leeway) = (expected.now as f64, LEEWAY_S as f64);
    if now > claims.exp + leeway || claims.nbf.is_some_and(|begin| now < begin - leeway) {
        return Err(Untrusted::Time);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(Untrusted::Nonce);
    }
    // Made for several sites, it must say that it was given to this one.
    let several = matches!(&claims.aud, Audience::Several(all) if all.len() > 1);
    let party = claims.azp.as_deref();
    if !claims.aud.holds(expected.client_id)
        || (several && party.is_none())
        || party.is_some_and(|party| party != expected.client_id)
    {
        return Err(Untrusted::Party);
    }
    if claims.sub.is_empty() || claims.sub.len() > MAX_SUBJECT || claims.sub.contains('\0') {
        return Err(Untrusted::Subject);
    }
    let verified = match claims.email_verified {
        Verified::Truth(verified) => verified,
        Verified::Word(word) => word == "true",
        Verified::Missing => false,
    };
    Ok(Person {
        subject: claims.sub,
        name: claims.name.or(claims.preferred_username),
        verified_email: claims.email.filter(|_| verified).and_then(|email| Email::parse(&email).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::super::signature::tests::{Pair, pair};
    use super::*;
    use serde_json::{Value, json};

    const NOW: i64 = 1_000_000;

    const EXPECTED: Expected<'static> =
        Expected { issuer: "https://login.example", client_id: "athanor", nonce: "n-0", now: NOW };

    fn claims() -> Value {
        json!({"iss": "https://login.example", "aud": "athanor", "sub": "24400320", "nonce": "n-0", "iat": NOW,
            "exp": NOW + 300, "name": "Ada", "email": "Ada@Example.org", "email_verified": true})
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    fn read_signed(claims: &Value, pair: &Pair) -> Result<Person, Untrusted> {
        read(&pair.sign(claims), &signature::keys(&json!({"keys": [pair.public]})), EXPECTED)
    }

    #[test]
    fn a_good_token_says_who_somebody_is() {
        let person = read_signed(&claims(), &pair("k1")).expect("a person");
        assert_eq!((person.subject.as_str(), person.name.as_deref()), ("24400320", Some("Ada")));
        assert_eq!(person.verified_email.unwrap().as_str(), "ada@example.org");
    }

    #[test]
    fn an_address_that_nobody_has_verified_is_not_known() {
        let pair = pair("k1");
        for (verified, expected) in
            [(json!(true), true), (json!("true"), true), (json!(false), false), (json!("no"), false)]
        {
            let person = read_signed(&with("email_verified", verified.clone()), &pair).unwrap();
            assert_eq!(person.verified_email.is_some(), expected, "{verified}");
        }
        let mut unsaid = claims();
        unsaid.as_object_mut().unwrap().remove("email_verified");
        assert_eq!(read_signed(&unsaid, &pair).unwrap().verified_email, None);
    }

    #[test]
    fn a_token_that_says_anything_else_is_not_believed() {
        let pair = pair("k1");
        for (wrong, why) in [
            (with("iss", json!("https://evil.example")), Some(Untrusted::Issuer)),
            (with("iss", json!("https://login.example/")), Some(Untrusted::Issuer)),
            (with("aud", json!("another-site")), Some(Untrusted::Party)),
            (with("aud", json!(["another-site"])), Some(Untrusted::Party)),
            (with("aud", json!(["athanor", "another-site"])), Some(Untrusted::Party)),
            (with("azp", json!("another-site")), Some(Untrusted::Party)),
            (with("nonce", json!("n-1")), Some(Untrusted::Nonce)),
            (with("nonce", json!(null)), Some(Untrusted::Nonce)),
            (with("exp", json!(NOW - 61)), Some(Untrusted::Time)),
            (with("nbf", json!(NOW + 61)), Some(Untrusted::Time)),
            (with("sub", json!("")), Some(Untrusted::Subject)),
            (with("sub", json!("x".repeat(256))), Some(Untrusted::Subject)),
            // A wrong type is not as good as none.
            (with("exp", json!("tomorrow")), None),
            (with("exp", json!(null)), None),
            (with("nbf", json!("tomorrow")), None),
            (with("aud", json!(7)), None),
        ] {
            let error = read_signed(&wrong, &pair).expect_err("not believed");
            match why {
                Some(why) => assert_eq!(error, why, "{wrong}"),
                None => assert!(matches!(error, Untrusted::Unreadable(_)), "{wrong}: {error}"),
            }
        }
        let mut ours = with("aud", json!(["athanor", "another-site"]));
        ours["azp"] = json!("athanor");
        assert!(read_signed(&ours, &pair).is_ok());
        assert!(read_signed(&with("exp", json!(NOW - 59)), &pair).is_ok(), "clocks differ a little");
    }
}
