//! Sends letters: by SMTP, or into the log of a machine that somebody develops on.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::account::Email;
use crate::domain::mail::Letter;

/// Longest wait for the mail server at each step.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a letter was not sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be written on a letter. Trying again does not help.
    #[error("the address cannot be written to: {0}")]
    Address(lettre::address::AddressError),
    /// The letter could not be put together. Trying again does not help.
    #[error("the letter could not be put together: {0}")]
    Letter(lettre::error::Error),
    /// The mail server is not there, or did not take it.
    #[error("the mail server did not take it: {0}")]
    Server(#[from] lettre::transport::smtp::Error),
}

impl Error {
    /// Whether the same letter may be taken later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Server(_))
    }
}

/// The settings of the mail server cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Its address.
    #[error("the mail server's address cannot be used: {0}")]
    Server(#[from] lettre::transport::smtp::Error),
    /// The sender.
    #[error("the sender's address cannot be used: {0}")]
    Sender(#[from] lettre::address::AddressError),
}

/// Sends letters.
#[derive(Debug)]
pub enum Mailer {
    /// By a mail server.
    Smtp {
        /// The server.
        server: Box<AsyncSmtpTransport<Tokio1Executor>>,
        /// Whom letters come from.
        from: Box<Mailbox>,
    },
    /// To the log: for development only, since whoever reads the log can use what the letters hold.
    Log,
    /// Not at all.
    None,
}

impl Mailer {
    /// One that sends by a mail server.
    ///
    /// # Errors
    /// [`Unusable`] says which setting cannot be used.
    pub fn smtp(url: &SecretString, from: &str) -> Result<Self, Unusable> {
        let server =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())?.timeout(Some(PATIENCE)).build();
        Ok(Self::Smtp { server: Box::new(server), from: Box::new(from.parse()?) })
    }

    /// Whether anybody can get a letter.
    #[must_use]
    pub const fn sends(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Sends a letter.
    ///
    /// # Errors
    /// [`Error`] says why not.
    pub async fn send(&self, to: &Email, letter: &Letter) -> Result<(), Error> {
        match self {
            Self::None => Ok(()),
            Self::Log => {
                let Letter { subject, text } = letter;
                tracing::info!(
                    "a mail to {to}, which nobody sends, for no mail server is set\nSubject: {subject}\n\n{text}"
                );
                Ok(())
            }
            Self::Smtp { server, from } => {
                let to = Mailbox::new(None, to.as_str().parse().map_err(Error::Address)?);
                let message = Message::builder()
                    .from(from.as_ref().clone())
                    .to(to)
                    .subject(letter.subject.as_str())
                    .header(ContentType::TEXT_PLAIN)
                    .body(letter.text.clone())
                    .map_err(Error::Letter)?;
                server.send(message).await?;
                Ok(())
            }
        }
    }
}
