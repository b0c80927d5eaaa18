//! Passwords: argon2id, off the async threads, a few at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// Longest accepted password, in bytes: long enough for any sentence, short enough not to be a load.
pub const MAX_BYTES: usize = 1024;

/// Weakest accepted password on zxcvbn's scale from 0 to 4: 2 is "somewhat guessable", which withstands an online
/// attack (zxcvbn's README).
const MIN_SCORE: zxcvbn::Score = zxcvbn::Score::Two;

/// Why a password is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Nothing was typed.
    #[error("choose a password")]
    Empty,
    /// More than [`MAX_BYTES`].
    #[error("a password has at most {MAX_BYTES} bytes")]
    TooLong,
    /// Easily guessed.
    #[error("this password is easily guessed: {0}")]
    Guessable(String),
}

/// A hash could not be made or read: our fault, never a wrong password.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stored hash is not one.
    #[error("a stored password hash cannot be read: {0}")]
    Stored(argon2::password_hash::phc::Error),
    /// Hashing failed.
    #[error("a password could not be hashed: {0}")]
    Hash(argon2::password_hash::Error),
    /// The thread that hashed is gone.
    #[error("the hashing thread stopped")]
    Stopped,
}

/// Says whether a password may be chosen. `about` holds words that belong to its owner and make it easy to guess.
///
/// # Errors
/// [`Weak`] says what to do better.
pub fn check(password: &SecretString, about: &[&str]) -> Result<(), Weak> {
    let text = password.expose_secret();
    if text.is_empty() {
        return Err(Weak::Empty);
    }
    if text.len() > MAX_BYTES {
        return Err(Weak::TooLong);
    }
    // zxcvbn's time grows fast with the length; what matters is decided in the first hundred characters.
    let head: String = text.chars().take(100).collect();
    let estimate = zxcvbn::zxcvbn(&head, about);
    if estimate.score() >= MIN_SCORE {
        return Ok(());
    }
    let advice = estimate
        .feedback()
        .and_then(|feedback| feedback.suggestions().first().map(ToString::to_string))
        .unwrap_or_else(|| "use a few words that do not belong together".to_owned());
    Err(Weak::Guessable(advice))
}

/// Makes and checks hashes with argon2id's default parameters (19 MiB, two passes: OWASP's password storage advice),
/// at most as many at a time as there are permits, so that a flood of sign-ins cannot take all memory and cores.
#[derive(Debug, Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    made: Arc<AtomicU64>,
}

impl Passwords {
    /// Hashes at most `at_once` passwords at a time.
    #[must_use]
    pub fn new(at_once: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(at_once.max(1))), made: Arc::default() }
    }

    /// How many hashes were computed so far, whatever for: what a sign-in costs is to be the same for every address.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Hashes a password.
    ///
    /// # Errors
    /// [`Error`] when hashing fails.
    pub async fn hash(&self, password: SecretString) -> Result<String, Error> {
        self.off_thread(move || {
            let hash: PasswordHash =
                Argon2::default().hash_password(password.expose_secret().as_bytes()).map_err(Error::Hash)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether a password is the one of a hash. Without a hash it takes the same time and answers `false`, so that
    /// nobody learns from the time which addresses have an account.
    ///
    /// # Errors
    /// [`Error`] when the stored hash cannot be read.
    pub async fn verify(&self, password: SecretString, stored: Option<String>) -> Result<bool, Error> {
        self.off_thread(move || match stored {
            Some(stored) => {
                let hash = PasswordHash::new(&stored).map_err(Error::Stored)?;
                Ok(Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash).is_ok())
            }
            None => {
                let _: PasswordHash =
                    Argon2::default().hash_password(password.expose_secret().as_bytes()).map_err(Error::Hash)?;
                Ok(false)
            }
        })
        .await
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _permit = self.permits.acquire().await.map_err(|_| Error::Stopped)?;
        self.made.fetch_add(1, Ordering::Relaxed);
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Stopped)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[tokio::test]
    async fn only_the_same_password_fits_its_hash() {
        let passwords = Passwords::new(1);
        let hash = passwords.hash(secret("correct horse battery")).await.expect("a hash");
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify(secret("correct horse battery"), Some(hash.clone())).await.expect("an answer"));
        assert!(!passwords.verify(secret("correct horse"), Some(hash)).await.expect("an answer"));
        assert!(!passwords.verify(secret("correct horse battery"), None).await.expect("an answer"));
    }

    #[test]
    fn easily_guessed_passwords_are_refused_with_advice() {
        assert_eq!(check(&secret(""), &[]), Err(Weak::Empty));
        assert_eq!(check(&secret(&"x".repeat(1025)), &[]), Err(Weak::TooLong));
        assert!(matches!(check(&secret("password1"), &[]), Err(Weak::Guessable(_))));
        assert!(matches!(check(&secret("ada@example.org"), &["ada@example.org"]), Err(Weak::Guessable(_))));
        assert_eq!(check(&secret("plum teapot quarrel"), &[]), Ok(()));
    }
}
