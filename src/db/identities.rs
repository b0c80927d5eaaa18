//! Accounts of other sites (OpenID Connect) that sign in to accounts here. Issuer and subject are what links them, nothing else.

use std::time::Duration;

use super::sessions::{self, TokenHash};
use super::users::{self, AccountError};
use super::{Pool, Result, begin};
use crate::domain::account::{DisplayName, Email, User};
use crate::domain::ids::UserId;

/// Somebody who is sent to the other site.
#[derive(Debug)]
pub struct Flow {
    /// The browser that is sent.
    pub browser: TokenHash,
    /// What the other site must repeat in its token.
    pub nonce: String,
    /// What the code must come with (PKCE).
    pub verifier: String,
    /// Where to go afterwards.
    pub next: String,
    /// Whether what a guest did joins an account that there is already.
    pub bring: bool,
    /// The account that is to be connected; `None` where somebody signs in.
    pub connect: Option<UserId>,
}

/// Remembers somebody who is sent to the other site.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn begin_flow(pool: &Pool, state: &TokenHash, flow: &Flow, lifetime: Duration) -> Result<()> {
    sqlx::query!(
        "insert into openid_flows (state_hash, browser_hash, nonce, verifier, next, bring, user_id, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8))",
        state,
        &flow.browser,
        flow.nonce,
        flow.verifier,
        flow.next,
        flow.bring,
        flow.connect.map(|user| user.0),
        lifetime.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Finds and forgets somebody who came back, in the browser that was sent. It works once.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn end_flow(pool: &Pool, state: &TokenHash, browser: &TokenHash) -> Result<Option<Flow>> {
    let row = sqlx::query!(
        "delete from openid_flows where state_hash = $1 and browser_hash = $2 and expires_at > now()
         returning nonce, verifier, next, bring, user_id",
        state,
        browser
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Flow {
        browser: *browser,
        nonce: row.nonce,
        verifier: row.verifier,
        next: row.next,
        bring: row.bring,
        connect: row.user_id.map(UserId),
    }))
}

/// Forgets those who did not come back in time.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn sweep(pool: &Pool) -> Result<u64> {
    Ok(sqlx::query!("delete from openid_flows where expires_at < now()").execute(pool).await?.rows_affected())
}

/// The account that somebody of another site signs in to.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn find(pool: &Pool, issuer: &str, subject: &str) -> Result<Option<User>> {
    let row = sqlx::query!(
        "select u.id, u.role, u.name, u.email from identities i join users u on u.id = i.user_id
         where i.issuer = $1 and i.subject = $2",
        issuer,
        subject
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| users::user(row.id, &row.role, row.name, row.email)).transpose()
}

/// What came of connecting an account of another site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// It signs in to this account.
    Made,
    /// It signs in to another account already.
    Elsewhere,
    /// The session that asked for it has ended.
    SignedOut,
}

/// Lets somebody of another site sign in to an account, if the session that asks still belongs to it: a new password that ended
/// the session must not be followed by another way in.
///
/// # Errors
/// [`super::Error`] when the database fails; nothing is changed then.
pub async fn connect(
    pool: &Pool,
    user: UserId,
    session: &TokenHash,
    issuer: &str,
    subject: &str,
) -> Result<Connection> {
    let mut tx = begin(pool).await?;
    // What takes all ways in away locks the account first. Either it has ended the session by now, or it takes away what is added
    // here.
    if !sessions::still_opens(&mut tx, user, session).await? {
        return Ok(Connection::SignedOut);
    }
    let owner = sqlx::query_scalar!(
        "insert into identities (issuer, subject, user_id) values ($1, $2, $3)
         on conflict (issuer, subject) do update set user_id = identities.user_id
         returning user_id",
        issuer,
        subject,
        user.0
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(if owner == user.0 { Connection::Made } else { Connection::Elsewhere })
}

/// What came of disconnecting a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disconnection {
    /// Nobody there signs in to this account any more, and its other sessions have ended.
    Done,
    /// Nobody there did.
    NotConnected,
    /// The account has no password, so that its owner could not get in any more: nothing was changed.
    NoPassword,
    /// The session that asked for it has ended.
    SignedOut,
}

/// Takes away that somebody of another site signs in to an account, if its password still does. All other sessions end, since
/// nobody knows which of them began there; who is on the way there to connect it comes back to nothing.
///
/// # Errors
/// [`super::Error`] when the database fails; nothing is changed then.
pub async fn disconnect(pool: &Pool, user: UserId, session: &TokenHash, issuer: &str) -> Result<Disconnection> {
    let mut tx = begin(pool).await?;
    if !sessions::still_opens(&mut tx, user, session).await? {
        return Ok(Disconnection::SignedOut);
    }
    let has_password =
        sqlx::query_scalar!("select coalesce(password_hash, '') <> '' as \"h!\" from users where id = $1", user.0)
            .fetch_one(&mut *tx)
            .await?;
    if !has_password {
        return Ok(Disconnection::NoPassword);
    }
    let gone = sqlx::query!("delete from identities where user_id = $1 and issuer = $2", user.0, issuer)
        .execute(&mut *tx)
        .await?;
    if gone.rows_affected() == 0 {
        return Ok(Disconnection::NotConnected);
    }
    sqlx::query!("delete from openid_flows where user_id = $1", user.0).execute(&mut *tx).await?;
    sessions::end_others(&mut tx, user, session).await?;
    tx.commit().await?;
    Ok(Disconnection::Done)
}

/// Makes an account without a password for somebody of another site. A guest's own row becomes it, with all attempts.
///
/// # Errors
/// [`AccountError::AddressTaken`] when the address is in use: it is not linked, for the address proves nothing here.
pub async fn create(
    pool: &Pool,
    guest: Option<UserId>,
    name: &DisplayName,
    email: &Email,
    (issuer, subject): (&str, &str),
) -> Result<User, AccountError> {
    let mut tx = begin(pool).await?;
    let adopted = sqlx::query!(
        "update users set role = 'learner', name = $2, email = $3 where id = $1 and role = 'guest'
         returning id, role, name, email",
        guest.map(|guest| guest.0),
        name.as_str(),
        email.as_str()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let user = match adopted {
        Some(row) => users::user(row.id, &row.role, row.name, row.email)?,
        None => {
            let row = sqlx::query!(
                "insert into users (id, role, name, email) values ($1, 'learner', $2, $3) returning id, role, name, email",
                UserId::new().0,
                name.as_str(),
                email.as_str()
            )
            .fetch_one(&mut *tx)
            .await?;
            users::user(row.id, &row.role, row.name, row.email)?
        }
    };
    sqlx::query!("insert into identities (issuer, subject, user_id) values ($1, $2, $3)", issuer, subject, user.id.0)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(user)
}
