//! Runs exercises: checks those that somebody looks at, and what the author sends from a page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use crate::cli::check::lab::Lab as CheckLab;
use crate::cli::check::one;
use crate::cli::grade::{patiently, with_signatures};
use crate::config::Config;
use crate::content::{self, Loaded, Problem};
use crate::domain::block::{Block, BlockResult, was_not_loaded};
use crate::domain::exercise::{Case, Exercise, WrongAnswer};
use crate::domain::ids::ExerciseId;
use crate::domain::job::{Job, Kind};
use crate::domain::limits::Limits;
use crate::domain::verdict::{ExpectedSet, Verdict};
use crate::judge::grade::{self, Task};
use crate::sandbox::{EventSink, SandboxError};

/// Whether exercises can be run.
#[derive(Clone)]
pub(super) enum Engine {
    /// Not yet.
    Starting,
    /// Yes.
    Ready(Arc<CheckLab>),
    /// No, and why.
    Missing(String),
}

/// What is known of an exercise that is as it is now.
#[derive(Debug, Clone)]
pub(super) enum Finding {
    /// It is being run, or waits for that.
    Running,
    /// What was found; lines as they were then, counted from [`first_line`] of their file.
    Found(Vec<Problem>),
    /// It could not be run.
    Failed(String),
}

/// Everything of an exercise that its check depends on. Where it is in the file does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    tests: [u8; 32],
    starter: String,
    starter_passes: bool,
}

impl Key {
    fn of(exercise: &Exercise) -> Self {
        let (starter, starter_passes) = (exercise.starter.clone(), exercise.starter_passes);
        Self { tests: content::version_hash(&exercise.tests), starter, starter_passes }
    }
}

/// An exercise that is to be checked, and what it was like then.
#[derive(Debug)]
pub(super) struct Wish {
    id: ExerciseId,
    key: Key,
}

/// The place where exercises are run.
pub(super) struct Lab {
    desk: Arc<Desk>,
    limits: Limits,
    engine: watch::Sender<Engine>,
    wishes: mpsc::UnboundedSender<Wish>,
    findings: Mutex<HashMap<Key, Finding>>,
    expected: Mutex<HashMap<[u8; 32], Arc<ExpectedSet>>>,
}

impl Lab {
    /// The lab, and what it is asked to check.
    pub fn new(desk: Arc<Desk>, config: &Config) -> (Arc<Self>, mpsc::UnboundedReceiver<Wish>) {
        let (wishes, wished) = mpsc::unbounded_channel();
        let engine = watch::Sender::new(Engine::Starting);
        let (findings, expected) = Default::default();
        (Arc::new(Self { desk, limits: config.limits, engine, wishes, findings, expected }), wished)
    }

    /// What a text may take.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether exercises can be run.
    pub fn engine(&self) -> Engine {
        self.engine.borrow().clone()
    }

    /// What is known of an exercise. One that is not known, or has changed since, will be checked.
    pub fn finding(&self, exercise: &Exercise) -> Finding {
        let key = Key::of(exercise);
        let wish = Wish { id: exercise.id.clone(), key: key.clone() };
        let wished = || {
            // Nobody receives once everything ends.
            let _ = self.wishes.send(wish);
            Finding::Running
        };
        lock(&self.findings).entry(key).or_insert_with(wished).clone()
    }

    /// Brings up the sandbox, checks what is wished until `stop`, and takes the sandbox down again.
    pub async fn work(
        self: Arc<Self>,
        config: Config,
        mut wishes: mpsc::UnboundedReceiver<Wish>,
        stop: CancellationToken,
    ) -> Option<()> {
        // What `athanor check` remembers is known here at once, and the other way round.
        let engine = match stop.run_until_cancelled(CheckLab::new(&config, None, true)).await? {
            Ok(checks) => Engine::Ready(Arc::new(checks)),
            Err(fault) => Engine::Missing(fault.to_string()),
        };
        self.engine.send_replace(engine.clone());
        self.desk.tell();
        let Engine::Ready(checks) = engine else { return None };
        while let Some(Some(wish)) = stop.run_until_cancelled(wishes.recv()).await {
            stop.run_until_cancelled(self.check(&checks, wish)).await;
        }
        checks.close().await;
        None
    }

