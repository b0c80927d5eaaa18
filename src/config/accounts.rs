//! Mail, and signing in with an account of another site.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};

use super::{ConfigError, Vars};

/// A mail server.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// `ATHANOR_SMTP_URL`: where it is, and how to sign in to it.
    pub url: SecretString,
    /// `ATHANOR_MAIL_FROM`: whom the mail comes from.
    pub from: String,
}

/// An OpenID Connect provider.
#[derive(Debug, Clone)]
pub struct OpenIdConfig {
    /// `ATHANOR_OIDC_ISSUER`: its address, exactly as it calls itself.
    pub issuer: String,
    /// `ATHANOR_OIDC_CLIENT_ID`: what it calls us.
    pub client_id: String,
    /// `ATHANOR_OIDC_CLIENT_SECRET`: what we show it.
    pub client_secret: SecretString,
    /// `ATHANOR_OIDC_NAME`: what the button says.
    pub name: String,
}

/// Settings of accounts.
#[derive(Debug, Clone)]
pub struct AccountConfig {
    /// The mail server, if there is one.
    pub smtp: Option<SmtpConfig>,
    /// `ATHANOR_RESET_MINUTES`: how long a link for a new password works.
    pub reset_lifetime: Duration,
    /// The provider, if there is one.
    pub openid: Option<OpenIdConfig>,
}

/// How long a link for a new password works, where nothing else is set, in minutes.
const RESET_MINUTES: u64 = 60;

impl AccountConfig {
    pub(super) fn read(vars: &Vars) -> Result<Self, ConfigError> {
        let minutes =
            vars.checked("ATHANOR_RESET_MINUTES", "it takes a whole number of minutes from 5 to 1440", |n| {
                (5..=1440).contains(n)
            })?;
        Ok(Self {
            smtp: smtp(vars)?,
            reset_lifetime: Duration::from_secs(minutes.unwrap_or(RESET_MINUTES) * 60),
            openid: openid(vars)?,
        })
    }
}

fn part(name: &'static str, reason: impl Into<String>) -> ConfigError {
    ConfigError::UnusablePart { name, reason: reason.into() }
}

fn smtp(vars: &Vars) -> Result<Option<SmtpConfig>, ConfigError> {
    const URL: &str = "ATHANOR_SMTP_URL";
    const FROM: &str = "ATHANOR_MAIL_FROM";
    let from = vars.text(FROM);
    if let Some(value) = from.as_ref().filter(|from| from.parse::<Mailbox>().is_err()) {
        let wanted = "it takes an address such as athanor@example.org or Athanor <athanor@example.org>";
        return Err(ConfigError::Unusable { name: FROM, value: value.clone(), wanted });
    }
    let Some(url) = vars.text(URL).map(SecretString::from) else { return Ok(None) };
    // The address may hold a password: it is not repeated.
    if !["smtp://", "smtps://"].iter().any(|scheme| url.expose_secret().starts_with(scheme))
        || AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret()).is_err()
    {
        return Err(part(
            URL,
            "it takes smtps://user:password@host, smtp://user:password@host:587?tls=required, or smtp://localhost:25 \
             without encryption; special signs of a password are percent-encoded",
        ));
    }
    let from = from.ok_or_else(|| part(FROM, "it must be set where ATHANOR_SMTP_URL is"))?;
    Ok(Some(SmtpConfig { url, from }))
}

