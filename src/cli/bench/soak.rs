//! `athanor bench soak`: a whole installation under steady work, and whether anything of it grows.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use super::learners::{Book, Learner, answer};
use super::stage::{SandboxKind, Stage};
use crate::cli::Format;
use crate::config::Config;
use crate::db::audit::{self, Audit};

/// `athanor bench soak`.
#[derive(Debug, Args)]
pub struct SoakArgs {
    /// How long, without the time in which the capacity is measured.
    #[arg(long, default_value_t = 15.0, value_name = "N")]
    pub minutes: f64,
    /// How much of the capacity is asked for, for instance 70%.
    #[arg(long, default_value = "70%", value_name = "P", value_parser = percent)]
    pub rate: f64,
    /// Worker processes.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub workers: usize,
    /// What the code runs in.
    #[arg(long, value_enum, default_value = "real")]
    pub sandbox: SandboxKind,
    /// How to print.
    #[arg(long, value_enum, default_value = "human")]
    pub format: Format,
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse::<f64>().map_err(|error| error.to_string())?;
    if (1.0..=100.0).contains(&number) { Ok(number / 100.0) } else { Err("it takes 1% to 100%".to_owned()) }
}

/// Submissions of which the capacity is taken.
const MEASURED: usize = 60;

/// Learners, each of whom has at most one grading running.
const LEARNERS: usize = 32;

/// How often everything is looked at.
const SAMPLE: Duration = Duration::from_secs(5);

/// A median may be so much larger in the last quarter than in the first and still count as flat.
const FLAT: f64 = 1.10;

/// One thing that must not grow.
#[derive(Debug, Serialize)]
struct Series {
    first_quarter: f64,
    last_quarter: f64,
    /// Least squares over all samples.
    slope_per_hour: f64,
    flat: bool,
}

#[derive(Debug, Serialize)]
struct Figures {
    capacity_per_s: f64,
    asked_per_s: f64,
    minutes: f64,
    accepted: usize,
    audit: Audit,
    containers_left: usize,
    series: BTreeMap<String, Series>,
}

/// Runs the command. Fails when something grows, or is lost.
pub(super) async fn run(args: &SoakArgs, config: &Config) -> ExitCode {
    match soak(args, config).await {
        Ok(figures) => {
            match args.format {
                Format::Json => println!("{}", serde_json::json!(figures)),
                Format::Human => print!("{}", for_people(&figures)),
            }
            let flat = figures.series.values().all(|series| series.flat);
            let clean = flat && figures.audit.is_clean() && figures.containers_left == 0;
            if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("athanor: {error:#}");
            ExitCode::from(super::super::NOT_GRADED)
        }
    }
}

async fn soak(args: &SoakArgs, config: &Config) -> anyhow::Result<Figures> {
    let mut stage = Stage::up(args.sandbox, args.workers.max(1), config).await?;
    let book = Arc::new(Book::default());
    let learners: Vec<Arc<Learner>> =
        (0..LEARNERS).map(|number| Learner::new(stage.address(), number).map(Arc::new)).collect::<Result<_, _>>()?;
    for learner in &learners {
        learner.arrive().await;
    }
    let mut handed_in = 0;
    // The first ones make the pool, the caches and the connections; the capacity is that of what follows.
    burst(&stage, &learners, &book, &mut handed_in, LEARNERS).await?;
    let began = Instant::now();
    burst(&stage, &learners, &book, &mut handed_in, MEASURED).await?;
    let capacity = MEASURED as f64 / began.elapsed().as_secs_f64();
    let pause = Duration::from_secs_f64(1.0 / (capacity * args.rate));
    let (began, length) = (Instant::now(), Duration::from_secs_f64(args.minutes * 60.0));
    let mut samples: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    let mut tasks = tokio::task::JoinSet::new();
    let (mut due, mut look) = (tokio::time::interval(pause), tokio::time::interval(SAMPLE));
    while began.elapsed() < length {
        tokio::select! {
            _ = due.tick() => {
                hand_in(&mut tasks, &learners, &book, &mut handed_in);
                while tasks.try_join_next().is_some() {}
            }
            _ = look.tick() => {
                stage.look_after().await?;
                sample(&stage, began.elapsed().as_secs_f64(), &mut samples)?;
            }
        }
    }
    while tasks.join_next().await.is_some() {}
    settled(&stage, handed_in).await?;
    let audit = audit::audit(&stage.pool).await?;
    let containers_left = stage.down().await?;
    Ok(Figures {
        capacity_per_s: capacity,
        asked_per_s: capacity * args.rate,
        minutes: args.minutes,
        accepted: book.accepted().len(),
        audit,
        containers_left,
        series: samples.into_iter().map(|(name, samples)| (name, series(&samples))).collect(),
    })
}

