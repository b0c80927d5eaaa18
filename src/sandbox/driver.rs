//! Turns what a container says, and when, into a report. It does no input or output itself.
//!
//! The owner of a channel makes a [`Driver`], sends what it is given to send, and tells it what it received, that a
//! deadline passed, or that the container ended. Sooner or later the driver [is done](Driver::is_done).

use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::event::{Event, EventSink};
use super::protocol::{self, Decoder, FrameError, Incoming, Outgoing, WireStep};
use super::stray::Stray;
use crate::domain::job::Job;
use crate::domain::report::{CaseReport, End, Load, Report, StepOutcome, StepReport, Timings};
use crate::domain::suite::{MOST_TESTS, SuiteReport, TestReport};

/// How much longer the host waits than it asked the harness to, so that the harness answers first and keeps the output.
pub const GRACE: Duration = Duration::from_millis(300);

/// The state of one job.
#[derive(Debug)]
pub struct Driver {
    job: Job,
    decoder: Decoder,
    nonces: Nonces,
    waiting: Waiting,
    step_deadline: Instant,
    job_deadline: Instant,
    started: Instant,
    load: Option<Load>,
    cases: Vec<CaseReport>,
    suite: Option<SuiteReport>,
    end: Option<End>,
    stray: Stray,
    timings: Timings,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Load,
    Suite,
    Step { case: usize, n: usize },
}

impl Driver {
    /// A driver for this job, and the first frame to send. Its deadlines count from `now`. The secret is to be new and
    /// random for each job: from it come the nonces that keep code from answering before it is asked.
    #[must_use]
    pub fn new(job: Job, now: Instant, secret: [u8; 32]) -> (Self, Vec<u8>) {
        let nonces = Nonces::new(secret);
        let first = protocol::encode(&Outgoing::Load {
            v: protocol::VERSION,
            nonce: &nonces.current,
            support: &job.support,
            source: &job.sources,
            lang: job.language,
            beams: job.suite.is_some(),
            limits: (&job.limits).into(),
        });
        let driver = Self {
            decoder: Decoder::new(job.limits.frame_bytes, protocol::JOB_BYTES),
            nonces,
            waiting: Waiting::Load,
            step_deadline: now + job.limits.compile() + GRACE,
            job_deadline: now + job.limits.job(),
            started: now,
            load: None,
            cases: Vec::new(),
            suite: None,
            end: None,
            stray: Stray::new(job.limits.job_output_bytes),
            timings: Timings::default(),
            job,
        };
        (driver, first)
    }

