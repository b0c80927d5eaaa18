//! `athanor user`: accounts from the command line.

use std::process::ExitCode;
use std::time::Duration;

use secrecy::SecretString;

use super::{USAGE, UserCommand};
use crate::auth::password::Passwords;
use crate::auth::token::{self, ApiToken};
use crate::config::Config;
use crate::db::api_tokens::{self, NewToken};
use crate::db::{self, Pool};
use crate::domain::account::{DisplayName, Email, Role, User};
use crate::domain::ids::ApiTokenId;
use crate::domain::scope::Scopes;
use crate::startup;

/// Runs the command.
pub(super) async fn run(command: UserCommand, config: Config) -> ExitCode {
    let database = match startup::database(&config).await {
        Ok(database) => database,
        Err(error) => {
            eprintln!("athanor: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    let result = carry_out(&database.pool, command).await;
    database.close().await;
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("athanor: {error:#}");
            ExitCode::from(USAGE)
        }
    }
}

async fn carry_out(pool: &Pool, command: UserCommand) -> anyhow::Result<()> {
    match command {
        UserCommand::Add { email, name, role } => {
            let email = Email::parse(&email)?;
            let role = account_role(&role)?;
            let name = name.unwrap_or_else(|| email.as_str().split('@').next().unwrap_or_default().to_owned());
            let name = DisplayName::parse(&name)?;
            let password = token::one_time_password()?;
            let hash = Passwords::new(1).hash(SecretString::from(password.clone())).await?;
            db::users::create(pool, &name, &email, role, &hash, true).await?;
            println!("{email} ({role}) signs in once with the password {password} and then chooses their own");
        }
        UserCommand::Password { email } => {
            let email = Email::parse(&email)?;
            let password = token::one_time_password()?;
            let hash = Passwords::new(1).hash(SecretString::from(password.clone())).await?;
            db::users::set_one_time_password(pool, &email, &hash).await?;
            println!("{email} signs in once with the password {password} and then chooses their own");
        }
        UserCommand::Role { email, role } => {
            let email = Email::parse(&email)?;
            let role = account_role(&role)?;
            db::users::set_role(pool, &email, role).await?;
            println!("{email} is {role} now");
        }
        UserCommand::Token { email, scopes, name, days } => {
            let user = account(pool, &email).await?;
            let (scopes, name): (Scopes, _) = (scopes.parse()?, DisplayName::parse(&name)?);
            let token = ApiToken::new()?;
            let lifetime = days.map(|days| Duration::from_secs(u64::from(days) * 24 * 3600));
            let hash = token.hash();
            let new = NewToken { user: user.id, session: None, name: &name, hash: &hash, scopes: &scopes, lifetime };
            let id = api_tokens::make(pool, &new).await?;
            eprintln!("token {id} of {} for {scopes}; it is shown this once:", email.trim());
            println!("{}", token.as_str());
        }
        UserCommand::Tokens { email, revoke: Some(id) } => {
            let user = account(pool, &email).await?;
            let id: ApiTokenId = id.parse().map_err(|_| anyhow::anyhow!("'{id}' is not the id of a token"))?;
            anyhow::ensure!(api_tokens::revoke(pool, user.id, id).await?, "there is no token {id} to revoke");
            println!("token {id} is revoked");
        }
        UserCommand::Tokens { email, revoke: None } => {
            let user = account(pool, &email).await?;
            let moment = |at: Option<jiff::Timestamp>| at.map_or_else(|| "never".to_owned(), |at| at.to_string());
            for token in api_tokens::list(pool, user.id).await? {
                let (used, ends) = (moment(token.last_used_at), moment(token.expires_at));
                println!("{}  {}  ({})  last used {used}  ends {ends}", token.id, token.name, token.scopes);
            }
        }
    }
    Ok(())
}

async fn account(pool: &Pool, email: &str) -> anyhow::Result<User> {
    let account = db::users::by_email(pool, &Email::parse(email)?).await?;
    Ok(account.ok_or(db::users::AccountError::Unknown)?.user)
}

fn account_role(text: &str) -> anyhow::Result<Role> {
    let role: Role = text.parse()?;
    anyhow::ensure!(role != Role::Guest, "a guest has no account: choose learner, instructor or admin");
    Ok(role)
}
