//! Our own way: a warm, single-use container for each submission.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use futures_util::future::BoxFuture;

use super::grader::Grader;
use crate::content;
use crate::domain::exercise::TestSet;
use crate::domain::job::{Job, Kind};
use crate::domain::limits::Limits;
use crate::domain::verdict::{ExpectedSet, VerdictKind};
use crate::judge::{expected, grade};
use crate::sandbox::{EventSink, Sandbox};

/// The exercise that is measured.
const LESSON: &str = include_str!("../lesson.md");

/// Longest wait for a full pool.
const FILL: Duration = Duration::from_secs(180);

/// The exercise, and its expected values by the image that made them.
pub struct Exercise {
    tests: TestSet,
    expected: BTreeMap<String, ExpectedSet>,
    limits: Limits,
}

impl Exercise {
    /// Reads the lesson.
    ///
    /// # Errors
    /// It does not parse.
    pub fn read(limits: Limits) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("measured.md");
        std::fs::write(&file, LESSON)?;
        let loaded = content::load(&file, None);
        let (_, placed) = loaded.course.exercises().next().context("the measured exercise does not parse")?;
        Ok(Self { tests: placed.exercise.tests.clone(), expected: BTreeMap::new(), limits })
    }

    /// A grader of it in this sandbox, which is closed with it.
    ///
    /// # Errors
    /// Its expected values cannot be evaluated there.
    pub async fn grader(&mut self, sandbox: Arc<dyn Sandbox>) -> anyhow::Result<Warm> {
        let image = sandbox.image_digest().to_owned();
        if !self.expected.contains_key(&image) {
            let evaluated = match expected::evaluate(&*sandbox, &self.tests, self.limits).await {
                Ok(evaluation) if evaluation.problems.is_empty() => Ok(evaluation.expected),
                Ok(evaluation) => Err(anyhow::anyhow!("{:?}", evaluation.problems)),
                Err(error) => Err(error.into()),
            };
            match evaluated {
                Ok(expected) => self.expected.insert(image.clone(), expected),
                Err(error) => {
                    sandbox.shutdown().await;
                    return Err(error);
                }
            };
        }
        let expected = self.expected.get(&image).cloned().unwrap_or_default();
        Ok(Warm { sandbox, tests: self.tests.clone(), expected, limits: self.limits })
    }
}

/// Grades in a sandbox.
pub struct Warm {
    sandbox: Arc<dyn Sandbox>,
    tests: TestSet,
    expected: ExpectedSet,
    limits: Limits,
}

impl Warm {
    async fn verdict(&self) -> anyhow::Result<()> {
        let task =
            grade::Task { tests: &self.tests, expected: &self.expected, kind: Kind::Submit, limits: self.limits };
        let sources = Job::single_source(self.tests.language, &self.tests.solution);
        let graded = grade::grade(&*self.sandbox, task, sources, &EventSink::none()).await?;
        ensure!(graded.verdict.kind == VerdictKind::Passed, "the reference got {:?}", graded.verdict);
        Ok(())
    }

    async fn settle(&self, ready_for: usize) {
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

impl Grader for Warm {
    fn grade(&self) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(self.verdict())
    }

    fn rest(&self, ready_for: usize) -> BoxFuture<'_, ()> {
        Box::pin(self.settle(ready_for))
    }

    fn children_are_runtime(&self) -> bool {
        true
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.sandbox.shutdown()
    }
}
