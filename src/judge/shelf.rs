//! Test sets with their expected values, kept in memory: both are immutable.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::{debug, warn};

use crate::db::{self, Pool};
use crate::domain::exercise::TestSet;
use crate::domain::ids::VersionId;
use crate::domain::limits::Limits;
use crate::domain::verdict::ExpectedSet;
use crate::sandbox::{Sandbox, SandboxError};

use super::expected;

/// A test set that can judge.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) tests: TestSet,
    /// `Err` says why nothing can be judged: the author's error.
    pub(super) expected: Result<ExpectedSet, String>,
}

/// Versions kept; the oldest use of a course of this many exercises is far in the past.
const CAPACITY: usize = 2_000;

#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Database(#[from] db::Error),
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

pub(super) struct Shelf {
    pool: Pool,
    sandbox: Arc<dyn Sandbox>,
    limits: Limits,
    kept: Mutex<HashMap<VersionId, Arc<Ready>>>,
    /// One evaluation at a time: a burst on a new exercise must not evaluate it once for each submission.
    evaluating: tokio::sync::Mutex<()>,
}

impl Shelf {
    pub(super) fn new(pool: Pool, sandbox: Arc<dyn Sandbox>, limits: Limits) -> Self {
        Self { pool, sandbox, limits, kept: Mutex::default(), evaluating: tokio::sync::Mutex::new(()) }
    }

    fn look(&self, version: VersionId) -> Option<Arc<Ready>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&version).cloned()
    }

    fn put(&self, version: VersionId, ready: Ready) -> Arc<Ready> {
        let ready = Arc::new(ready);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= CAPACITY {
            kept.clear();
        }
        kept.insert(version, ready.clone());
        ready
    }

    /// A version's test set and expected values: from memory, else from the database, else evaluated now.
    pub(super) async fn get(&self, version: VersionId) -> Result<Arc<Ready>, Error> {
        if let Some(ready) = self.look(version) {
            return Ok(ready);
        }
        let tests = db::course::tests(&self.pool, version).await?;
        let digest = self.sandbox.digest_of(tests.image.as_ref()).await?;
        if let Some(ready) = self.stored(version, &tests, &digest).await? {
            return Ok(ready);
        }
        let _one_at_a_time = self.evaluating.lock().await;
        if let Some(ready) = self.look(version) {
            return Ok(ready);
        }
        if let Some(ready) = self.stored(version, &tests, &digest).await? {
            return Ok(ready);
        }
        match self.evaluate(version, &tests).await? {
            Ok(expected) => {
                db::expected::keep(&self.pool, version, &digest, &expected).await?;
                Ok(self.put(version, Ready { tests, expected: Ok(expected) }))
            }
            // Not kept: what looks like the author's error may have been a machine's bad day.
            Err(problem) => Ok(Arc::new(Ready { tests, expected: Err(problem) })),
        }
    }

    async fn stored(&self, version: VersionId, tests: &TestSet, digest: &str) -> Result<Option<Arc<Ready>>, Error> {
        let expected = db::expected::find(&self.pool, version, digest, tests).await?;
        Ok(expected.map(|expected| self.put(version, Ready { tests: tests.clone(), expected: Ok(expected) })))
    }

    /// The inner `Err` says why the values cannot be evaluated.
    async fn evaluate(&self, version: VersionId, tests: &TestSet) -> Result<Result<ExpectedSet, String>, Error> {
        let evaluation = expected::evaluate(&*self.sandbox, tests, self.limits).await?;
        if let Some(problem) = evaluation.problems.first() {
            let case = tests.cases.get(problem.case).map_or("?", |case| case.name.as_str());
            warn!(%version, case, problem = %problem.message, "expected values cannot be evaluated");
            return Ok(Err(format!("case '{case}': {}", problem.message)));
        }
        let mut set = evaluation.expected;
        set.wrong = expected::signatures(&*self.sandbox, tests, &set.suite, self.limits).await?;
        debug!(%version, "expected values evaluated");
        Ok(Ok(set))
    }
}
