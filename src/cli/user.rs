//! `athanor user`: accounts from the command line.

use std::process::ExitCode;

use secrecy::SecretString;

use super::{USAGE, UserCommand};
use crate::auth::password::Passwords;
use crate::auth::token;
use crate::config::Config;
use crate::db::{self, Pool};
use crate::domain::account::{DisplayName, Email, Role};
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
            db::users::set_password(pool, &email, &hash, true).await?;
            println!("{email} signs in once with the password {password} and then chooses their own");
        }
        UserCommand::Role { email, role } => {
            let email = Email::parse(&email)?;
            let role = account_role(&role)?;
            db::users::set_role(pool, &email, role).await?;
            println!("{email} is {role} now");
        }
    }
    Ok(())
}

fn account_role(text: &str) -> anyhow::Result<Role> {
    let role: Role = text.parse()?;
    anyhow::ensure!(role != Role::Guest, "a guest has no account: choose learner, instructor or admin");
    Ok(role)
}
