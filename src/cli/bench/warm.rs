//! Our own way: a warm, single-use container for each submission.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::figures::{self, Figures, Grader};
use super::{BURST, BenchGradeArgs};
use crate::config::Config;
use crate::content;
use crate::domain::exercise::TestSet;
use crate::domain::job::{Job, Kind};
use crate::domain::limits::Limits;
use crate::domain::verdict::{ExpectedSet, VerdictKind};
use crate::judge::{expected, grade};
use crate::sandbox::{EventSink, Sandbox};
use crate::startup;

/// The exercise that is measured.
const LESSON: &str = include_str!("lesson.md");

/// Longest wait for a full pool.
const FILL: Duration = Duration::from_secs(120);

struct Warm {
    sandbox: Arc<dyn Sandbox>,
    tests: TestSet,
    expected: ExpectedSet,
    limits: Limits,
}

impl Grader for Warm {
    async fn grade(&self) -> anyhow::Result<()> {
        let task =
            grade::Task { tests: &self.tests, expected: &self.expected, kind: Kind::Submit, limits: self.limits };
        let sources = Job::single_source(self.tests.language, &self.tests.solution);
        let graded = grade::grade(&*self.sandbox, task, sources, &EventSink::none()).await?;
        anyhow::ensure!(graded.verdict.kind == VerdictKind::Passed, "the reference got {:?}", graded.verdict);
        Ok(())
    }

    async fn rest(&self, ready_for: usize) {
        let give_up = Instant::now() + FILL;
        loop {
            let status = self.sandbox.status();
            let at_rest = status.booting == 0 && status.removing == 0 && status.running == 0;
            if (status.idle >= ready_for && at_rest) || Instant::now() > give_up {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Measures it.
pub(super) async fn measure(args: &BenchGradeArgs, config: &Config, concurrency: usize) -> anyhow::Result<Figures> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("measured.md");
    std::fs::write(&file, LESSON)?;
    let loaded = content::load(&file, None);
    let (_, placed) = loaded.course.exercises().next().context("the measured exercise does not parse")?;
    let tests = placed.exercise.tests.clone();
    let sandbox = startup::sandbox(config, args.runtime.as_deref(), Some(BURST)).await?;
    let evaluation = expected::evaluate(&*sandbox, &tests, config.limits).await?;
    anyhow::ensure!(evaluation.problems.is_empty(), "{:?}", evaluation.problems);
    let warm = Warm { sandbox, tests, expected: evaluation.expected, limits: config.limits };
    warm.rest(BURST).await;
    let figures = figures::take(&warm, args.submissions, concurrency).await;
    warm.sandbox.shutdown().await;
    figures
}
