//! A sandbox that answers by a script: for the tests of everything around it, where no container is at hand.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::fake_consoles::FakeConsoles;
use super::fake_programs::FakePrograms;
use super::{Consoles, Event, EventSink, Programs, Sandbox, SandboxError, Status};
use crate::domain::canary;
use crate::domain::job::{Job, JobStep};
use crate::domain::report::{
    CaseReport, Diagnostic, End, Load, Output, Raised, Report, StepOutcome, StepReport, Timings,
};

/// A step that the script is asked about.
#[derive(Debug, Clone, Copy)]
pub struct FakeStep<'a> {
    /// The whole job, with the sources.
    pub job: &'a Job,
    /// Place of the case, from 0.
    pub case: usize,
    /// Place of the step in its case, from 0.
    pub index: usize,
    /// The step.
    pub step: &'a JobStep,
}

/// What the script says about a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FakeAnswer {
    /// The step was answered.
    Step(StepReport),
    /// The job ended instead of an answer.
    End(End),
}

impl FakeAnswer {
    /// A value whose term is its text as an Erlang binary: equal texts are equal terms.
    #[must_use]
    pub fn value(text: &str) -> Self {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
        let term = [&[131, 109], length.as_slice(), text.as_bytes()].concat();
        Self::outcome(StepOutcome::Value { term, text: text.to_owned() })
    }

    /// An exception.
    #[must_use]
    pub fn raised(module: &str, message: &str) -> Self {
        Self::outcome(StepOutcome::Raised(Raised {
            kind: "error".to_owned(),
            module: Some(module.to_owned()),
            message: message.to_owned(),
            help: None,
            stack: Vec::new(),
        }))
    }

    /// An outcome without output.
    #[must_use]
    pub fn outcome(outcome: StepOutcome) -> Self {
        Self::Step(StepReport { outcome, output: Output::default(), typed_at: Vec::new(), us: 1 })
    }
}

