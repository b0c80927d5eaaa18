//! Sends the mail that waits in the database. The site only writes the row: a page answers the same whether or not there is
//! anybody to write to, and no slower when the mail server is.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::auth::token::ResetToken;
use crate::config::Config;
use crate::db::mails::{self, Waiting};
use crate::db::{self, resets};
use crate::domain::mail::{self, Kind, Letter, ResetLink};
use crate::mail::{Error, Mailer};
use crate::web::AppState;

/// How long a mail is held by whoever sends it: longer than the mail server is waited for, after which somebody else may.
const LEASE: Duration = Duration::from_secs(180);

/// Pause between two looks where nobody wakes us: for what was put off, and for what another process has written.
const LOOK: Duration = Duration::from_secs(5);

/// Who sends, by the settings. Without a mail server letters are in the log, unless the site is one that others reach.
pub(super) fn mailer(config: &Config) -> anyhow::Result<Mailer> {
    if let Some(smtp) = &config.accounts.smtp {
        return Ok(Mailer::smtp(&smtp.url, &smtp.from)?);
    }
    let public = config.base_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    if public {
        warn!("no mail server is set (ATHANOR_SMTP_URL): nobody can get a new password by mail");
        return Ok(Mailer::None);
    }
    Ok(Mailer::Log)
}

/// Sends until `stop`.
pub(super) async fn send(state: AppState, mailer: Mailer, stop: CancellationToken) {
    let work = async {
        loop {
            match one(&state, &mailer).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => warn!(%error, "mail could not be looked for; it waits in the database"),
            }
            tokio::select! {
                () = state.mail.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    };
    stop.run_until_cancelled(work).await;
}

/// Sends one mail; answers whether there was one.
async fn one(state: &AppState, mailer: &Mailer) -> db::Result<bool> {
    let Some(waiting) = mails::claim(&state.pool, LEASE).await? else { return Ok(false) };
    let Some(letter) = letter(state, &waiting).await? else {
        // Nobody has this address, which nobody is to learn: not from the log either.
        mails::forget(&state.pool, waiting.id).await?;
        return Ok(true);
    };
    let (id, tries) = (waiting.id, waiting.tries);
    match mailer.send(&waiting.recipient, &letter).await {
        Ok(()) => {
            mails::forget(&state.pool, id).await?;
            info!(%id, kind = waiting.kind.as_str(), "a mail was sent");
        }
        Err(error) => match pause(&error, tries) {
            Some(pause) => {
                mails::put_off(&state.pool, id, pause).await?;
                warn!(%id, tries, %error, "a mail could not be sent; it is tried again in {} s", pause.as_secs());
            }
            None => {
                mails::forget(&state.pool, id).await?;
                error!(%id, tries, %error, "a mail could not be sent and is given up");
            }
        },
    }
    Ok(true)
}

fn pause(error: &Error, tries: u32) -> Option<Duration> {
    mail::pause_after(tries).filter(|_| error.is_passing())
}

/// What to write; `None` when there is nobody to write to. A link is made only here, so that none waits in the database.
async fn letter(state: &AppState, waiting: &Waiting) -> db::Result<Option<Letter>> {
    let accounts = &state.settings.accounts;
    let site = accounts.site.as_str();
    Ok(match waiting.kind {
        Kind::AddressChanged => Some(mail::address_changed(site)),
        Kind::PasswordChanged => Some(mail::password_changed(site)),
        Kind::Reset => {
            let token = match ResetToken::new() {
                Ok(token) => token,
                Err(error) => {
                    error!(%error, "no link for a new password could be made");
                    return Ok(None);
                }
            };
            let lifetime = accounts.reset_lifetime;
            let owner = resets::keep(&state.pool, &waiting.recipient, &token.hash(), lifetime).await?;
            owner.map(|_| {
                let url = format!("{site}/reset/{}", token.as_str());
                mail::reset(site, ResetLink { url: &url, lifetime })
            })
        }
    })
}
