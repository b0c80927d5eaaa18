//! What somebody does with their own account.

use std::time::Duration;

use jiff_sqlx::Timestamp;

use super::sessions::TokenHash;
use super::users::AccountError;
use super::{Pool, Result, begin, mails, sessions};
use crate::domain::account::{DisplayName, Email};
use crate::domain::ids::UserId;
use crate::domain::mail::Kind;

/// An account as its owner sees it.
#[derive(Debug, Clone)]
pub struct Account {
    /// Since when there is one, as a guest included.
    pub created_at: jiff::Timestamp,
    /// Whether it can be signed in to with a password.
    pub has_password: bool,
    /// Accounts of other sites that sign in to it, by the address of the site, oldest first.
    pub issuers: Vec<String>,
    /// Its sessions, newest first.
    pub sessions: Vec<OpenSession>,
}

/// A session that has not ended.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// When it began.
    pub begun_at: jiff::Timestamp,
    /// When it ends if it is not used.
    pub ends_at: jiff::Timestamp,
    /// Whether it is the one that asks.
    pub present: bool,
}

/// An account, for whoever holds the session of this hash; `None` when it is gone.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn find(pool: &Pool, user: UserId, session: &TokenHash) -> Result<Option<Account>> {
    let Some(row) = sqlx::query!(
        "select created_at as \"created_at: Timestamp\", coalesce(password_hash, '') <> '' as \"has_password!\",
             array(select issuer from identities where user_id = $1 group by issuer order by min(created_at)) as \"issuers!\"
         from users where id = $1 and role <> 'guest'",
        user.0
    )
    .fetch_optional(pool)
    .await?
    else {
        return Ok(None);
    };
    let sessions = sqlx::query!(
        "select created_at as \"created_at: Timestamp\", expires_at as \"expires_at: Timestamp\",
             token_hash = $2 as \"present!\"
         from sessions where user_id = $1 and expires_at > now() order by created_at desc",
        user.0,
        session
    )
    .fetch_all(pool)
    .await?;
    let session = |row: (Timestamp, Timestamp, bool)| OpenSession {
        begun_at: row.0.to_jiff(),
        ends_at: row.1.to_jiff(),
        present: row.2,
    };
    Ok(Some(Account {
        created_at: row.created_at.to_jiff(),
        has_password: row.has_password,
        issuers: row.issuers,
        sessions: sessions.into_iter().map(|row| session((row.created_at, row.expires_at, row.present))).collect(),
    }))
}

/// What proves that whoever asks is the owner.
#[derive(Debug, Clone)]
pub enum Proof {
    /// The password that this hash was made of.
    Password(String),
    /// There is no password. Whether the session has just begun, by signing in elsewhere.
    FreshSession(bool),
}

/// What an account asks for before it changes; `None` when it or the session is gone.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn proof(pool: &Pool, user: UserId, session: &TokenHash, fresh: Duration) -> Result<Option<Proof>> {
    let row = sqlx::query!(
        "select u.password_hash, s.created_at > now() - make_interval(secs => $3) as \"fresh!\"
         from users u join sessions s on s.user_id = u.id where u.id = $1 and s.token_hash = $2",
        user.0,
        session,
        fresh.as_secs_f64()
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| match row.password_hash.filter(|hash| !hash.is_empty()) {
        Some(hash) => Proof::Password(hash),
        None => Proof::FreshSession(row.fresh),
    }))
}

/// Sets how somebody is called.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn rename(pool: &Pool, user: UserId, name: &DisplayName) -> Result<()> {
    sqlx::query!("update users set name = $2 where id = $1", user.0, name.as_str()).execute(pool).await?;
    Ok(())
}

/// Sets the password that somebody has chosen, ends all their sessions but this one, and tells them by mail. API tokens and
/// accounts elsewhere stay. Answers `false`, and changes nothing, when the session has ended.
///
/// # Errors
/// [`super::Error`] when the database fails; nothing is changed then.
pub async fn change_password(pool: &Pool, user: UserId, session: &TokenHash, password_hash: &str) -> Result<bool> {
    let mut tx = begin(pool).await?;
    if !sessions::still_opens(&mut tx, user, session).await? {
        return Ok(false);
    }
    let email = sqlx::query_scalar!(
        "update users set password_hash = $2, password_one_time = false where id = $1 returning email",
        user.0,
        password_hash
    )
    .fetch_one(&mut *tx)
    .await?;
    sessions::end_others(&mut tx, user, session).await?;
    // A link that was asked for before this may be in the wrong hands.
    sqlx::query!("delete from password_resets where user_id = $1", user.0).execute(&mut *tx).await?;
    if let Some(email) = &email {
        mails::add(&mut tx, Kind::PasswordChanged, email).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Gives an account another address, and tells the one it had. Links that were sent there are of no more use.
///
/// # Errors
/// [`AccountError::AddressTaken`], or [`AccountError::Unknown`] when the account is gone or the session has ended.
pub async fn change_email(pool: &Pool, user: UserId, session: &TokenHash, email: &Email) -> Result<(), AccountError> {
    let mut tx = begin(pool).await?;
    if !sessions::still_opens(&mut tx, user, session).await? {
        return Err(AccountError::Unknown);
    }
    let before =
        sqlx::query_scalar!("select email from users where id = $1 and role <> 'guest' for no key update", user.0)
            .fetch_optional(&mut *tx)
            .await?
            .flatten()
            .ok_or(AccountError::Unknown)?;
    if before == email.as_str() {
        return Ok(());
    }
    sqlx::query!("update users set email = $2 where id = $1", user.0, email.as_str()).execute(&mut *tx).await?;
    sqlx::query!("delete from password_resets where user_id = $1", user.0).execute(&mut *tx).await?;
    mails::add(&mut tx, Kind::AddressChanged, &before).await?;
    tx.commit().await?;
    Ok(())
}

/// What came of a wish to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// The account and everything that hung on it is gone.
    Done,
    /// Nobody could administer the site any more: nothing was deleted.
    LastAdministrator,
    /// The session that asked for it has ended: nothing was deleted.
    SignedOut,
}

/// Deletes an account with everything of the person: submissions, verdicts, reports, progress, sessions, tokens, mail that
/// waits for them, what they ran. Answers that they gave to reports of others stay, without their name.
///
/// # Errors
/// [`super::Error`] when the database fails; nothing is deleted then.
pub async fn delete(pool: &Pool, user: UserId, session: &TokenHash) -> Result<Deletion> {
    let mut tx = begin(pool).await?;
    // All of them: two administrators who go at the same moment go one after the other, and the second may not.
    let administrators = sqlx::query_scalar!("select id from users where role = 'admin' order by id for no key update")
        .fetch_all(&mut *tx)
        .await?;
    if administrators == [user.0] {
        return Ok(Deletion::LastAdministrator);
    }
    let Some(email) = sqlx::query_scalar!("select email from users where id = $1 for no key update", user.0)
        .fetch_optional(&mut *tx)
        .await?
    else {
        return Ok(Deletion::Done);
    };
    if !sessions::still_opens(&mut tx, user, session).await? {
        return Ok(Deletion::SignedOut);
    }
    // What a worker is just writing is waited for; what it holds it finds gone.
    sqlx::query!(
        "select id from gradings where user_id = $1 and state in ('queued', 'running') order by id for update",
        user.0
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!("delete from mails where recipient = $1", email).execute(&mut *tx).await?;
    sqlx::query!("delete from program_runs where requester = $1", format!("user:{user}")).execute(&mut *tx).await?;
    sqlx::query!("delete from users where id = $1", user.0).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(Deletion::Done)
}