type Script = Box<dyn Fn(FakeStep<'_>) -> FakeAnswer + Send + Sync>;
type Compiler = Box<dyn Fn(&Job) -> Load + Send + Sync>;

/// A sandbox that answers by a script.
pub struct FakeSandbox {
    script: Script,
    compiler: Compiler,
    faults: AtomicUsize,
    hangs: AtomicBool,
    is_sick: AtomicBool,
    delay: Mutex<Duration>,
    started: AtomicUsize,
    running: AtomicUsize,
    stopped: CancellationToken,
    programs: Option<Arc<FakePrograms>>,
}

impl FakeSandbox {
    /// Answers each step by `script`. Every source compiles.
    #[must_use]
    pub fn new(script: impl Fn(FakeStep<'_>) -> FakeAnswer + Send + Sync + 'static) -> Self {
        Self {
            script: Box::new(script),
            compiler: Box::new(|_| Load::Loaded { diagnostics: Vec::new(), output: Output::default() }),
            faults: AtomicUsize::new(0),
            hangs: AtomicBool::new(false),
            is_sick: AtomicBool::new(false),
            delay: Mutex::new(Duration::ZERO),
            started: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            stopped: CancellationToken::new(),
            programs: None,
        }
    }

    /// Answers a step by the value that stands beside its code; code that is not in the table is its own value.
    #[must_use]
    pub fn table<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let values: HashMap<String, String> =
            values.into_iter().map(|(code, value)| (code.to_owned(), value.to_owned())).collect();
        Self::new(move |ask| {
            let code = ask.step.code.trim();
            FakeAnswer::value(values.get(code).map_or(code, String::as_str))
        })
    }

    /// Decides by `compiler` whether sources compile.
    #[must_use]
    pub fn compiling(mut self, compiler: impl Fn(&Job) -> Load + Send + Sync + 'static) -> Self {
        self.compiler = Box::new(compiler);
        self
    }

    /// Has these run programs.
    #[must_use]
    pub fn with_programs(mut self, programs: Arc<FakePrograms>) -> Self {
        self.programs = Some(programs);
        self
    }

    /// Makes the next `times` jobs fail through our own fault.
    pub fn fail_next(&self, times: usize) {
        self.faults.store(times, Ordering::SeqCst);
    }

    /// Makes jobs that start from now on take this much longer.
    pub fn delay(&self, delay: Duration) {
        *self.delay.lock().unwrap_or_else(PoisonError::into_inner) = delay;
    }

    /// Makes jobs that start from now on never end by themselves.
    pub fn hang(&self, hangs: bool) {
        self.hangs.store(hangs, Ordering::SeqCst);
    }

    /// How many jobs were started so far, failed ones included.
    #[must_use]
    pub fn jobs_started(&self) -> usize {
        self.started.load(Ordering::SeqCst)
    }

    /// Makes code that is known to be right crash: what an outage does that does not show otherwise.
    pub fn sicken(&self, is_sick: bool) {
        self.is_sick.store(is_sick, Ordering::SeqCst);
    }

    /// The worker's own submission is none of the script's business.
    fn canary(&self, ask: FakeStep<'_>) -> FakeAnswer {
        if self.is_sick.load(Ordering::SeqCst) {
            return FakeAnswer::End(End::Exited { code: Some(1) });
        }
        let term = if ask.step.code == canary::RIGHT { canary::TERM_42 } else { canary::TERM_23 };
        FakeAnswer::outcome(StepOutcome::Value { term: term.to_vec(), text: term[2].to_string() })
    }

    /// How many jobs run now.
    #[must_use]
    pub fn jobs_running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    async fn answer(&self, job: Job, events: &EventSink) -> Result<Report, SandboxError> {
        if self.stopped.is_cancelled() {
            return Err(SandboxError::ShuttingDown);
        }
        if canary::is_canary(&job.sources) {
            return Ok(self.perform(&job, events));
        }
        self.started.fetch_add(1, Ordering::SeqCst);
        let _running = Running::new(&self.running);
        if self.faults.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(SandboxError::Lost("the script says so".to_owned()));
        }
        events.tell(Event::Started);
        if self.hangs.load(Ordering::SeqCst) {
            self.stopped.cancelled().await;
            return Err(SandboxError::ShuttingDown);
        }
        let delay = *self.delay.lock().unwrap_or_else(PoisonError::into_inner);
        tokio::select! {
            () = self.stopped.cancelled() => return Err(SandboxError::ShuttingDown),
            () = tokio::time::sleep(delay) => {}
        }
        Ok(self.perform(&job, events))
    }

    fn perform(&self, job: &Job, events: &EventSink) -> Report {
        let is_canary = canary::is_canary(&job.sources);
        let load = if is_canary {
            Load::Loaded { diagnostics: Vec::new(), output: Output::default() }
        } else {
            (self.compiler)(job)
        };
        let mut report = Report {
            end: match load {
                Load::Loaded { .. } => End::Finished,
                Load::Refused { .. } => End::Refused,
            },
            load: Some(load.clone()),
            cases: Vec::new(),
            suite: None,
            stray_output: Output::default(),
            contended: false,
            timings: Timings::default(),
        };
        events.tell(Event::Loaded(load));
        if report.end == End::Refused {
            return report;
        }
        let mut hidden = false;
        for (case, job_case) in job.cases.iter().enumerate() {
            hidden |= job_case.hidden;
            let mut seen = CaseReport::default();
            for (index, step) in job_case.steps.iter().enumerate() {
                let ask = FakeStep { job, case, index, step };
                match if is_canary { self.canary(ask) } else { (self.script)(ask) } {
                    FakeAnswer::Step(step) => seen.steps.push(step),
                    FakeAnswer::End(end) => {
                        report.cases.push(seen);
                        report.end = end;
                        return report;
                    }
                }
                if seen.steps.last().is_some_and(|step| step.outcome == StepOutcome::TimedOut) {
                    break;
                }
            }
            events.tell(if hidden {
                Event::HiddenCaseEnded { index: case }
            } else {
                Event::CaseEnded { index: case, report: seen.clone() }
            });
            report.cases.push(seen);
        }
        report
    }
}

/// A refusal with these diagnostics, for [`FakeSandbox::compiling`].
#[must_use]
pub fn refused(diagnostics: Vec<Diagnostic>) -> Load {
    Load::Refused { diagnostics, output: Output::default() }
}

impl Sandbox for FakeSandbox {
    fn run<'a>(&'a self, job: Job, events: &'a EventSink) -> BoxFuture<'a, Result<Report, SandboxError>> {
        self.answer(job, events).boxed()
    }

    fn image_digest(&self) -> &str {
        "fake"
    }

    fn status(&self) -> Status {
        Status { running: self.running.load(Ordering::SeqCst), healthy: true, ..Status::default() }
    }

    fn programs(&self) -> Option<Arc<dyn Programs>> {
        self.programs.clone().map(|programs| programs as Arc<dyn Programs>)
    }

    fn consoles(&self) -> Option<Arc<dyn Consoles>> {
        Some(Arc::new(FakeConsoles))
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        self.stopped.cancel();
        std::future::ready(()).boxed()
    }
}

/// Counts a job for as long as its future lives.
struct Running<'a>(&'a AtomicUsize);

impl<'a> Running<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
