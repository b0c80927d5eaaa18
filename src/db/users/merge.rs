//! What a guest did becomes an account's own.

use sqlx::{PgConnection, PgTransaction};

use crate::db::{Pool, Result, begin, drafts};
use crate::domain::ids::UserId;

/// The tables that name a person and go along. A test holds this list and [`STAYS`] against the schema: whoever adds a table
/// puts it into one of them, and if it is this one, its step into [`move_all`].
pub const MOVED: [&str; 6] = ["progress", "submissions", "gradings", "hints_opened", "drafts", "draft_others"];

/// The tables that name a person and end with the guest: what lets somebody in, which guests have none of or lose; `turns`,
/// which triggers count anew; a console, which is opened again; and who answered a report, which is never a guest.
pub const STAYS: [&str; 8] =
    ["sessions", "api_tokens", "turns", "reports", "password_resets", "identities", "openid_flows", "consoles"];

/// Moves everything a guest did to an account and removes the guest. Progress is joined, never doubled: attempts add
/// up, the better result and the earlier pass stay.
///
/// # Errors
/// [`super::Error`](crate::db::Error) when the database fails; nothing is moved then.
pub async fn merge_guest(pool: &Pool, guest: UserId, account: UserId) -> Result<()> {
    let mut tx = begin(pool).await?;
    // No key update: a verdict that is being written looks at its owner's row, and must be able to while this waits for it.
    let locked =
        sqlx::query_scalar!("select id from users where id = $1 and role = 'guest' for no key update", guest.0)
            .fetch_optional(&mut *tx)
            .await?;
    if locked.is_none() || guest == account {
        return Ok(());
    }
    // Two guests that come to one account at once come one after the other.
    sqlx::query_scalar!("select id from users where id = $1 for no key update", account.0)
        .fetch_optional(&mut *tx)
        .await?;
    // A claim passes over locked rows: nothing of the guest's begins or ends while it moves.
    sqlx::query!(
        "select id from gradings where user_id = $1 and state in ('queued', 'running') order by id for update",
        guest.0
    )
    .fetch_all(&mut *tx)
    .await?;
    move_all(&mut tx, guest, account).await?;
    sqlx::query!("delete from users where id = $1", guest.0).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Every table of [`MOVED`], one step each. A new table is added here.
async fn move_all(tx: &mut PgTransaction<'_>, guest: UserId, account: UserId) -> Result<()> {
    progress(tx, guest, account).await?;
    submissions(tx, guest, account).await?;
    gradings(tx, guest, account).await?;
    hints(tx, guest, account).await?;
    drafts::merge(tx, guest, account).await?;
    Ok(())
}

/// Joins the progress of both.
async fn progress(tx: &mut PgConnection, guest: UserId, account: UserId) -> Result<()> {
    sqlx::query!(
        "insert into progress (user_id, exercise_id, attempts, best_points, passed_at, begun_at)
         select $2, exercise_id, attempts, best_points, passed_at, begun_at from progress where user_id = $1
         order by exercise_id
         on conflict (user_id, exercise_id) do update set
             attempts = progress.attempts + excluded.attempts,
             best_points = greatest(progress.best_points, excluded.best_points),
             passed_at = least(progress.passed_at, excluded.passed_at),
             begun_at = least(progress.begun_at, excluded.begun_at)",
        guest.0,
        account.0
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn submissions(tx: &mut PgConnection, guest: UserId, account: UserId) -> Result<()> {
    // A key that both used is theirs no longer to repeat: it gets a new one.
    sqlx::query!(
        "update submissions s set idempotency_key = gen_random_uuid()
         where s.user_id = $1 and exists (
             select 1 from submissions o where o.user_id = $2 and o.idempotency_key = s.idempotency_key)",
        guest.0,
        account.0
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("update submissions set user_id = $2 where user_id = $1", guest.0, account.0).execute(tx).await?;
    Ok(())
}

/// Only one grading of a learner may run at a time: what runs for the guest goes back to the queue, and the worker that had
/// it finds its lease gone.
async fn gradings(tx: &mut PgConnection, guest: UserId, account: UserId) -> Result<()> {
    sqlx::query!(
        "update gradings set state = 'queued', lease_token = null, lease_until = null, worker = null
         where user_id = $1 and state = 'running'",
        guest.0
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("update gradings set user_id = $2 where user_id = $1", guest.0, account.0).execute(tx).await?;
    Ok(())
}

/// A hint that both opened was opened when the first did.
async fn hints(tx: &mut PgConnection, guest: UserId, account: UserId) -> Result<()> {
    sqlx::query!(
        "insert into hints_opened (user_id, exercise_id, hint_no, opened_at)
         select $2, exercise_id, hint_no, opened_at from hints_opened where user_id = $1
         on conflict (user_id, exercise_id, hint_no) do update set
             opened_at = least(hints_opened.opened_at, excluded.opened_at)",
        guest.0,
        account.0
    )
    .execute(tx)
    .await?;
    Ok(())
}
