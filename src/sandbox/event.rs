//! What is told of a job while it runs.

use tokio::sync::mpsc;

use crate::domain::report::{CaseReport, Load};
use crate::domain::suite::TestReport;

/// Something that happened in a running job. Provisional: only the report counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It has a core and a container.
    Started,
    /// It was compiled and loaded, or refused.
    Loaded(Load),
    /// A visible case ended.
    CaseEnded {
        /// Its place among the job's cases, from 0.
        index: usize,
        /// What it did.
        report: CaseReport,
    },
    /// A test of a suite ended, one that was run as it was written.
    TestEnded {
        /// Which `test` of the source it comes from.
        slot: usize,
        /// What became of it.
        report: Box<TestReport>,
    },
    /// A hidden case ended, or any case after the first hidden one. How is nobody's business until the verdict.
    HiddenCaseEnded {
        /// Its place among the job's cases, from 0.
        index: usize,
    },
}

/// Where a job's events go. They are few, at most the cases and two more, so a slow reader holds nothing up.
#[derive(Debug, Clone, Default)]
pub struct EventSink(Option<mpsc::UnboundedSender<Event>>);

impl EventSink {
    /// A sink that nobody listens to.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// A sink and the end to read it from. The reader ends when the sink is dropped.
    #[must_use]
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(Some(sender)), receiver)
    }

    /// Tells an event. A reader that has gone is no reason to stop a job.
    pub(crate) fn tell(&self, event: Event) {
        if let Some(sender) = &self.0 {
            let _ = sender.send(event);
        }
    }
}
