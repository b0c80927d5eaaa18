//! `athanor bench chaos`: a whole installation whose parts are killed at random while learners hand in, and an audit of
//! what became of each submission.

use std::collections::{BTreeMap, HashMap};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use rustix::process::Signal;
use serde::Serialize;
use uuid::Uuid;

use super::learners::{Answer, Book, Learner};
use super::stage::{SandboxKind, Stage};
use crate::cli::Format;
use crate::config::Config;
use crate::db::audit::{self, Audit, Standing};

/// `athanor bench chaos`.
#[derive(Debug, Args)]
pub struct ChaosArgs {
    /// Submissions that are handed in.
    #[arg(long, default_value_t = 500, value_name = "N")]
    pub submissions: usize,
    /// Worker processes.
    #[arg(long, default_value_t = 2, value_name = "N")]
    pub workers: usize,
    /// Processes and containers that are killed meanwhile; one for each 25 submissions when left out.
    #[arg(long, value_name = "N")]
    pub kills: Option<usize>,
    /// Learners who hand in at once.
    #[arg(long, default_value_t = 24, value_name = "N")]
    pub learners: usize,
    /// What the code runs in.
    #[arg(long, value_enum, default_value = "real")]
    pub sandbox: SandboxKind,
    /// Begins the same row of kills again.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How to print.
    #[arg(long, value_enum, default_value = "human")]
    pub format: Format,
}

/// How often the stage is looked after.
const LOOK: Duration = Duration::from_millis(50);

/// Without any new verdict for so long, nothing more is expected.
const STANDSTILL: Duration = Duration::from_secs(180);

/// What came of it.
#[derive(Debug, Default, Serialize)]
struct Outcome {
    seed: u64,
    submissions: usize,
    accepted: usize,
    verdicts: BTreeMap<String, usize>,
    /// Accepted, and not there or without a verdict.
    lost: usize,
    /// There, and not what somebody handed in.
    doubled: usize,
    /// Another verdict than the known one.
    wrong: usize,
    audit: Audit,
    kills: BTreeMap<&'static str, usize>,
    /// Requests that learners had to send again.
    requests_again: usize,
    containers_left: usize,
    seconds: f64,
}

impl Outcome {
    fn is_clean(&self) -> bool {
        self.lost + self.doubled + self.wrong + self.containers_left == 0
            && self.accepted == self.submissions
            && self.audit.is_clean()
    }
}

/// Runs the command.
pub(super) async fn run(args: &ChaosArgs, config: &Config) -> ExitCode {
    match cause(args, config).await {
        Ok(outcome) => {
            match args.format {
                Format::Json => println!("{}", serde_json::json!(outcome)),
                Format::Human => print!("{}", for_people(&outcome)),
            }
            if outcome.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("athanor: {error:#}");
            ExitCode::from(super::super::NOT_GRADED)
        }
    }
}

async fn cause(args: &ChaosArgs, config: &Config) -> anyhow::Result<Outcome> {
    let seed = args.seed.unwrap_or_else(|| Uuid::new_v4().as_u64_pair().0);
    let kills = args.kills.unwrap_or(args.submissions / 25);
    let mut stage = Stage::up(args.sandbox, args.workers.max(1), config).await?;
    let began = Instant::now();
    let book = Arc::new(Book::default());
    let mut learners = tokio::task::JoinSet::new();
    for number in 0..args.learners.max(1) {
        let (learner, book, count) = (Learner::new(stage.address(), number)?, book.clone(), args.submissions);
        learners.spawn(async move { learner.work(&book, count).await });
    }
    let mut chaos = Chaos { random: Random(seed | 1), kills: BTreeMap::new() };
    let mut killed = 0;
    let (mut seen, mut moved) = (0, Instant::now());
    loop {
        tokio::time::sleep(LOOK).await;
        stage.look_after().await?;
        while learners.try_join_next().is_some() {}
        // While the database is away nothing is known.
        let Ok((_, settled)) = audit::settled(&stage.pool).await else { continue };
        let settled = usize::try_from(settled).unwrap_or_default();
        if settled > seen {
            (seen, moved) = (settled, Instant::now());
        }
        if killed < kills && settled * (kills + 1) >= (killed + 1) * args.submissions {
            killed += usize::from(chaos.kill(&mut stage, args.sandbox)?);
        }
        if learners.is_empty() && settled >= args.submissions && killed >= kills {
            break;
        }
        if moved.elapsed() > STANDSTILL {
            eprintln!("athanor: nothing moved for {STANDSTILL:?}; the audit says what is missing");
            break;
        }
    }
    learners.shutdown().await;
    // A worker that was killed with the last verdict in its hands may still seem to hold something.
    settle(&mut stage).await?;
    let mut outcome = compare(&book.accepted(), audit::standings(&stage.pool).await?);
    outcome.audit = audit::audit(&stage.pool).await?;
    outcome.seed = seed;
    outcome.submissions = args.submissions;
    outcome.kills = chaos.kills;
    outcome.requests_again = book.tried_again.load(std::sync::atomic::Ordering::SeqCst);
    outcome.seconds = (began.elapsed().as_secs_f64() * 10.0).round() / 10.0;
    outcome.containers_left = stage.down().await?;
    Ok(outcome)
}

