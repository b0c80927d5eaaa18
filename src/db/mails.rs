//! Mail that waits to be sent: the row is the queue. Nothing secret is in it; what a mail opens is made when it is sent.

use std::time::Duration;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Pool, Result, unexpected};
use crate::domain::account::Email;
use crate::domain::mail::Kind;

/// A mail that somebody has taken to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub kind: Kind,
    /// Where it goes.
    pub recipient: Email,
    /// How often it was tried, this time included.
    pub tries: u32,
}

/// Has a mail sent once the transaction is through.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub(super) async fn add(tx: &mut PgConnection, kind: Kind, recipient: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into mails (id, kind, recipient) values ($1, $2, $3)",
        Uuid::now_v7(),
        kind.as_str(),
        recipient
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Asks for a link that resets the password of whoever has this address, if anybody has. One insert in either case.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn ask_for_reset(pool: &Pool, email: &Email) -> Result<()> {
    let mut connection = pool.acquire().await?;
    Ok(add(&mut connection, Kind::Reset, email.as_str()).await?)
}

/// Takes the mail that has waited longest. It comes back by itself after `lease`, unless it is sent or put off.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn claim(pool: &Pool, lease: Duration) -> Result<Option<Waiting>> {
    let row = sqlx::query!(
        "update mails set tries = tries + 1, send_after = now() + make_interval(secs => $1)
         where id = (select id from mails where send_after <= now() order by send_after limit 1 for update skip locked)
         returning id, kind, recipient, tries",
        lease.as_secs_f64()
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        Ok(Waiting {
            id: row.id,
            kind: Kind::parse(&row.kind).ok_or_else(|| unexpected("kind of mail", &row.kind))?,
            recipient: Email::parse(&row.recipient).map_err(|_| unexpected("e-mail address", &row.recipient))?,
            tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
        })
    })
    .transpose()
}

/// Forgets a mail: it is sent, or given up.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn forget(pool: &Pool, id: Uuid) -> Result<()> {
    sqlx::query!("delete from mails where id = $1", id).execute(pool).await?;
    Ok(())
}

/// Lets a mail wait for its next try.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn put_off(pool: &Pool, id: Uuid, wait: Duration) -> Result<()> {
    sqlx::query!(
        "update mails set send_after = now() + make_interval(secs => $2) where id = $1",
        id,
        wait.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(())
}
