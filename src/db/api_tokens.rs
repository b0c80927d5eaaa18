//! Tokens of the API: the database knows only their hashes.

use std::time::Duration;

use jiff_sqlx::Timestamp;

use super::sessions::{self, TokenHash};
use super::{Pool, Result, begin, unexpected, users};
use crate::domain::account::{DisplayName, User};
use crate::domain::ids::{ApiTokenId, UserId};
use crate::domain::scope::Scopes;

/// Tokens that one person may have at a time.
pub const MAX_TOKENS: i64 = 50;

/// How old the note of a token's last use may be before it is written again.
const NOTED_EVERY: Duration = Duration::from_secs(5 * 60);

/// A token as its owner sees it.
#[derive(Debug, Clone)]
pub struct Token {
    /// Its id, which opens nothing.
    pub id: ApiTokenId,
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: jiff::Timestamp,
    /// When it ends; `None` is never.
    pub expires_at: Option<jiff::Timestamp>,
    /// When it was last used, to within [`NOTED_EVERY`].
    pub last_used_at: Option<jiff::Timestamp>,
}

/// A token to be.
#[derive(Debug, Clone)]
pub struct NewToken<'a> {
    /// Whose it is to be.
    pub user: UserId,
    /// The session that asks for it; `None` for an operator.
    pub session: Option<&'a TokenHash>,
    /// What its owner calls it.
    pub name: &'a DisplayName,
    /// Its hash.
    pub hash: &'a TokenHash,
    /// What it may do.
    pub scopes: &'a Scopes,
    /// How long it lives; `None` is for ever.
    pub lifetime: Option<Duration>,
}

/// Why a token was not made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// There are enough.
    #[error("there are {MAX_TOKENS} tokens already: revoke one that is of no more use")]
    TooMany,
    /// The account is gone, or the session that asked has ended.
    #[error("the account does not exist any more")]
    UnknownUser,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] super::Error),
}

impl From<sqlx::Error> for MakeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Makes a token.
///
/// # Errors
/// [`MakeError`] says why there is none.
pub async fn make(pool: &Pool, new: &NewToken<'_>) -> Result<ApiTokenId, MakeError> {
    let mut tx = begin(pool).await?;
    // Locked, so that two requests at once cannot both count one too few.
    sqlx::query_scalar!("select id from users where id = $1 and role <> 'guest' for no key update", new.user.0)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(MakeError::UnknownUser)?;
    if let Some(session) = new.session
        && !sessions::still_opens(&mut tx, new.user, session).await?
    {
        return Err(MakeError::UnknownUser);
    }
    let present = sqlx::query_scalar!(
        "select count(*) as \"n!\" from api_tokens where user_id = $1 and revoked_at is null",
        new.user.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if present >= MAX_TOKENS {
        return Err(MakeError::TooMany);
    }
    // Those that were revoked are kept for a while, so that whoever still shows one is told what became of it.
    sqlx::query!(
        "delete from api_tokens where user_id = $1 and revoked_at is not null and id not in (
             select id from api_tokens where user_id = $1 and revoked_at is not null order by revoked_at desc limit $2)",
        new.user.0,
        MAX_TOKENS
    )
    .execute(&mut *tx)
    .await?;
    let id = ApiTokenId::new();
    let scopes: Vec<String> = new.scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into api_tokens (id, user_id, name, token_hash, scopes, expires_at)
         values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))",
        id.0,
        new.user.0,
        new.name.as_str(),
        new.hash,
        &scopes,
        new.lifetime.map(|lifetime| lifetime.as_secs_f64())
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// Somebody's tokens, newest first; those that ended by themselves included, those that were revoked not.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn list(pool: &Pool, user: UserId) -> Result<Vec<Token>> {
    let rows = sqlx::query!(
        "select id, name, scopes, created_at as \"created_at: Timestamp\", expires_at as \"expires_at: Timestamp\",
             last_used_at as \"last_used_at: Timestamp\"
         from api_tokens where user_id = $1 and revoked_at is null order by id desc",
        user.0
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Token {
                id: ApiTokenId(row.id),
                name: row.name,
                scopes: scopes(&row.scopes)?,
                created_at: row.created_at.to_jiff(),
                expires_at: row.expires_at.map(Timestamp::to_jiff),
                last_used_at: row.last_used_at.map(Timestamp::to_jiff),
            })
        })
        .collect()
}

fn scopes(names: &[String]) -> Result<Scopes> {
    Scopes::parse(names.iter().map(String::as_str)).map_err(|error| unexpected("scopes", error))
}

/// What a token stands for.
#[derive(Debug)]
pub enum Bearer {
    /// Somebody, within these scopes.
    Live {
        /// Which token.
        id: ApiTokenId,
        /// Whose.
        user: User,
        /// What it may do.
        scopes: Scopes,
    },
    /// It has ended by itself.
    Expired,
    /// Its owner has ended it.
    Revoked,
    /// It is none of ours.
    Unknown,
}

/// What the token of this hash stands for, and notes now and then that it was used.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn find(pool: &Pool, hash: &TokenHash) -> Result<Bearer> {
    let row = sqlx::query!(
        "select t.id, t.scopes, t.revoked_at is not null as \"revoked!\",
             coalesce(t.expires_at <= now(), false) as \"expired!\",
             coalesce(t.last_used_at < now() - make_interval(secs => $2), true) as \"unnoted!\",
             u.id as user_id, u.role, u.name, u.email
         from api_tokens t join users u on u.id = t.user_id where t.token_hash = $1",
        hash,
        NOTED_EVERY.as_secs_f64()
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(Bearer::Unknown) };
    if row.revoked {
        return Ok(Bearer::Revoked);
    }
    if row.expired {
        return Ok(Bearer::Expired);
    }
    if row.unnoted {
        sqlx::query!("update api_tokens set last_used_at = now() where id = $1", row.id).execute(pool).await?;
    }
    Ok(Bearer::Live {
        id: ApiTokenId(row.id),
        user: users::user(row.user_id, &row.role, row.name, row.email)?,
        scopes: scopes(&row.scopes)?,
    })
}

/// Ends a token of somebody's. `false` when they have none of that id.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn revoke(pool: &Pool, user: UserId, id: ApiTokenId) -> Result<bool> {
    let revoked = sqlx::query!(
        "update api_tokens set revoked_at = now() where id = $1 and user_id = $2 and revoked_at is null",
        id.0,
        user.0
    )
    .execute(pool)
    .await?;
    Ok(revoked.rows_affected() == 1)
}

/// Whether a token is still good: neither revoked nor expired, nor gone with its owner.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn is_live(pool: &Pool, id: ApiTokenId) -> Result<bool> {
    let live = sqlx::query_scalar!(
        "select true as \"live!\" from api_tokens
         where id = $1 and revoked_at is null and (expires_at is null or expires_at > now())",
        id.0
    )
    .fetch_optional(pool)
    .await?;
    Ok(live.is_some())
}
