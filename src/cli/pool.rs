//! `athanor pool`: how many containers are to be warm before a class.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Subcommand;
use jiff::{SignedDuration, Zoned};

use super::USAGE;
use crate::config::Config;
use crate::db::{Pool, pool_wishes};
use crate::startup;

/// What to do with the pool.
#[derive(Debug, Subcommand)]
pub enum PoolCommand {
    /// Have so many warm, until the time is over. Workers begin within seconds; the memory that there is goes before.
    Warm {
        /// How many, of all workers each.
        #[arg(value_name = "N", value_parser = clap::value_parser!(i32).range(1..=10_000))]
        count: i32,
        /// For how long, for instance 45m or 2h.
        #[arg(long = "for", value_name = "TIME", default_value = "90m", value_parser = lasts)]
        lasts: Duration,
    },
    /// Take back what was wished for.
    Clear,
    /// Say what is wished for.
    Show,
}

/// At least a minute, at most a week.
fn lasts(text: &str) -> Result<Duration, String> {
    let wanted = || "it takes a time such as 45m or 2h, from a minute to a week".to_owned();
    let lasts: SignedDuration = text.parse().map_err(|_| wanted())?;
    let lasts = Duration::try_from(lasts).map_err(|_| wanted())?;
    if (60..=7 * 24 * 3600).contains(&lasts.as_secs()) { Ok(lasts) } else { Err(wanted()) }
}

/// Runs the command.
pub(super) async fn run(command: PoolCommand, config: Config) -> ExitCode {
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
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("athanor: {error:#}");
            ExitCode::from(USAGE)
        }
    }
}

async fn carry_out(pool: &Pool, command: PoolCommand) -> anyhow::Result<String> {
    match command {
        PoolCommand::Warm { count, lasts } => {
            pool_wishes::put(pool, count, lasts).await?;
            Ok(format!("{count} containers are to be warm until {}", until(lasts)?))
        }
        PoolCommand::Clear => match pool_wishes::clear(pool).await? {
            0 => Ok("nothing was wished for".to_owned()),
            _ => Ok("the pool returns to its own size".to_owned()),
        },
        PoolCommand::Show => match pool_wishes::current(pool).await? {
            None => Ok("nothing is wished for; the pool has its own size".to_owned()),
            Some(wish) => Ok(format!("{} containers are to be warm until {}", wish.count, until(wish.left)?)),
        },
    }
}

fn until(left: Duration) -> anyhow::Result<String> {
    let end = Zoned::now().checked_add(SignedDuration::try_from(left)?).context("a time")?;
    Ok(end.strftime("%Y-%m-%d %H:%M %Z").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_from_a_minute_to_a_week() {
        assert_eq!(lasts("90m"), Ok(Duration::from_secs(5400)));
        assert_eq!(lasts("1h 30m"), Ok(Duration::from_secs(5400)));
        for bad in ["", "90", "1s", "8d", "-2h", "soon"] {
            assert!(lasts(bad).is_err(), "{bad}");
        }
    }
}
