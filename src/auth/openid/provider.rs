//! The other site: where things are, its keys, and the code that becomes a token.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

use super::signature::{self, Key, Unsigned};
use super::token::{self, Expected, Person, Untrusted};
use crate::auth::token::{FlowState, NoRandomness, random_text};

/// Longest wait for an answer of the other site.
const PATIENCE: Duration = Duration::from_secs(10);

/// Most of an answer that is read, in bytes: keys of large providers are some 10 KiB.
const MAX_ANSWER: u64 = 256 * 1024;

/// How long what the other site says about itself is believed.
const KEPT: Duration = Duration::from_secs(3600);

/// Shortest time between two looks at the keys for the sake of one that is not among them: anybody can name another key.
const BETWEEN_LOOKS: Duration = Duration::from_secs(60);

/// How long a failure to read it is answered without asking again, so that sign-ins do not wait for it one after another.
const GIVEN_UP: Duration = Duration::from_secs(5);

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The other site does not answer, or not what it should.
    #[error("{place} does not answer as it should: {reason}")]
    Away {
        /// What was asked.
        place: &'static str,
        /// What came of it.
        reason: String,
    },
    /// The other site says that it is somebody else.
    #[error("the issuer calls itself {0:?}, which is not the one that is set")]
    OtherIssuer(String),
    /// It failed a moment ago, and was not asked again.
    #[error("not asked again so soon after a failure: {0}")]
    Lately(String),
    /// The code was not taken.
    #[error("the code was not taken: {0}")]
    Code(String),
    /// The token is not believed.
    #[error("the ID token is not believed: {0}")]
    Token(#[from] Untrusted),
    /// The operating system gave no random numbers.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The thread that asked is gone.
    #[error("the asking thread stopped")]
    Stopped,
}

/// What the other site says about itself.
#[derive(Debug, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

#[derive(Debug)]
struct Known {
    metadata: Metadata,
    keys: Vec<Key>,
    read_at: Instant,
}

#[derive(Debug, Deserialize)]
struct Tokens {
    id_token: Option<String>,
}

/// Somebody on the way to the other site, and what must be remembered until they are back.
#[derive(Debug)]
pub struct Journey {
    /// Where to send them.
    pub url: String,
    /// What they come back with.
    pub state: FlowState,
    /// What the token must repeat.
    pub nonce: String,
    /// What the code must come with.
    pub verifier: String,
}

/// Another site that signs people in.
#[derive(Debug)]
pub struct Provider {
    issuer: String,
    client_id: String,
    client_secret: SecretString,
    name: String,
    redirect_uri: String,
    agent: ureq::Agent,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    known: Option<Arc<Known>>,
    /// When it was last looked at again for the sake of a key that was lacking.
    lacked_at: Option<Instant>,
    /// When it could not be read, and why; nothing once it could.
    failed: Option<(Instant, String)>,
}

impl Kept {
    /// The answer without asking the other site; `None` where it must be asked.
    fn at_once(&self, lacking: Option<&Arc<Known>>, now: Instant) -> Option<Result<Arc<Known>, Error>> {
        let since = |at: Instant| now.saturating_duration_since(at);
        if let Some(known) = &self.known {
            let enough = match lacking {
                None => since(known.read_at) < KEPT,
                // Somebody else may have looked meanwhile.
                Some(lacking) => {
                    !Arc::ptr_eq(known, lacking) || self.lacked_at.is_some_and(|at| since(at) < BETWEEN_LOOKS)
                }
            };
            if enough {
                return Some(Ok(Arc::clone(known)));
            }
        }
        let (_, reason) = self.failed.as_ref().filter(|(at, _)| since(*at) < GIVEN_UP)?;
        Some(self.or_old(lacking, Error::Lately(reason.clone())))
    }

    /// Keeps what came of asking, and answers with it.
    fn keep(
        &mut self,
        read: Result<Known, Error>,
        lacking: Option<&Arc<Known>>,
        now: Instant,
    ) -> Result<Arc<Known>, Error> {
        match read {
            Ok(known) => {
                let known = Arc::new(known);
                (self.known, self.failed) = (Some(Arc::clone(&known)), None);
                Ok(known)
            }
            Err(error) => {
                tracing::warn!(%error, "the other site could not be asked about itself");
                self.failed = Some((now, error.to_string()));
                self.or_old(lacking, error)
            }
        }
    }

    /// What was known is good enough where it is merely old, and none at all where it lacks a key.
    fn or_old(&self, lacking: Option<&Arc<Known>>, error: Error) -> Result<Arc<Known>, Error> {
        match &self.known {
            Some(known) if lacking.is_none() => Ok(Arc::clone(known)),
            _ => Err(error),
        }
    }
}

