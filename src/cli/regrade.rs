//! `athanor regrade`: old submissions judged anew, shown first and applied after.

mod print;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use super::{Format, NOT_GRADED, RegradeArgs, USAGE};
use crate::config::Config;
use crate::db::regrades::{self, BeginError, Regrade, Scope};
use crate::db::{self, Pool};
use crate::domain::ids::{ExerciseId, RegradeId};
use crate::domain::regrade::{Change, Tally};
use crate::domain::wait::Graders;
use crate::startup;

/// Pause between two looks at how far a regrade is.
const LOOK: Duration = Duration::from_millis(250);

/// Runs the command.
pub(super) async fn run(args: &RegradeArgs, config: Config) -> ExitCode {
    let database = match startup::database(&config).await {
        Ok(database) => database,
        Err(error) => {
            eprintln!("athanor: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    let result = carry_out(&database.pool, args).await;
    database.close().await;
    result.unwrap_or_else(|error| {
        eprintln!("athanor: {error:#}");
        ExitCode::from(USAGE)
    })
}

async fn carry_out(pool: &Pool, args: &RegradeArgs) -> anyhow::Result<ExitCode> {
    let since = args.since.as_deref().map(moment).transpose()?;
    if args.not_graded {
        return not_graded(pool, args, since).await;
    }
    if let Some(id) = &args.resume {
        let id: RegradeId = id.parse().map_err(|_| anyhow::anyhow!("'{id}' is not the id of a regrade"))?;
        if args.discard {
            regrades::discard(pool, id).await?;
            println!("regrade {id} is discarded; every verdict is what it was");
            return Ok(ExitCode::SUCCESS);
        }
        return to_its_end(pool, args, id).await;
    }
    let exercise = args.exercise.as_deref().ok_or_else(|| anyhow::anyhow!("say which exercise: --exercise ID"))?;
    let scope = Scope { exercise: ExerciseId::parse(exercise)?, since };
    if args.dry_run {
        let preview = regrades::preview(pool, &scope).await?;
        let preview = preview.ok_or_else(|| BeginError::UnknownExercise(scope.exercise.clone()))?;
        print::preview(&scope, &preview, args.format);
        return Ok(ExitCode::SUCCESS);
    }
    let id = regrades::begin(pool, &scope, args.take_back, &who()).await?;
    to_its_end(pool, args, id).await
}

/// A day, or a moment in RFC 3339.
fn moment(text: &str) -> anyhow::Result<jiff::Timestamp> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    let day: jiff::civil::Date =
        text.parse().map_err(|_| anyhow::anyhow!("'{text}' is neither a day (2026-11-21) nor a time (RFC 3339)"))?;
    Ok(day.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp())
}

/// Who asks, as far as a command line knows.
fn who() -> String {
    let user = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    format!("{} on the command line", user.as_deref().unwrap_or("somebody"))
}

async fn not_graded(pool: &Pool, args: &RegradeArgs, since: Option<jiff::Timestamp>) -> anyhow::Result<ExitCode> {
    let exercise = args.exercise.as_deref().map(ExerciseId::parse).transpose()?;
    let count = if args.dry_run {
        u64::try_from(regrades::waiting_not_graded(pool, exercise.as_ref(), since).await?).unwrap_or(0)
    } else {
        regrades::queue_not_graded(pool, exercise.as_ref(), since).await?
    };
    print::not_graded(count, args.dry_run, args.format);
    Ok(ExitCode::SUCCESS)
}

/// Waits until everything is judged, shows what changes, and applies it if that is wanted.
async fn to_its_end(pool: &Pool, args: &RegradeArgs, id: RegradeId) -> anyhow::Result<ExitCode> {
    let regrade = judged(pool, id).await?;
    anyhow::ensure!(regrade.state == regrades::State::Computing, "this regrade was {} before", regrade.state.as_str());
    let changes = regrades::changes(pool, id).await?;
    let tally = Tally::of(changes.iter().map(|changed| changed.change));
    let ungraded = changes.iter().any(|changed| changed.change == Change::NotGraded);
    if args.format == Format::Human {
        print::changes(&regrade, &changes, &tally);
    }
    let apply = args.apply || (args.format == Format::Human && confirmed(&regrade)?);
    if apply {
        regrades::apply(pool, id).await?;
    }
    match args.format {
        Format::Json => print::json(&regrade, &changes, &tally, apply),
        Format::Human if apply => println!("\nApplied: these verdicts stand now; those before are kept beside them."),
        Format::Human => println!(
            "\nNothing has changed yet. `athanor regrade --resume {id} --apply` lets these verdicts stand, \
             `--resume {id} --discard` drops them."
        ),
    }
    Ok(if ungraded { ExitCode::from(NOT_GRADED) } else { ExitCode::SUCCESS })
}

/// The regrade, once nothing of it waits any more. The rows are the queue, so that this may be ended at any time.
async fn judged(pool: &Pool, id: RegradeId) -> anyhow::Result<Regrade> {
    let mut told = None;
    let mut alone = false;
    loop {
        let regrade = regrades::find(pool, id).await?.ok_or_else(|| anyhow::anyhow!("there is no regrade {id}"))?;
        if regrade.open == 0 {
            return Ok(regrade);
        }
        if told != Some(regrade.open) {
            if told.is_none() {
                eprintln!("regrade {id} of {}; this may be ended, and gone on with by --resume {id}", regrade.exercise);
            }
            eprintln!("{} of {} submissions left to judge", regrade.open, regrade.submissions);
            told = Some(regrade.open);
        }
        if !alone && db::paces::graders(pool).await? == Graders::None {
            alone = true;
            eprintln!("nobody grades just now: `athanor serve` or `athanor worker` does");
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn confirmed(regrade: &Regrade) -> std::io::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    let warning = if regrade.take_back { ", and take back what they would not get any more" } else { "" };
    print!("\nLet these verdicts stand{warning}? Type yes: ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