fn hand_in(tasks: &mut tokio::task::JoinSet<()>, learners: &[Arc<Learner>], book: &Arc<Book>, handed_in: &mut usize) {
    let (learner, book, number) = (learners[*handed_in % learners.len()].clone(), book.clone(), *handed_in);
    *handed_in += 1;
    tasks.spawn(async move { learner.hand_in(&book, answer(number)).await });
}

/// Hands in so many at once and waits for their verdicts.
async fn burst(
    stage: &Stage,
    learners: &[Arc<Learner>],
    book: &Arc<Book>,
    handed_in: &mut usize,
    count: usize,
) -> anyhow::Result<()> {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..count {
        hand_in(&mut tasks, learners, book, handed_in);
    }
    while tasks.join_next().await.is_some() {}
    settled(stage, *handed_in).await
}

async fn settled(stage: &Stage, count: usize) -> anyhow::Result<()> {
    while audit::settled(&stage.pool).await?.1 < i64::try_from(count)? {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Memory, descriptors and threads of each process, from `/proc` (proc(5)), and the containers there are.
fn sample(stage: &Stage, at: f64, samples: &mut BTreeMap<String, Vec<(f64, f64)>>) -> anyhow::Result<()> {
    let mut add = |name: String, value: f64| samples.entry(name).or_default().push((at, value));
    for (name, pid) in stage.processes() {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let field = |field: &str| {
            status.lines().find_map(|line| line.strip_prefix(field)?.split_whitespace().next()?.parse::<f64>().ok())
        };
        add(format!("{name}, memory, MB"), field("VmRSS:").unwrap_or_default() / 1024.0);
        add(format!("{name}, threads"), field("Threads:").unwrap_or_default());
        add(format!("{name}, descriptors"), std::fs::read_dir(format!("/proc/{pid}/fd"))?.count() as f64);
    }
    add("containers".to_owned(), stage.containers(true)?.len() as f64);
    Ok(())
}

fn series(samples: &[(f64, f64)]) -> Series {
    let quarter = (samples.len() / 4).max(1);
    let median = |part: &[(f64, f64)]| {
        let mut values: Vec<f64> = part.iter().map(|(_, value)| *value).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    let first_quarter = median(&samples[..quarter.min(samples.len())]);
    let last_quarter = median(&samples[samples.len().saturating_sub(quarter)..]);
    Series {
        first_quarter,
        last_quarter,
        slope_per_hour: slope(samples) * 3600.0,
        // One more of what is counted in ones is no growth.
        flat: last_quarter <= (first_quarter * FLAT).max(first_quarter + 1.0),
    }
}

/// Least squares.
fn slope(samples: &[(f64, f64)]) -> f64 {
    let count = samples.len().max(1) as f64;
    let (at, value) = samples.iter().fold((0.0, 0.0), |(at, value), sample| (at + sample.0, value + sample.1));
    let (at, value) = (at / count, value / count);
    let (above, below) = samples.iter().fold((0.0, 0.0), |(above, below), sample| {
        (above + (sample.0 - at) * (sample.1 - value), below + (sample.0 - at) * (sample.0 - at))
    });
    if below > 0.0 { above / below } else { 0.0 }
}

fn for_people(figures: &Figures) -> String {
    let mut text = format!(
        "{:.1} minutes at {:.2} of {:.2} submissions a second, {} in all\n\n{:<28}{:>12}{:>12}{:>14}\n",
        figures.minutes,
        figures.asked_per_s,
        figures.capacity_per_s,
        figures.accepted,
        "",
        "first 1/4",
        "last 1/4",
        "slope per h"
    );
    for (name, series) in &figures.series {
        text.push_str(&format!(
            "{name:<28}{:>12.1}{:>12.1}{:>14.1}  {}\n",
            series.first_quarter,
            series.last_quarter,
            series.slope_per_hour,
            if series.flat { "flat" } else { "GROWS" }
        ));
    }
    let lost = figures.audit.unsettled + figures.audit.miscounted + figures.audit.judged_twice;
    text.push_str(&format!("\nlost or counted twice: {lost}; containers left: {}\n", figures.containers_left));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_is_told_from_what_is_flat() {
        let row = |growth: f64| (0..40).map(|n| (f64::from(n), 100.0 + growth * f64::from(n))).collect::<Vec<_>>();
        assert!(series(&row(0.0)).flat);
        let grows = series(&row(1.0));
        assert!(!grows.flat);
        assert!((grows.slope_per_hour - 3600.0).abs() < 0.001, "{grows:?}");
    }

    #[test]
    fn a_rate_is_a_percentage() {
        assert_eq!(percent("70%"), Ok(0.7));
        assert!(percent("0").is_err());
    }
}
