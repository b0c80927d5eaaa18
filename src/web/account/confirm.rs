//! The present password, asked for where a session alone is too little: whoever sits down at somebody's open browser, or has
//! taken its cookie, is not to take the account over.

use secrecy::SecretString;

use crate::auth::password::MAX_BYTES;
use crate::db::accounts::{self, Proof};
use crate::domain::account::User;
use crate::web::error::WebError;
use crate::web::state::AppState;
use crate::web::visitor::Visitor;

/// Whether whoever asks is the owner. The inner error says in words what is wrong.
///
/// # Errors
/// [`WebError::TooMany`] tries, [`WebError::SessionEnded`], or a failing database.
pub async fn owner(
    state: &AppState,
    visitor: &Visitor,
    user: &User,
    password: &str,
) -> Result<Result<(), String>, WebError> {
    let key = user.email.as_ref().map(ToString::to_string).unwrap_or_default();
    let too_many = |wait| WebError::TooMany { what: "tries with a password", wait };
    state.rates.sign_in_account.check(&key).map_err(too_many)?;
    let fresh = state.settings.accounts.fresh;
    let proof = accounts::proof(&state.pool, user.id, &visitor.token.hash(), fresh).await?;
    match proof.ok_or(WebError::SessionEnded)? {
        Proof::Password(hash) => {
            let fits = password.len() <= MAX_BYTES
                && state
                    .passwords
                    .verify(SecretString::from(password.to_owned()), Some(hash))
                    .await
                    .map_err(WebError::internal)?;
            Ok(if fits { Ok(()) } else { Err("The present password is another one.".to_owned()) })
        }
        Proof::FreshSession(true) => Ok(Ok(())),
        Proof::FreshSession(false) => {
            Ok(Err("Sign out and in again first: this account has no password to ask for.".to_owned()))
        }
    }
}
