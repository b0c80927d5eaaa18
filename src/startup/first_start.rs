//! The first start: somebody must be able to sign in.

use anyhow::Context as _;
use secrecy::SecretString;

use crate::auth::password::Passwords;
use crate::auth::token;
use crate::db::users::AccountError;
use crate::db::{self, Pool};
use crate::domain::account::{DisplayName, Email, Role};

/// The address that the first administrator signs in with.
const ADDRESS: &str = "admin@localhost";

/// Makes an administrator when there is none, and says how to sign in: on standard output, not in the log, which other
/// people may read later.
pub(super) async fn administrator(pool: &Pool, passwords: &Passwords) -> anyhow::Result<()> {
    if db::users::has_admin(pool).await? {
        return Ok(());
    }
    let password = token::one_time_password()?;
    let hash = passwords.hash(SecretString::from(password.clone())).await?;
    let email = Email::parse(ADDRESS)?;
    let name = DisplayName::parse("Administrator")?;
    match db::users::create(pool, &name, &email, Role::Admin, &hash, true).await {
        Ok(_) => {
            println!("First start: sign in as {ADDRESS} with the one-time password {password}");
            Ok(())
        }
        // Another process was first and has said so.
        Err(AccountError::AddressTaken) => Ok(()),
        Err(error) => Err(error).context("the first administrator could not be made"),
    }
}
