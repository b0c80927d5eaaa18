//! Links that reset a password: only the hash of their token is known here.

use std::time::Duration;

use super::sessions::TokenHash;
use super::{Pool, Result, begin, mails, users};
use crate::domain::account::{Email, User};
use crate::domain::mail::Kind;

/// Keeps a token for the account of this address. Answers its owner, or `None` when nobody has the address.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn keep(pool: &Pool, email: &Email, hash: &TokenHash, lifetime: Duration) -> Result<Option<User>> {
    let row = sqlx::query!(
        "with owner as (select id, role, name, email from users where email = $1), kept as (
             insert into password_resets (token_hash, user_id, expires_at)
             select $2, id, now() + make_interval(secs => $3) from owner)
         select id, role, name, email from owner",
        email.as_str(),
        hash,
        lifetime.as_secs_f64()
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| users::user(row.id, &row.role, row.name, row.email)).transpose()
}

/// Whose password a token resets; `None` when it was used, is too old, or never was. It is as good afterwards as before: what
/// only looks at a link, such as a mail server, does not use it up.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn owner(pool: &Pool, hash: &TokenHash) -> Result<Option<User>> {
    let row = sqlx::query!(
        "select u.id, u.role, u.name, u.email from password_resets r join users u on u.id = r.user_id
         where r.token_hash = $1 and r.expires_at > now()",
        hash
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| users::user(row.id, &row.role, row.name, row.email)).transpose()
}

/// Uses a token up: sets the password, and ends everything else that lets somebody into the account. Whoever made it with
/// somebody else's address, or took it over, has nothing left: sessions, API tokens, accounts elsewhere and other links.
///
/// # Errors
/// [`super::Error`] when the database fails; nothing is changed then.
pub async fn redeem(pool: &Pool, hash: &TokenHash, password_hash: &str) -> Result<Option<User>> {
    let mut tx = begin(pool).await?;
    // Two at once: the second waits here for the first, and finds that the row is gone.
    let Some(owner) = sqlx::query_scalar!(
        "delete from password_resets where token_hash = $1 and expires_at > now() returning user_id",
        hash
    )
    .fetch_optional(&mut *tx)
    .await?
    else {
        return Ok(None);
    };
    let row = sqlx::query!(
        "update users set password_hash = $2, password_one_time = false where id = $1 returning id, role, name, email",
        owner,
        password_hash
    )
    .fetch_one(&mut *tx)
    .await?;
    users::close_every_way_in(&mut tx, owner).await?;
    if let Some(email) = &row.email {
        mails::add(&mut tx, Kind::PasswordChanged, email).await?;
    }
    tx.commit().await?;
    users::user(row.id, &row.role, row.name, row.email).map(Some)
}

/// Forgets links that nobody used in time.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn sweep(pool: &Pool) -> Result<u64> {
    Ok(sqlx::query!("delete from password_resets where expires_at < now()").execute(pool).await?.rows_affected())
}
