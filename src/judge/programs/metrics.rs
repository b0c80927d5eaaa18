//! What is counted of program runs.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// The labels of a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RunLabels {
    kind: &'static str,
    end: &'static str,
}

/// Counters and histograms of program runs. Cheap to clone: clones count together.
#[derive(Debug, Clone)]
pub struct ProgramMetrics {
    runs: Family<RunLabels, Counter>,
    /// From the request to the claim, in seconds.
    pub waited: Histogram,
    /// From the claim to the result, in seconds.
    pub ran: Histogram,
}

impl ProgramMetrics {
    /// Registers everything.
    #[must_use]
    pub fn new(registry: &mut Registry) -> Self {
        let seconds = || Histogram::new([0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0]);
        let metrics = Self { runs: Family::default(), waited: seconds(), ran: seconds() };
        registry.register("program_runs", "Program runs and blocks by how they ended", metrics.runs.clone());
        registry.register_with_unit("program_wait", "From request to claim", Unit::Seconds, metrics.waited.clone());
        registry.register_with_unit("program_run", "From claim to result", Unit::Seconds, metrics.ran.clone());
        metrics
    }

    pub(super) fn count(&self, kind: &'static str, end: &'static str) {
        self.runs.get_or_create(&RunLabels { kind, end }).inc();
    }
}
