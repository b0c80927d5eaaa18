//! People.

mod merge;

use sqlx::PgConnection;
use uuid::Uuid;

pub use merge::{MOVED, STAYS, merge_guest};

use super::{Pool, Result, begin, unexpected};
use crate::domain::account::{DisplayName, Email, Role, User};
use crate::domain::ids::UserId;

/// An account and what its password is checked against.
#[derive(Debug)]
pub struct Account {
    /// Whose it is.
    pub user: User,
    /// The password's hash in PHC form; empty where there is no password.
    pub password_hash: String,
}

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Somebody has this address.
    #[error("there is already an account with this e-mail address")]
    AddressTaken,
    /// There is no such account.
    #[error("there is no account with this e-mail address")]
    Unknown,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] super::Error),
}

impl From<sqlx::Error> for AccountError {
    fn from(error: sqlx::Error) -> Self {
        let taken = error.as_database_error().and_then(|e| e.constraint()) == Some("users_email_key");
        if taken { Self::AddressTaken } else { Self::Database(error.into()) }
    }
}

pub(super) fn user(id: Uuid, role: &str, name: String, email: Option<String>) -> Result<User> {
    let role = role.parse().map_err(|_| unexpected("role", role))?;
    let email = email.map(|text| Email::parse(&text).map_err(|_| unexpected("e-mail address", &text))).transpose()?;
    Ok(User { id: UserId(id), role, name, email })
}

/// Finds an account by its address.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn by_email(pool: &Pool, email: &Email) -> Result<Option<Account>> {
    let row = sqlx::query!("select id, role, name, email, password_hash from users where email = $1", email.as_str())
        .fetch_optional(pool)
        .await?;
    row.map(|row| {
        Ok(Account {
            user: user(row.id, &row.role, row.name, row.email)?,
            password_hash: row.password_hash.unwrap_or_default(),
        })
    })
    .transpose()
}

/// Makes an account.
///
/// # Errors
/// [`AccountError::AddressTaken`] when the address is in use.
pub async fn create(
    pool: &Pool,
    name: &DisplayName,
    email: &Email,
    role: Role,
    password_hash: &str,
    one_time: bool,
) -> Result<User, AccountError> {
    let id = UserId::new();
    sqlx::query!(
        "insert into users (id, role, name, email, password_hash, password_one_time) values ($1, $2, $3, $4, $5, $6)",
        id.0,
        role.as_str(),
        name.as_str(),
        email.as_str(),
        password_hash,
        one_time
    )
    .execute(pool)
    .await?;
    Ok(User { id, role, name: name.as_str().to_owned(), email: Some(email.clone()) })
}

/// Turns a guest into a learner with an account; everything the guest did stays theirs.
///
/// # Errors
/// [`AccountError::AddressTaken`] when the address is in use; [`AccountError::Unknown`] when `guest` is no guest any
/// more.
pub async fn adopt_guest(
    pool: &Pool,
    guest: UserId,
    name: &DisplayName,
    email: &Email,
    password_hash: &str,
) -> Result<User, AccountError> {
    let changed = sqlx::query!(
        "update users set role = 'learner', name = $2, email = $3, password_hash = $4 where id = $1 and role = 'guest'",
        guest.0,
        name.as_str(),
        email.as_str(),
        password_hash
    )
    .execute(pool)
    .await?
    .rows_affected();
    if changed == 0 {
        return Err(AccountError::Unknown);
    }
    Ok(User { id: guest, role: Role::Learner, name: name.as_str().to_owned(), email: Some(email.clone()) })
}

/// Makes a guest.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn create_guest(pool: &Pool) -> Result<User> {
    let id = UserId::new();
    sqlx::query!("insert into users (id, role, name) values ($1, 'guest', 'Guest')", id.0).execute(pool).await?;
    Ok(User { id, role: Role::Guest, name: "Guest".to_owned(), email: None })
}

/// How many submissions a guest would bring to an account.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn submission_count(pool: &Pool, user: UserId) -> Result<i64> {
    Ok(sqlx::query_scalar!("select count(*) as \"n!\" from submissions where user_id = $1", user.0)
        .fetch_one(pool)
        .await?)
}

/// Sets a one-time password. Somebody else does it, so every other way in is closed: whoever has an old one must not be who
/// chooses the next password, nor go on without choosing.
///
/// # Errors
/// [`AccountError::Unknown`] when there is no such account.
pub async fn set_one_time_password(pool: &Pool, email: &Email, password_hash: &str) -> Result<(), AccountError> {
    let mut tx = begin(pool).await?;
    let account = sqlx::query_scalar!(
        "update users set password_hash = $2, password_one_time = true where email = $1 returning id",
        email.as_str(),
        password_hash
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(AccountError::Unknown)?;
    close_every_way_in(&mut tx, account).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends all that lets somebody into an account but its password: sessions, API tokens, accounts elsewhere, and links that set a
/// password. The account's row must be locked, so that nobody gets in meanwhile by what is taken away here.
pub(super) async fn close_every_way_in(tx: &mut PgConnection, account: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from sessions where user_id = $1", account).execute(&mut *tx).await?;
    sqlx::query!("delete from identities where user_id = $1", account).execute(&mut *tx).await?;
    sqlx::query!("delete from openid_flows where user_id = $1", account).execute(&mut *tx).await?;
    sqlx::query!("update api_tokens set revoked_at = now() where user_id = $1 and revoked_at is null", account)
        .execute(&mut *tx)
        .await?;
    // A link that was asked for before this may be in the wrong hands.
    sqlx::query!("delete from password_resets where user_id = $1", account).execute(tx).await?;
    Ok(())
}

/// Sets a role.
///
/// # Errors
/// [`AccountError::Unknown`] when there is no such account.
pub async fn set_role(pool: &Pool, email: &Email, role: Role) -> Result<(), AccountError> {
    let changed = sqlx::query!("update users set role = $2 where email = $1", email.as_str(), role.as_str())
        .execute(pool)
        .await?
        .rows_affected();
    if changed == 0 { Err(AccountError::Unknown) } else { Ok(()) }
}

/// Whether there is an administrator.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn has_admin(pool: &Pool) -> Result<bool> {
    Ok(sqlx::query_scalar!("select exists (select 1 from users where role = 'admin') as \"e!\"")
        .fetch_one(pool)
        .await?)
}