fn openid(vars: &Vars) -> Result<Option<OpenIdConfig>, ConfigError> {
    const ISSUER: &str = "ATHANOR_OIDC_ISSUER";
    let id = vars.text("ATHANOR_OIDC_CLIENT_ID");
    let secret = vars.text("ATHANOR_OIDC_CLIENT_SECRET");
    let name = vars.text("ATHANOR_OIDC_NAME");
    let Some(issuer) = vars.text(ISSUER) else {
        return if id.is_some() || secret.is_some() || name.is_some() {
            Err(part(ISSUER, "it must be set where the other settings of OpenID Connect are"))
        } else {
            Ok(None)
        };
    };
    if !is_issuer(&issuer) {
        let wanted = "it takes the issuer's address, such as https://login.example.org; http only on this machine";
        return Err(ConfigError::Unusable { name: ISSUER, value: issuer, wanted });
    }
    let missing = |name| part(name, "it must be set where ATHANOR_OIDC_ISSUER is");
    Ok(Some(OpenIdConfig {
        client_id: id.ok_or_else(|| missing("ATHANOR_OIDC_CLIENT_ID"))?,
        client_secret: SecretString::from(secret.ok_or_else(|| missing("ATHANOR_OIDC_CLIENT_SECRET"))?),
        name: name.unwrap_or_else(|| "single sign-on".to_owned()),
        issuer,
    }))
}

/// Under https, or on this very machine for trying things out. Without query and fragment, as the standard has it.
fn is_issuer(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let host = rest.split('/').next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    !name.is_empty()
        && !url.contains(['?', '#', ' ', '@'])
        && (scheme == "https" || (scheme == "http" && matches!(name, "localhost" | "127.0.0.1" | "[::1]")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(vars: &[(&str, &str)]) -> Result<AccountConfig, String> {
        let vars = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_vars(vars).map(|config| config.accounts).map_err(|error| error.to_string())
    }

    #[test]
    fn a_mail_server_needs_a_sender_and_its_password_is_not_repeated() {
        let url = ("ATHANOR_SMTP_URL", "smtps://ada:hunter2@mail.example.org");
        assert!(read(&[url]).unwrap_err().contains("ATHANOR_MAIL_FROM"));
        let whole = read(&[url, ("ATHANOR_MAIL_FROM", "Athanor <athanor@example.org>")]).unwrap();
        assert!(!format!("{:?}", whole.smtp.unwrap()).contains("hunter2"));
        let bad = read(&[("ATHANOR_SMTP_URL", "ftp://ada:hunter2@x"), ("ATHANOR_MAIL_FROM", "a@b.c")]).unwrap_err();
        assert!(bad.contains("ATHANOR_SMTP_URL") && bad.contains("takes") && !bad.contains("hunter2"), "{bad}");
        assert!(read(&[("ATHANOR_MAIL_FROM", "nobody")]).unwrap_err().contains("nobody"));
    }

    #[test]
    fn a_provider_is_set_whole_or_not_at_all() {
        let id = ("ATHANOR_OIDC_CLIENT_ID", "athanor");
        let secret = ("ATHANOR_OIDC_CLIENT_SECRET", "s3cret");
        let issuer = |url| ("ATHANOR_OIDC_ISSUER", url);
        assert!(read(&[]).unwrap().openid.is_none());
        assert!(read(&[id]).unwrap_err().contains("ATHANOR_OIDC_ISSUER"));
        assert!(read(&[issuer("https://a.example"), id]).unwrap_err().contains("ATHANOR_OIDC_CLIENT_SECRET"));
        for bad in ["http://a.example", "a.example", "https://", "https://a.example?x", "https://u@a.example"] {
            assert!(read(&[issuer(bad), id, secret]).unwrap_err().contains("ATHANOR_OIDC_ISSUER"), "{bad}");
        }
        for good in ["https://a.example/realms/x", "http://127.0.0.1:4000", "http://localhost:1/a"] {
            assert_eq!(read(&[issuer(good), id, secret]).unwrap().openid.unwrap().issuer, good);
        }
    }

    #[test]
    fn a_link_lives_an_hour_unless_something_else_is_set() {
        assert_eq!(read(&[]).unwrap().reset_lifetime, Duration::from_secs(3600));
        assert_eq!(read(&[("ATHANOR_RESET_MINUTES", "10")]).unwrap().reset_lifetime, Duration::from_secs(600));
        assert!(read(&[("ATHANOR_RESET_MINUTES", "0")]).unwrap_err().contains("takes"));
    }
}
