//! Where an exercise's own code is run, unless what it does is remembered.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::OnceCell;

use super::memory::{Key, Memory};
use crate::cli::grade::patiently;
use crate::config::Config;
use crate::content;
use crate::domain::exercise::{Exercise, TestSet};
use crate::domain::job::{Job, Kind};
use crate::domain::limits::Limits;
use crate::domain::report::{CaseReport, End, StepOutcome};
use crate::domain::verdict::{ExpectedSet, Verdict, VerdictKind};
use crate::judge::expected::{self, Evaluation};
use crate::judge::grade::{self, Task};
use crate::sandbox::containers::Prepared;
use crate::sandbox::{EventSink, Sandbox, SandboxError};
use crate::startup;

/// Changes when what is remembered takes another form.
const FORM: &[u8] = b"2";

/// Longest time of a mutant's step: what a change makes run for ever is caught by it, and honest steps take milliseconds.
const MUTANT_MS: u64 = 1_000;

/// A sandbox that comes up when it is first needed, and a memory of what was run in it.
pub(in crate::cli) struct Lab {
    prepared: Prepared,
    sandbox: OnceCell<Arc<dyn Sandbox>>,
    memory: Memory,
    limits: Limits,
    /// What a verdict depends on beside the exercise and the source.
    here: Key,
    bar: ProgressBar,
}

impl Lab {
    /// Looks for what a sandbox needs. `runtime` goes before the settings; without `remember` everything
    /// is run once.
    ///
    /// # Errors
    /// The engine, its runtime or the image is not there.
    pub async fn new(config: &Config, runtime: Option<&str>, remember: bool) -> Result<Self, SandboxError> {
        let prepared = startup::prepare(config, runtime).await?;
        let flavour = prepared.flavour().map_or("", |flavour| flavour.name());
        let here = Key::of(&[FORM, build().as_bytes(), prepared.image_digest().as_bytes(), flavour.as_bytes()]);
        let memory = if remember { Memory::open(folder(config)) } else { Memory::default() };
        let bar = ProgressBar::no_length();
        Ok(Self { prepared, sandbox: OnceCell::new(), memory, limits: config.limits, here, bar })
    }

    /// Shows, where somebody looks, how many of so many runs are done.
    pub fn begin(&self, what: &'static str, runs: usize) {
        // The template is ours, so it can be read; without it the usual bar does.
        if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:30} {pos} of {len}") {
            self.bar.set_style(style);
        }
        self.bar.set_prefix(what);
        self.bar.set_length(runs as u64);
        self.bar.reset();
    }

    /// Begins a check that is to know nothing of earlier ones, where they are not to be remembered.
    pub fn begin_anew(&self) {
        self.memory.forget();
    }

    /// Takes the bar away again.
    pub fn done(&self) {
        self.bar.finish_and_clear();
    }

    /// Ends the sandbox, if it came up.
    pub async fn close(&self) {
        if let Some(sandbox) = self.sandbox.get() {
            sandbox.shutdown().await;
        }
    }

    /// The sandbox.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn sandbox(&self) -> Result<&dyn Sandbox, SandboxError> {
        let start = || async { Ok(Arc::new(self.prepared.start().await?) as Arc<dyn Sandbox>) };
        Ok(&**self.sandbox.get_or_try_init(start).await?)
    }

    /// What each of these expressions returns, in Erlang's external term format, where it returns anything.
    ///
    /// # Errors
    /// The sandbox failed for good.
    pub async fn values_of(&self, expressions: Vec<String>) -> Result<Vec<Option<Vec<u8>>>, SandboxError> {
        let parts: Vec<&[u8]> =
            [self.here.bytes(), b"values"].into_iter().chain(expressions.iter().map(|it| it.as_bytes())).collect();
        let key = Key::of(&parts);
        if let Some(found) = self.memory.get(key) {
            return Ok(found);
        }
        let job = Job::evaluating(expressions.into_iter().map(|expression| vec![expression]), self.limits);
        let sandbox = self.sandbox().await?;
        let none = EventSink::none();
        let report = patiently(|| sandbox.run(job.clone(), &none)).await?;
        let value = |case: &CaseReport| match &case.steps.first()?.outcome {
            StepOutcome::Value { term, .. } => Some(term.clone()),
            _ => None,
        };
        let values: Vec<Option<Vec<u8>>> = report.cases.iter().map(value).collect();
        if report.end == End::Finished {
            self.memory.put(key, &values);
        }
        Ok(values)
    }

    /// For the runs of this exercise.
    ///
    /// # Errors
    /// The image that it asks for is not there.
    pub async fn bench<'a>(&'a self, exercise: &'a Exercise) -> Result<Bench<'a>, SandboxError> {
        let image = self.prepared.digest_of(exercise.tests.image.as_ref()).await?;
        // Its wrong answers are run like any other text, and change nothing for one another.
        let alone = TestSet { wrong: Vec::new(), ..exercise.tests.clone() };
        let key = Key::of(&[self.here.bytes(), &content::version_hash(&alone), image.as_bytes()]);
        Ok(Bench { lab: self, exercise, key })
    }
}

