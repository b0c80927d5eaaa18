//! What is measured of a contender in one turn, once it is open.

use std::time::{Duration, Instant};

use futures_util::future::{join_all, try_join_all};

use super::arrivals;
use super::cgroups::Own;
use super::grader::Grader;
use super::measure::Measure;
use super::plan::{Plan, Step};
use super::processor::Machine;
use super::statistics::{milliseconds, percentile};
use super::{cycle, idle};

/// Cycles whose costs are split. Each takes as long as a boot.
const CYCLES: usize = 10;

/// Longest time before a sustained rate counts. A pool's stock is no rate: it is used up first.
const USE_UP: Duration = Duration::from_secs(4);

/// What a turn is about.
pub struct Turn<'a> {
    /// The settings of the run.
    pub plan: &'a Plan,
    /// Whether it is a variant of the sandbox.
    pub is_sandbox: bool,
    /// Submissions a second that it sustained in this round, if that was measured.
    pub capacity: Option<f64>,
    /// The round.
    pub round: usize,
    /// The control groups of the containers that it makes, where they can be read.
    pub own: Option<Own<'a>>,
}

/// Takes the measures of a step.
///
/// # Errors
/// It did not grade, or not rightly.
pub async fn take(turn: &mut Turn<'_>, step: Step, grader: &dyn Grader) -> anyhow::Result<Vec<(Measure, f64)>> {
    match step {
        Step::Rest => at_rest(turn, grader).await,
        Step::Sustained => sustained(turn, grader).await,
        Step::Loads => loads(turn, grader).await,
        Step::Burst(size) => burst(size, grader).await,
    }
}

async fn at_rest(turn: &mut Turn<'_>, grader: &dyn Grader) -> anyhow::Result<Vec<(Measure, f64)>> {
    let plan = turn.plan;
    grader.rest(plan.pool).await;
    let mut values = match &mut turn.own {
        Some(own) if turn.is_sandbox => idle::take(own),
        _ => Vec::new(),
    };
    // Those that start a container each time are measured less often, since each takes so much longer.
    let submissions = if turn.is_sandbox { plan.submissions } else { plan.submissions.div_ceil(4) };
    let mut latencies = Vec::with_capacity(submissions);
    for _ in 0..submissions {
        grader.rest(1).await;
        let started = Instant::now();
        grader.grade().await?;
        latencies.push(milliseconds(started.elapsed()));
    }
    values.extend(percentiles(0, &latencies));
    values.extend(cycle::take(grader, turn.own.as_mut(), plan.pool, submissions.min(CYCLES)).await?);
    Ok(values)
}

fn percentiles(load: u8, latencies: &[f64]) -> impl Iterator<Item = (Measure, f64)> {
    [50, 95, 99].into_iter().filter_map(move |rank| {
        Some((Measure::Latency { load, percentile: rank }, percentile(latencies, rank.into())?))
    })
}

async fn sustained(turn: &Turn<'_>, grader: &dyn Grader) -> anyhow::Result<Vec<(Measure, f64)>> {
    let plan = turn.plan;
    grader.rest(1).await;
    run_until(grader, plan.concurrency, Instant::now() + USE_UP.min(plan.span)).await?;
    let (started, machine) = (Instant::now(), Machine::read()?);
    let done = run_until(grader, plan.concurrency, started + plan.span).await?;
    let (elapsed, busy) = (started.elapsed().as_secs_f64(), Machine::read()?.since(&machine).busy);
    Ok(vec![(Measure::Sustained, done as f64 / elapsed), (Measure::SustainedCpu, busy / done.max(1) as f64)])
}

/// So many who hand in, each again as soon as the last has its verdict; answers how many verdicts there were.
async fn run_until(grader: &dyn Grader, concurrency: usize, until: Instant) -> anyhow::Result<usize> {
    let graders = (0..concurrency.max(1)).map(|_| async {
        let mut done = 0;
        while Instant::now() < until {
            grader.grade().await?;
            done += 1;
        }
        anyhow::Ok(done)
    });
    Ok(try_join_all(graders).await?.into_iter().sum())
}

async fn loads(turn: &Turn<'_>, grader: &dyn Grader) -> anyhow::Result<Vec<(Measure, f64)>> {
    let plan = turn.plan;
    let mut values = Vec::new();
    for load in &plan.loads {
        let rate = turn.capacity.unwrap_or_default() * f64::from(*load) / 100.0;
        // Other times in each round, the same for each contender of the same speed.
        let seed = plan.seed.wrapping_add(turn.round as u64);
        let times = arrivals::schedule(plan.arrivals, rate, plan.span, seed);
        grader.rest(plan.pool).await;
        values.extend(percentiles(*load, &open_loop(grader, &times).await?));
    }
    Ok(values)
}

/// Hands in at these times, whatever became of the others. Milliseconds from when each should have been handed in to its
/// verdict: a handing in that is late (the timer's steps are of a millisecond) counts as waiting.
async fn open_loop(grader: &dyn Grader, times: &[Duration]) -> anyhow::Result<Vec<f64>> {
    let started = Instant::now();
    try_join_all(times.iter().map(|at| async move {
        let due = started + *at;
        tokio::time::sleep_until(due.into()).await;
        grader.grade().await?;
        anyhow::Ok(milliseconds(due.elapsed()))
    }))
    .await
}

async fn burst(size: usize, grader: &dyn Grader) -> anyhow::Result<Vec<(Measure, f64)>> {
    grader.rest(size).await;
    let started = Instant::now();
    for verdict in join_all((0..size).map(|_| grader.grade())).await {
        verdict?;
    }
    Ok(vec![(Measure::Burst(size), milliseconds(started.elapsed()))])
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::BoxFuture;

    use super::*;

    /// Takes a while for each verdict; only one at a time.
    struct Slow(tokio::sync::Mutex<()>, Duration, AtomicUsize);

    impl Grader for Slow {
        fn grade(&self) -> BoxFuture<'_, anyhow::Result<()>> {
            Box::pin(async {
                let _turn = self.0.lock().await;
                tokio::time::sleep(self.1).await;
                self.2.fetch_add(1, Ordering::Relaxed);
                Ok(())
            })
        }
    }

    #[tokio::test]
    async fn an_open_loop_counts_what_a_submission_waits_behind_others() {
        let slow = Slow(tokio::sync::Mutex::new(()), Duration::from_millis(40), AtomicUsize::new(0));
        let times = [1, 2, 3].map(Duration::from_millis);
        let latencies = open_loop(&slow, &times).await.expect("verdicts");
        assert!(latencies[0] >= 40.0 && latencies[1] >= 78.0 && latencies[2] >= 116.0, "{latencies:?}");
        assert_eq!(slow.2.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn a_burst_lasts_until_the_last_verdict() {
        let slow = Slow(tokio::sync::Mutex::new(()), Duration::from_millis(10), AtomicUsize::new(0));
        let values = burst(4, &slow).await.expect("verdicts");
        assert!(matches!(values[..], [(Measure::Burst(4), ms)] if ms >= 40.0), "{values:?}");
    }
}
