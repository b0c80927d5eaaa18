//! The figures and how they are taken.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde::Serialize;

use super::BURST;

/// What is measured of one way to grade.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Figures {
    pub(super) p50_ms: f64,
    pub(super) p95_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) sustained_per_s: f64,
    pub(super) burst16_ms: f64,
    pub(super) cpu_s_per_submission: f64,
}

/// Shortest time over which a sustained rate says something.
pub(super) const SUSTAINED: Duration = Duration::from_secs(20);

/// One submission, from taking a container to the verdict.
pub(super) trait Grader {
    async fn grade(&self) -> anyhow::Result<()>;
    /// Waits until the machine is at rest and ready for so many at once.
    async fn rest(&self, ready_for: usize);
}

/// Latency with the machine otherwise at rest, the rate of `concurrency` graders that never pause, and a burst.
pub(super) async fn take(grader: &impl Grader, submissions: usize, concurrency: usize) -> anyhow::Result<Figures> {
    let mut latencies = Vec::with_capacity(submissions);
    for _ in 0..submissions.max(1) {
        grader.rest(1).await;
        let started = Instant::now();
        grader.grade().await?;
        latencies.push(started.elapsed());
    }
    latencies.sort();
    let (rate, cpu) = sustain(grader, concurrency).await?;
    let mut bursts = Vec::new();
    for _ in 0..3 {
        grader.rest(BURST).await;
        let started = Instant::now();
        for result in join_all((0..BURST).map(|_| grader.grade())).await {
            result?;
        }
        bursts.push(started.elapsed());
    }
    bursts.sort();
    Ok(Figures {
        p50_ms: percentile(&latencies, 50),
        p95_ms: percentile(&latencies, 95),
        p99_ms: percentile(&latencies, 99),
        sustained_per_s: round(rate),
        burst16_ms: milliseconds(bursts[bursts.len() / 2]),
        cpu_s_per_submission: round(cpu),
    })
}

/// Submissions a second, and CPU seconds of the whole machine for each.
async fn sustain(grader: &impl Grader, concurrency: usize) -> anyhow::Result<(f64, f64)> {
    grader.rest(1).await;
    // The pool's stock is not a rate: it is used up first.
    let warm_up = Instant::now() + Duration::from_secs(4);
    run_until(grader, concurrency, warm_up).await?;
    let started = Instant::now();
    let cpu = busy_seconds()?;
    let done = run_until(grader, concurrency, started + SUSTAINED).await?;
    let (elapsed, cpu) = (started.elapsed().as_secs_f64(), busy_seconds()? - cpu);
    Ok((done as f64 / elapsed, cpu / done.max(1) as f64))
}

async fn run_until(grader: &impl Grader, concurrency: usize, until: Instant) -> anyhow::Result<usize> {
    let graders = (0..concurrency.max(1)).map(|_| async {
        let mut done = 0;
        while Instant::now() < until {
            grader.grade().await?;
            done += 1;
        }
        anyhow::Ok(done)
    });
    let mut sum = 0;
    for done in join_all(graders).await {
        sum += done?;
    }
    Ok(sum)
}

/// CPU seconds that the whole machine has spent on anything but idling: the engine, the containers and we ourselves.
/// From `/proc/stat` (proc(5)): user, nice, system, irq, softirq and steal, in hundredths of a second.
fn busy_seconds() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let fields: Vec<u64> = stat
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .map_while(|field| field.parse().ok())
        .collect();
    let busy: u64 = [0, 1, 2, 5, 6, 7].iter().filter_map(|place| fields.get(*place)).sum();
    Ok(busy as f64 / 100.0)
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    // Nearest rank: the smallest value that so many percent do not exceed.
    let rank = (sorted.len() * percent).div_ceil(100).clamp(1, sorted.len());
    milliseconds(sorted[rank - 1])
}

fn milliseconds(duration: Duration) -> f64 {
    round(duration.as_secs_f64() * 1000.0)
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let ms: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!([50, 95, 99].map(|percent| percentile(&ms, percent)), [50.0, 95.0, 99.0]);
        assert_eq!(percentile(&[Duration::from_millis(7)], 99), 7.0);
    }
}
