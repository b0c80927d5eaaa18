//! Sessions: the database knows only the hash of a token.

use std::time::Duration;

use sqlx::PgConnection;

use super::{Pool, Result, begin, users};
use crate::domain::account::User;
use crate::domain::ids::UserId;

/// SHA-256 of a session token.
pub type TokenHash = [u8; 32];

/// What a token stands for.
#[derive(Debug)]
pub enum Session {
    /// Somebody.
    Live {
        /// Who.
        user: User,
        /// Whether they signed in with a one-time password and must choose a new one.
        must_change_password: bool,
    },
    /// Somebody who was signed in and is not any more.
    Expired {
        /// Who.
        user: UserId,
    },
    /// Nobody yet.
    Unknown,
}

/// What the token of this hash stands for.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn find(pool: &Pool, hash: &TokenHash) -> Result<Session> {
    let row = sqlx::query!(
        "select u.id, u.role, u.name, u.email, u.password_one_time, s.expires_at > now() as \"live!\"
         from sessions s join users u on u.id = s.user_id where s.token_hash = $1",
        hash
    )
    .fetch_optional(pool)
    .await?;
    Ok(match row {
        None => Session::Unknown,
        Some(row) if !row.live => Session::Expired { user: UserId(row.id) },
        Some(row) => Session::Live {
            user: users::user(row.id, &row.role, row.name, row.email)?,
            must_change_password: row.password_one_time,
        },
    })
}

/// What lets somebody in. It was looked at before the session begins, and may have been taken away since.
#[derive(Debug, Clone, Copy)]
pub enum Evidence<'a> {
    /// The password that this stored hash was made of.
    Password(&'a str),
    /// Somebody of another site.
    Identity {
        /// The site.
        issuer: &'a str,
        /// Who it says they are.
        subject: &'a str,
    },
}

/// Starts a session of an account if the evidence still lets somebody in, and answers whether a one-time password must be
/// replaced first; `None`, and no session, where it does not. What takes ways in away (a new password, disconnecting) locks the
/// account's row first: either it is through, and the evidence is gone, or it ends the session that begins here.
///
/// # Errors
/// [`super::Error`] when the database fails; no session begins then.
pub async fn sign_in(
    pool: &Pool,
    hash: &TokenHash,
    user: UserId,
    lifetime: Duration,
    evidence: Evidence<'_>,
) -> Result<Option<bool>> {
    let mut tx = begin(pool).await?;
    let Some(account) = sqlx::query!(
        "select coalesce(password_hash, '') as \"password_hash!\", password_one_time from users
         where id = $1 and role <> 'guest' for no key update",
        user.0
    )
    .fetch_optional(&mut *tx)
    .await?
    else {
        return Ok(None);
    };
    let holds = match evidence {
        Evidence::Password(hash) => !hash.is_empty() && account.password_hash == hash,
        Evidence::Identity { issuer, subject } => sqlx::query_scalar!(
            "select exists (select 1 from identities where issuer = $1 and subject = $2 and user_id = $3) as \"e!\"",
            issuer,
            subject,
            user.0
        )
        .fetch_one(&mut *tx)
        .await?,
    };
    if !holds {
        return Ok(None);
    }
    sqlx::query!(
        "insert into sessions (token_hash, user_id, expires_at) values ($1, $2, now() + make_interval(secs => $3))",
        hash,
        user.0,
        lifetime.as_secs_f64()
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Some(account.password_one_time))
}

/// Locks an account's row, and says whether the session still belongs to it. To be asked at the beginning of a transaction that
/// changes who gets in: a request that was let in a moment ago must not undo what has ended its session since.
pub(super) async fn still_opens(tx: &mut PgConnection, user: UserId, session: &TokenHash) -> Result<bool, sqlx::Error> {
    sqlx::query!("select id from users where id = $1 for no key update", user.0).fetch_optional(&mut *tx).await?;
    // A statement of its own: it sees what was committed while the one before waited.
    sqlx::query_scalar!(
        "select exists (select 1 from sessions where token_hash = $1 and user_id = $2 and expires_at > now()) as \"e!\"",
        session,
        user.0
    )
    .fetch_one(tx)
    .await
}

/// Starts a guest's session. A token that already has one keeps its owner and answers `false`.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn start(pool: &Pool, hash: &TokenHash, user: UserId, lifetime: Duration) -> Result<bool> {
    let started = sqlx::query!(
        "insert into sessions (token_hash, user_id, expires_at) values ($1, $2, now() + make_interval(secs => $3))
         on conflict (token_hash) do nothing",
        hash,
        user.0,
        lifetime.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(started.rows_affected() == 1)
}

/// Finds or makes the guest that a token stands for. Two requests of one browser at once get the same guest.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn guest(pool: &Pool, hash: &TokenHash, lifetime: Duration) -> Result<Session> {
    let user = users::create_guest(pool).await?;
    if start(pool, hash, user.id, lifetime).await? {
        return Ok(Session::Live { user, must_change_password: false });
    }
    sqlx::query!("delete from users where id = $1 and role = 'guest'", user.id.0).execute(pool).await?;
    find(pool, hash).await
}

/// Puts a session off its end: called while it is used, at most once in a while.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn renew(pool: &Pool, hash: &TokenHash, lifetime: Duration) -> Result<()> {
    sqlx::query!(
        "update sessions set expires_at = now() + make_interval(secs => $2)
         where token_hash = $1 and expires_at > now() and expires_at < now() + make_interval(secs => $2::float8 * 0.9::float8)",
        hash,
        lifetime.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn end(pool: &Pool, hash: &TokenHash) -> Result<()> {
    sqlx::query!("delete from sessions where token_hash = $1", hash).execute(pool).await?;
    Ok(())
}

/// Ends every session of somebody, but for the one of this hash.
pub(super) async fn end_others(tx: &mut PgConnection, user: UserId, but: &TokenHash) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from sessions where user_id = $1 and token_hash <> $2", user.0, but).execute(tx).await?;
    Ok(())
}

/// Ends every session of somebody.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn end_all(pool: &Pool, user: UserId) -> Result<()> {
    sqlx::query!("delete from sessions where user_id = $1", user.0).execute(pool).await?;
    Ok(())
}

/// How long an ended session is remembered, so that its owner is told it ended and not taken for a stranger.
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 3600);

/// Forgets sessions that ended long ago.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn sweep(pool: &Pool) -> Result<u64> {
    let swept = sqlx::query!(
        "delete from sessions where expires_at < now() - make_interval(secs => $1)",
        REMEMBERED.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(swept.rows_affected())
}