    /// Checks an exercise, if it still is what it was when that was wished.
    async fn check(&self, checks: &CheckLab, wish: Wish) {
        let shown = self.desk.shown();
        let found = shown.loaded.course.exercise(&wish.id).map(|(_, placed)| &placed.exercise);
        let Some(exercise) = found.filter(|exercise| Key::of(exercise) == wish.key) else {
            // Whoever looks at it once more, after an undo, wishes it once more.
            lock(&self.findings).remove(&wish.key);
            return;
        };
        let finding = match check(checks, &shown.loaded, exercise).await {
            Ok(problems) => Finding::Found(problems),
            Err(fault) => Finding::Failed(fault.to_string()),
        };
        lock(&self.findings).insert(wish.key, finding);
        self.desk.tell();
    }

    /// Forgets which images were missing: they may have been built by now.
    pub fn look_for_images_again(&self) {
        let misses = |finding: &Finding| matches!(finding, Finding::Found(problems) if problems.iter().any(|it| it.code == "no-image"));
        lock(&self.findings).retain(|_, finding| !misses(finding));
    }

    /// What a text gets at an exercise, hidden cases included.
    ///
    /// # Errors
    /// The sandbox failed for good.
    pub async fn run(&self, checks: &CheckLab, exercise: &Exercise, source: &str) -> Result<Verdict, SandboxError> {
        let expected = self.expected(checks, exercise).await?;
        let (sandbox, tests, none) = (checks.sandbox().await?, &exercise.tests, EventSink::none());
        let sources = Job::single_source(tests.language, source);
        let task = Task { tests, expected: &expected, kind: Kind::Submit, limits: self.limits };
        Ok(patiently(|| grade::grade(sandbox, task, sources.clone(), &none)).await?.verdict)
    }

    /// What comes of an example.
    ///
    /// # Errors
    /// The sandbox failed for good.
    pub async fn run_block(&self, checks: &CheckLab, block: &Block) -> Result<BlockResult, SandboxError> {
        let (sandbox, none) = (checks.sandbox().await?, EventSink::none());
        let run = || async {
            let report = sandbox.run(block.job(self.limits), &none).await?;
            if was_not_loaded(&report) {
                return Err(SandboxError::Lost("it did not take the example".to_owned()));
            }
            Ok(report)
        };
        Ok(block.result(patiently(run).await?))
    }

    async fn expected(&self, checks: &CheckLab, exercise: &Exercise) -> Result<Arc<ExpectedSet>, SandboxError> {
        let sandbox = checks.sandbox().await?;
        let tests = &exercise.tests;
        let key = content::version_hash(tests);
        if let Some(known) = lock(&self.expected).get(&key) {
            return Ok(Arc::clone(known));
        }
        let expected = Arc::new(with_signatures(sandbox, tests, self.limits).await?.expected);
        lock(&self.expected).insert(key, Arc::clone(&expected));
        Ok(expected)
    }
}

/// The first line that an exercise has in a file, by the name that problems give it; of its lesson that of its comment.
pub(super) fn first_line(loaded: &Loaded, exercise: &Exercise, file: &str) -> u32 {
    if file == loaded.name_of(&exercise.file) {
        return exercise.line;
    }
    let tests = &exercise.tests;
    let places = tests.cases.iter().map(Case::at).chain(tests.wrong.iter().map(WrongAnswer::at));
    places.filter(|at| at.file == Some(file)).map(|at| at.line).min().unwrap_or_default()
}

/// Runs an exercise's own code; the lines of what is found are counted from [`first_line`].
async fn check(checks: &CheckLab, loaded: &Loaded, exercise: &Exercise) -> Result<Vec<Problem>, SandboxError> {
    let mut problems = one::check(checks, loaded, exercise).await?.problems;
    for problem in &mut problems {
        problem.line = problem.line.saturating_sub(first_line(loaded, exercise, &problem.file));
    }
    Ok(problems)
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