impl Provider {
    /// A provider that sends people back to `redirect_uri`. Nothing is asked of it before somebody signs in, so that the site
    /// starts without it.
    #[must_use]
    pub fn new(issuer: &str, client: (&str, &SecretString), name: &str, redirect_uri: String) -> Self {
        let tls = TlsConfig::builder().provider(TlsProvider::Rustls).root_certs(RootCerts::PlatformVerifier).build();
        let agent = ureq::Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(PATIENCE))
            // Neither keys nor secrets are followed to wherever somebody points.
            .max_redirects(0)
            .http_status_as_error(false)
            .build()
            .new_agent();
        Self {
            issuer: issuer.to_owned(),
            client_id: client.0.to_owned(),
            client_secret: client.1.clone(),
            name: name.to_owned(),
            redirect_uri,
            agent,
            kept: Mutex::default(),
        }
    }

    /// Its address, as it is kept with whoever signs in there.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// How it is called on pages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Prepares to send somebody there.
    ///
    /// # Errors
    /// [`Error::Away`] or [`Error::OtherIssuer`].
    pub async fn depart(&self) -> Result<Journey, Error> {
        let known = self.known(None).await?;
        let (state, nonce, verifier) = (FlowState::new()?, random_text()?, random_text()?);
        let mut url = endpoint("the authorization endpoint", &known.metadata.authorization_endpoint, &self.issuer)?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("scope", "openid email profile")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("state", state.as_str())
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())))
            .append_pair("code_challenge_method", "S256");
        Ok(Journey { url: url.into(), state, nonce, verifier })
    }

    /// Turns the code that somebody came back with into who they are.
    ///
    /// # Errors
    /// [`Error`] says why nobody is signed in.
    pub async fn arrive(&self, code: &str, nonce: &str, verifier: &str) -> Result<Person, Error> {
        let known = self.known(None).await?;
        let id_token = self.exchange(&known.metadata, code, verifier).await?;
        let now = Timestamp::now().as_second();
        let expected = Expected { issuer: &self.issuer, client_id: &self.client_id, nonce, now };
        match token::read(&id_token, &known.keys, expected) {
            Err(Untrusted::Unsigned(Unsigned::UnknownKey)) => {
                let known = self.known(Some(&known)).await?;
                Ok(token::read(&id_token, &known.keys, expected)?)
            }
            read => Ok(read?),
        }
    }

    /// What the other site says about itself; read anew when it is old, or when `lacking` is what lacks a key.
    async fn known(&self, lacking: Option<&Arc<Known>>) -> Result<Arc<Known>, Error> {
        let mut kept = self.kept.lock().await;
        if let Some(answer) = kept.at_once(lacking, Instant::now()) {
            return answer;
        }
        if lacking.is_some() {
            kept.lacked_at = Some(Instant::now());
        }
        let read = self.read().await;
        kept.keep(read, lacking, Instant::now())
    }

    async fn read(&self) -> Result<Known, Error> {
        let place = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let metadata: Metadata = self.get("the issuer's configuration", place).await?;
        if metadata.issuer != self.issuer {
            return Err(Error::OtherIssuer(metadata.issuer));
        }
        let keys = endpoint("the issuer's keys", &metadata.jwks_uri, &self.issuer)?;
        let keys: serde_json::Value = self.get("the issuer's keys", keys.into()).await?;
        Ok(Known { metadata, keys: signature::keys(&keys), read_at: Instant::now() })
    }

    async fn get<T: DeserializeOwned + Send + 'static>(&self, place: &'static str, url: String) -> Result<T, Error> {
        let agent = self.agent.clone();
        off_thread(move || {
            let answer = agent.get(&url).header("accept", "application/json").call();
            let (status, body) = answer.and_then(whole).map_err(|error| away(place, error))?;
            if status != 200 {
                return Err(away(place, format!("status {status}")));
            }
            serde_json::from_slice(&body).map_err(|error| away(place, error))
        })
        .await
    }

    async fn exchange(&self, metadata: &Metadata, code: &str, verifier: &str) -> Result<String, Error> {
        const PLACE: &str = "the token endpoint";
        let url = String::from(endpoint(PLACE, &metadata.token_endpoint, &self.issuer)?);
        let mut form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", self.redirect_uri.clone()),
            ("code_verifier", verifier.to_owned()),
        ];
        let methods = metadata.token_endpoint_auth_methods_supported.as_deref();
        let by_header = methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
        let secret = self.client_secret.expose_secret();
        let header = if by_header {
            // Both parts are encoded first (RFC 6749, section 2.3.1).
            Some(format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(&self.client_id), encoded(secret)))))
        } else {
            form.push(("client_id", self.client_id.clone()));
            form.push(("client_secret", secret.to_owned()));
            None
        };
        let agent = self.agent.clone();
        off_thread(move || {
            let mut request = agent.post(&url).header("accept", "application/json");
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            let (status, body) = request.send_form(form).and_then(whole).map_err(|error| away(PLACE, error))?;
            if status != 200 {
                let said: String = String::from_utf8_lossy(&body).chars().take(200).collect();
                return Err(Error::Code(format!("status {status}: {said}")));
            }
            let tokens: Tokens = serde_json::from_slice(&body).map_err(|error| away(PLACE, error))?;
            tokens.id_token.ok_or_else(|| away(PLACE, "there is no ID token in its answer"))
        })
        .await
    }
}