async fn settle(stage: &mut Stage) -> anyhow::Result<()> {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(20) {
        stage.look_after().await?;
        if audit::audit(&stage.pool).await.is_ok_and(|found| found.is_clean()) {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

fn compare(accepted: &HashMap<Uuid, Answer>, standings: Vec<Standing>) -> Outcome {
    let mut outcome = Outcome { accepted: accepted.len(), ..Outcome::default() };
    let mut found = HashMap::new();
    for standing in standings {
        let verdict = standing.verdict.clone().unwrap_or_else(|| standing.state.clone());
        *outcome.verdicts.entry(verdict.clone()).or_default() += 1;
        match accepted.get(&standing.key) {
            None => outcome.doubled += 1,
            Some(answer) if standing.verdict.is_some() => {
                outcome.wrong += usize::from(verdict != answer.verdict.as_str());
                outcome.doubled += usize::from(found.insert(standing.key, ()).is_some());
            }
            Some(_) => {}
        }
    }
    outcome.lost = accepted.keys().filter(|key| !found.contains_key(key)).count();
    outcome
}

struct Chaos {
    random: Random,
    kills: BTreeMap<&'static str, usize>,
}

impl Chaos {
    /// Kills something. False when there was nothing of that kind.
    fn kill(&mut self, stage: &mut Stage, sandbox: SandboxKind) -> anyhow::Result<bool> {
        let which = self.random.below(1_000);
        let what = match self.random.below(100) {
            0..15 => {
                stage.kill_site()?;
                "site"
            }
            15..25 => {
                stage.end_database(Signal::KILL)?;
                "database killed"
            }
            25..30 => {
                stage.end_database(Signal::INT)?;
                "database restarted"
            }
            30..60 if sandbox == SandboxKind::Real => {
                if !stage.kill_container(which)? {
                    return Ok(false);
                }
                "container"
            }
            _ => {
                stage.kill_worker(which)?;
                "worker"
            }
        };
        *self.kills.entry(what).or_default() += 1;
        Ok(true)
    }
}

/// Marsaglia's xorshift with the shifts 13, 7, 17: enough to choose who dies.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or_default() % limit
    }
}

fn for_people(outcome: &Outcome) -> String {
    let list = |counts: &mut dyn Iterator<Item = (String, usize)>| {
        counts.map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
    };
    let killed: usize = outcome.kills.values().sum();
    let mut text = format!(
        "{} submissions in {:.0} s, seed {}\n  killed        {killed}: {}\n  accepted      {} ({} requests were sent again)\n",
        outcome.submissions,
        outcome.seconds,
        outcome.seed,
        list(&mut outcome.kills.iter().map(|(name, count)| ((*name).to_owned(), *count))),
        outcome.accepted,
        outcome.requests_again,
    );
    text.push_str(&format!(
        "  verdicts      {}\n",
        list(&mut outcome.verdicts.iter().map(|(name, count)| (name.clone(), *count)))
    ));
    for (name, count) in [
        ("lost", outcome.lost),
        ("doubled", outcome.doubled),
        ("wrong", outcome.wrong),
        ("miscounted", usize::try_from(outcome.audit.miscounted).unwrap_or_default()),
        ("judged twice", usize::try_from(outcome.audit.judged_twice).unwrap_or_default()),
        ("still held", usize::try_from(outcome.audit.held).unwrap_or_default()),
        ("containers", outcome.containers_left),
    ] {
        text.push_str(&format!("  {name:<14}{count}\n"));
    }
    text.push_str(if outcome.is_clean() { "All as it should be.\n" } else { "NOT as it should be.\n" });
    text
}

#[cfg(test)]
mod tests {
    use super::super::learners::answer;
    use super::*;

    fn standing(key: u128, state: &str, verdict: Option<&str>) -> Standing {
        Standing { key: Uuid::from_u128(key), state: state.to_owned(), verdict: verdict.map(str::to_owned) }
    }

    #[test]
    fn what_is_lost_doubled_or_wrong_is_counted() {
        // The answers 0 and 2 pass.
        let accepted: HashMap<Uuid, Answer> = [1, 2, 3, 4].map(|key| (Uuid::from_u128(key), answer(0))).into();
        let outcome = compare(
            &accepted,
            vec![
                standing(1, "done", Some("passed")),
                standing(2, "done", Some("failed")),
                standing(3, "running", None),
                standing(9, "done", Some("passed")),
            ],
        );
        assert_eq!((outcome.lost, outcome.doubled, outcome.wrong), (2, 1, 1));
        assert!(!outcome.is_clean());
    }

    #[test]
    fn the_same_seed_chooses_the_same() {
        let row = |seed| {
            let mut random = Random(seed);
            (0..8).map(|_| random.below(100)).collect::<Vec<_>>()
        };
        assert_eq!(row(7), row(7));
        assert_ne!(row(7), row(9));
    }
}