/// Where the code of one exercise is run.
pub(in crate::cli) struct Bench<'a> {
    lab: &'a Lab,
    exercise: &'a Exercise,
    key: Key,
}

impl Bench<'_> {
    /// What its expected values are and how its reference does. Each `container` is another one.
    ///
    /// # Errors
    /// The sandbox failed for good.
    pub async fn evaluate(&self, container: u8) -> Result<Evaluation, SandboxError> {
        let limits = self.lab.limits;
        let key = self.key("evaluate", &[container], limits);
        let run = async || {
            let sandbox = self.lab.sandbox().await?;
            patiently(|| expected::evaluate(sandbox, &self.exercise.tests, limits)).await
        };
        // What goes wrong may go right the next time, and is the author's to look at until then.
        self.remembered(key, run, |found| found.problems.is_empty() && found.reference.kind == VerdictKind::Passed)
            .await
    }

    /// What a text gets.
    ///
    /// # Errors
    /// The sandbox failed for good.
    pub async fn judge(&self, expected: &ExpectedSet, source: &str) -> Result<Verdict, SandboxError> {
        let key = self.key("judge", source.as_bytes(), self.lab.limits);
        let run = async || {
            // Half the price, and what fails when it is tried fails when it is handed in: authors meddle with no tests.
            if self.exercise.tests.exunit.is_some() {
                let tried = self.run(expected, source, self.lab.limits, Kind::Run).await?;
                if tried.kind != VerdictKind::Passed {
                    return Ok(tried);
                }
            }
            self.run(expected, source, self.lab.limits, Kind::Submit).await
        };
        // A time-out may be the machine's.
        let lasting = |verdict: &Verdict| !matches!(verdict.kind, VerdictKind::NotGraded | VerdictKind::Timeout);
        self.remembered(key, run, lasting).await
    }

    /// What a changed reference gets, whose steps may not take long.
    ///
    /// # Errors
    /// The sandbox failed for good.
    pub async fn judge_mutant(&self, expected: &ExpectedSet, source: &str) -> Result<Verdict, SandboxError> {
        let limits = Limits { case_ms: self.lab.limits.case_ms.min(MUTANT_MS), ..self.lab.limits };
        let kind = if self.exercise.tests.exunit.is_some() { Kind::Run } else { Kind::Submit };
        let key = self.key("judge a mutant", source.as_bytes(), limits);
        let run = || self.run(expected, source, limits, kind);
        self.remembered(key, run, |verdict: &Verdict| verdict.kind != VerdictKind::NotGraded).await
    }

    async fn run(
        &self,
        expected: &ExpectedSet,
        source: &str,
        limits: Limits,
        kind: Kind,
    ) -> Result<Verdict, SandboxError> {
        let sandbox = self.lab.sandbox().await?;
        let tests = &self.exercise.tests;
        let sources = Job::single_source(tests.language, source);
        let task = Task { tests, expected, kind, limits };
        let none = EventSink::none();
        Ok(patiently(|| grade::grade(sandbox, task, sources.clone(), &none)).await?.verdict)
    }

    async fn remembered<T: serde::Serialize + serde::de::DeserializeOwned>(
        &self,
        key: Key,
        run: impl AsyncFnOnce() -> Result<T, SandboxError>,
        lasting: impl FnOnce(&T) -> bool,
    ) -> Result<T, SandboxError> {
        let found = match self.lab.memory.get(key) {
            Some(found) => found,
            None => {
                let found = run().await?;
                if lasting(&found) {
                    self.lab.memory.put(key, &found);
                }
                found
            }
        };
        self.lab.bar.inc(1);
        Ok(found)
    }

    /// One run more than was announced.
    pub fn runs_once_more(&self) {
        self.lab.bar.inc_length(1);
    }

    fn key(&self, what: &str, source: &[u8], limits: Limits) -> Key {
        let limits = serde_json::to_vec(&limits).unwrap_or_default();
        Key::of(&[self.key.bytes(), what.as_bytes(), source, &limits])
    }
}

/// Which build this is: another one may judge otherwise.
fn build() -> String {
    let own = std::env::current_exe().and_then(|path| path.metadata());
    let stamp = own.ok().map(|own| {
        let made = own.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        (own.len(), made.as_nanos())
    });
    format!("{} {stamp:?}", env!("CARGO_PKG_VERSION"))
}

/// Where the memory is: as set, else where a person's caches are.
fn folder(config: &Config) -> PathBuf {
    if let Some(cache) = &config.cache {
        return cache.join("check");
    }
    let home = std::env::var_os("HOME").map_or_else(std::env::temp_dir, PathBuf::from);
    let caches = std::env::var_os("XDG_CACHE_HOME").map_or_else(|| home.join(".cache"), PathBuf::from);
    caches.join("athanor/check")
}