/// Takes a place that the other site names: under https, unless the issuer itself is not.
fn endpoint(place: &'static str, url: &str, issuer: &str) -> Result<Url, Error> {
    let url = Url::parse(url).map_err(|error| away(place, error))?;
    if url.scheme() == "https" || (url.scheme() == "http" && issuer.starts_with("http://")) {
        Ok(url)
    } else {
        Err(away(place, format!("{url} is not under https")))
    }
}

fn encoded(text: &str) -> String {
    let keep = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'*');
    text.bytes().map(|byte| if keep(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn whole(answer: ureq::http::Response<ureq::Body>) -> Result<(u16, Vec<u8>), ureq::Error> {
    let status = answer.status().as_u16();
    let body = answer.into_body().into_with_config().limit(MAX_ANSWER).read_to_vec()?;
    Ok((status, body))
}

fn away(place: &'static str, reason: impl ToString) -> Error {
    Error::Away { place, reason: reason.to_string() }
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Stopped)?
}

#[cfg(test)]
mod tests {
    use super::{Arc, BETWEEN_LOOKS, Duration, Error, GIVEN_UP, Instant, KEPT, Kept, Known, Metadata, away};

    const MOMENT: Duration = Duration::from_millis(1);

    fn known(read_at: Instant) -> Known {
        let text = String::new;
        let metadata = Metadata {
            issuer: text(),
            authorization_endpoint: text(),
            token_endpoint: text(),
            jwks_uri: text(),
            token_endpoint_auth_methods_supported: None,
        };
        Known { metadata, keys: Vec::new(), read_at }
    }

    #[test]
    fn a_failure_is_answered_at_once_for_a_while_and_then_asked_about_again() {
        let (mut kept, start) = (Kept::default(), Instant::now());
        assert!(kept.at_once(None, start).is_none());
        assert!(matches!(kept.keep(Err(away("it", "silence")), None, start), Err(Error::Away { .. })));
        let soon = kept.at_once(None, start + GIVEN_UP - MOMENT);
        assert!(matches!(soon, Some(Err(Error::Lately(reason))) if reason.contains("silence")));
        assert!(kept.at_once(None, start + GIVEN_UP).is_none());
        kept.keep(Ok(known(start)), None, start).unwrap();
        assert!(kept.failed.is_none());
        assert!(matches!(kept.at_once(None, start), Some(Ok(_))));
    }

    #[test]
    fn what_is_merely_old_serves_until_it_can_be_read_anew() {
        let (mut kept, start) = (Kept::default(), Instant::now());
        let old = kept.keep(Ok(known(start)), None, start).unwrap();
        let late = start + KEPT;
        assert!(matches!(kept.at_once(None, late - MOMENT), Some(Ok(same)) if Arc::ptr_eq(&same, &old)));
        assert!(kept.at_once(None, late).is_none(), "it is asked first");
        let renewed = kept.keep(Err(away("it", "silence")), None, late).unwrap();
        assert!(Arc::ptr_eq(&renewed, &old));
        assert!(matches!(kept.at_once(None, late), Some(Ok(same)) if Arc::ptr_eq(&same, &old)));
        assert!(kept.at_once(None, late + GIVEN_UP).is_none());
        assert!(matches!(kept.at_once(Some(&old), late), Some(Err(Error::Lately(_)))), "it has not the key");
    }

    #[test]
    fn a_key_that_is_lacking_is_looked_for_once_in_a_while() {
        let (mut kept, start) = (Kept::default(), Instant::now());
        let old = kept.keep(Ok(known(start)), None, start).unwrap();
        assert!(kept.at_once(Some(&old), start).is_none());
        kept.lacked_at = Some(start);
        assert!(matches!(kept.keep(Err(away("it", "silence")), Some(&old), start), Err(Error::Away { .. })));
        assert!(matches!(kept.at_once(Some(&old), start + BETWEEN_LOOKS - MOMENT), Some(Ok(_))));
        assert!(kept.at_once(Some(&old), start + BETWEEN_LOOKS).is_none());
        assert!(matches!(kept.at_once(None, start), Some(Ok(_))), "others go on with what is there");
    }
}