    /// Whether the report is complete.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.end.is_some()
    }

    /// When to call [`Self::passed_deadline`], unless something is received before.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.step_deadline.min(self.job_deadline)
    }

    /// Takes bytes of the channel; answers the next frame to send.
    pub fn received(&mut self, chunk: &[u8], now: Instant, events: &EventSink) -> Option<Vec<u8>> {
        if self.is_done() {
            return None;
        }
        if let Err(error) = self.decoder.push(chunk) {
            self.bad_frame(&error);
            return None;
        }
        let mut send = None;
        loop {
            let frame = match self.decoder.next_frame() {
                Ok(None) => return send,
                Ok(Some(content)) => Incoming::parse(content),
                Err(error) => Err(error),
            };
            if send.is_some() {
                // An answer to what was not asked yet: nobody honest knows it.
                self.ended(End::BadFrame { reason: "a frame before its turn".to_owned() });
                return None;
            }
            match frame {
                Ok(frame) => send = self.frame(frame, now, events),
                Err(error) => self.bad_frame(&error),
            }
            if self.is_done() {
                return None;
            }
        }
    }

    /// Takes what was printed past the VM.
    pub fn received_stray(&mut self, bytes: &[u8]) {
        if self.stray.keep(bytes).is_err() && !self.is_done() {
            self.ended(End::OutputExceeded);
        }
    }

    /// A deadline passed.
    pub fn passed_deadline(&mut self) {
        self.ended(End::Deadline);
    }

    /// The container ended. A driver that is done stays as it was.
    pub fn ended(&mut self, end: End) {
        if self.is_done() {
            return;
        }
        // A case that was asked about is in the report even when nothing came of it: that is where it ended.
        if let Waiting::Step { case, .. } = self.waiting {
            self.reach(case);
        }
        self.end = Some(end);
    }

    /// The report. `None` before the driver is done.
    #[must_use]
    pub fn into_report(self) -> Option<Report> {
        Some(Report {
            load: self.load,
            cases: self.cases,
            suite: self.suite,
            end: self.end?,
            stray_output: self.stray.into_output(),
            contended: false,
            timings: self.timings,
        })
    }

    fn bad_frame(&mut self, error: &FrameError) {
        self.ended(match error {
            FrameError::TooMany { .. } => End::OutputExceeded,
            other => End::BadFrame { reason: other.to_string() },
        });
    }

    fn unexpected(&mut self, what: &str) -> Option<Vec<u8>> {
        self.ended(End::BadFrame { reason: format!("{what} while {:?}", self.waiting) });
        None
    }

    fn frame(&mut self, frame: Incoming, now: Instant, events: &EventSink) -> Option<Vec<u8>> {
        match (frame, self.waiting) {
            (Incoming::Loaded { nonce, diagnostics, output }, Waiting::Load) if nonce == self.nonces.current => {
                let diagnostics = diagnostics.into_iter().map(Into::into).collect();
                self.loaded(Load::Loaded { diagnostics, output: output.into() }, now, events);
                if self.job.suite.is_some() { self.ask_for_suite() } else { self.ask(0, 0, now) }
            }
            // Tests that do not compile are told like a program that does not: mostly they miss what it lacks.
            (Incoming::Refused { nonce, diagnostics, output }, Waiting::Load | Waiting::Suite)
                if nonce == self.nonces.current =>
            {
                let diagnostics = diagnostics.into_iter().map(Into::into).collect();
                self.loaded(Load::Refused { diagnostics, output: output.into() }, now, events);
                self.end = Some(End::Refused);
                None
            }
            (Incoming::Test { nonce, test, output }, Waiting::Suite) if nonce == self.nonces.current => {
                self.tested(TestReport { output: output.into(), ..*test }, now, events)
            }
            (Incoming::SuiteDone { nonce }, Waiting::Suite) if nonce == self.nonces.current => {
                self.timings.cases_us = micros(now - self.started).saturating_sub(self.timings.load_us);
                self.end = Some(End::Finished);
                None
            }
            (Incoming::SuiteDied { nonce, message }, Waiting::Suite) if nonce == self.nonces.current => {
                self.suite.get_or_insert_default().died = Some(message);
                self.end = Some(End::Finished);
                None
            }
            (Incoming::OutputExceeded {}, _) => {
                self.ended(End::OutputExceeded);
                None
            }
            (Incoming::Value { step, term, text }, Waiting::Step { .. }) => match protocol::term(&term) {
                Ok(term) if term.len() > self.job.limits.term_bytes => self.unexpected("a term over its limit"),
                Ok(term) => self.answered(step, StepOutcome::Value { term, text: text.into_text() }, now, events),
                Err(error) => {
                    self.bad_frame(&error);
                    None
                }
            },
            (Incoming::TooLarge { step, bytes }, Waiting::Step { .. }) => {
                self.answered(step, StepOutcome::TooLarge { bytes }, now, events)
            }
            (Incoming::Raised { step, raised }, Waiting::Step { .. }) => {
                self.answered(step, StepOutcome::Raised(raised), now, events)
            }
            (Incoming::Timeout { step }, Waiting::Step { .. }) => {
                self.answered(step, StepOutcome::TimedOut, now, events)
            }
            _ => self.unexpected("an unexpected frame"),
        }
    }

    fn loaded(&mut self, load: Load, now: Instant, events: &EventSink) {
        self.timings.load_us = micros(now - self.started);
        events.tell(Event::Loaded(load.clone()));
        self.load = Some(load);
    }

    fn ask_for_suite(&mut self) -> Option<Vec<u8>> {
        let suite = self.job.suite.as_ref()?;
        self.waiting = Waiting::Suite;
        self.suite = Some(SuiteReport::default());
        // A suite has as long as the job; its tests are stopped one by one within the VM.
        self.step_deadline = self.job_deadline;
        self.nonces.advance();
        Some(protocol::encode(&Outgoing::Suite {
            nonce: &self.nonces.current,
            files: &suite.files,
            slots: &suite.slots,
            decoys: &suite.decoys,
            seed: suite.seed,
            timeout_ms: suite.timeout_ms,
            code: suite.code,
            ends: suite.ends,
        }))
    }

    fn tested(&mut self, test: TestReport, now: Instant, events: &EventSink) -> Option<Vec<u8>> {
        self.timings.cases_us = micros(now - self.started).saturating_sub(self.timings.load_us);
        let slot = self.job.suite.as_ref().and_then(|suite| suite.slot(test.token_and_own()?.0).map(|at| (at, suite)));
        if let Some((slot, suite)) = slot
            && !suite.slots[slot].negated
        {
            events.tell(Event::TestEnded { slot, report: Box::new(test.clone()) });
        }
        let suite = self.suite.get_or_insert_default();
        if suite.tests.len() >= 2 * MOST_TESTS {
            return self.unexpected("more tests than there may be");
        }
        suite.tests.push(test);
        None
    }

    fn answered(&mut self, wire: WireStep, outcome: StepOutcome, now: Instant, events: &EventSink) -> Option<Vec<u8>> {
        let (case, n) = (wire.case, wire.n);
        if self.waiting != (Waiting::Step { case, n }) || wire.nonce != self.nonces.current {
            return self.unexpected("the answer to another step");
        }
        self.timings.cases_us = micros(now - self.started).saturating_sub(self.timings.load_us);
        let last = outcome == StepOutcome::TimedOut || n + 1 >= self.job.cases[case].steps.len();
        let typed = self.job.cases[case].steps[n].input.as_deref().map_or(0, |input| input.lines().count());
        // That more was read than was typed is made up, and not worth keeping.
        let typed_at = wire.output.typed_at.iter().copied().take(typed).collect();
        let report = StepReport { outcome, output: wire.output.into(), typed_at, us: wire.us };
        self.reach(case).steps.push(report);
        if last {
            self.tell_case(case, events);
            self.ask(case + 1, 0, now)
        } else {
            self.ask(case, n + 1, now)
        }
    }

    /// The report of this case. Cases are reached in order, so at most one is added.
    fn reach(&mut self, case: usize) -> &mut CaseReport {
        if self.cases.len() <= case {
            self.cases.resize_with(case + 1, CaseReport::default);
        }
        &mut self.cases[case]
    }

    fn tell_case(&self, index: usize, events: &EventSink) {
        // From the first hidden case on the code may print what it has seen of one.
        let hidden = self.job.cases[..=index].iter().any(|case| case.hidden);
        events.tell(if hidden {
            Event::HiddenCaseEnded { index }
        } else {
            Event::CaseEnded { index, report: self.cases[index].clone() }
        });
    }

    /// Asks for this step or the first one after it; ends the job when there is none.
    fn ask(&mut self, case: usize, n: usize, now: Instant) -> Option<Vec<u8>> {
        let (mut case, mut n) = (case, n);
        while self.job.cases.get(case).is_some_and(|it| n >= it.steps.len()) {
            self.reach(case);
            (case, n) = (case + 1, 0);
        }
        let Some(wanted) = self.job.cases.get(case) else {
            self.end = Some(End::Finished);
            return None;
        };
        let step = &wanted.steps[n];
        self.waiting = Waiting::Step { case, n };
        self.step_deadline = now + Duration::from_millis(wanted.timeout_ms) + GRACE;
        self.nonces.advance();
        Some(protocol::encode(&Outgoing::Step {
            nonce: &self.nonces.current,
            case,
            n,
            code: &step.code,
            input: step.input.as_deref(),
            timeout_ms: wanted.timeout_ms,
        }))
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Numbers that nobody can tell before they are sent.
#[derive(Debug)]
struct Nonces {
    secret: [u8; 32],
    count: u64,
    current: String,
}

impl Nonces {
    fn new(secret: [u8; 32]) -> Self {
        let mut nonces = Self { secret, count: 0, current: String::new() };
        nonces.advance();
        nonces
    }

    fn advance(&mut self) {
        let hash = Sha256::new().chain_update(self.secret).chain_update(self.count.to_be_bytes()).finalize();
        self.count += 1;
        self.current = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    }
}
