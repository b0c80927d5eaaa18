//! What the judge counts.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::domain::verdict::VerdictKind;

/// The label of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct VerdictLabel {
    verdict: &'static str,
}

/// Counters and histograms of grading. Cheap to clone: clones count together.
#[derive(Debug, Clone)]
pub struct Metrics {
    verdicts: Family<VerdictLabel, Counter>,
    /// Gradings handed back because the sandbox failed us.
    pub faults: Counter,
    /// Verdicts that were not written because another worker held the grading by then.
    pub leases_lost: Counter,
    /// Gradings that were called off while they ran.
    pub cancelled: Counter,
    /// Gradings taken from workers that vanished.
    pub reaped: Counter,
    /// From acceptance to claim, in seconds.
    pub waited: Histogram,
    /// From claim to commit, in seconds.
    pub graded: Histogram,
}

impl Metrics {
    /// Registers everything.
    #[must_use]
    pub fn new(registry: &mut Registry) -> Self {
        // From a millisecond to ten seconds: a verdict takes tens of milliseconds, a time-out seconds.
        let seconds =
            || Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.5, 5.0, 10.0]);
        let metrics = Self {
            verdicts: Family::default(),
            faults: Counter::default(),
            leases_lost: Counter::default(),
            cancelled: Counter::default(),
            reaped: Counter::default(),
            waited: seconds(),
            graded: seconds(),
        };
        registry.register("verdicts", "Verdicts by kind", metrics.verdicts.clone());
        registry.register("grading_faults", "Gradings handed back because the sandbox failed", metrics.faults.clone());
        registry.register(
            "leases_lost",
            "Verdicts not written because the lease was lost",
            metrics.leases_lost.clone(),
        );
        registry.register("gradings_cancelled", "Gradings called off while they ran", metrics.cancelled.clone());
        registry.register("gradings_reaped", "Gradings taken from workers that vanished", metrics.reaped.clone());
        registry.register_with_unit("queue_wait", "From acceptance to claim", Unit::Seconds, metrics.waited.clone());
        registry.register_with_unit("grading", "From claim to commit", Unit::Seconds, metrics.graded.clone());
        metrics
    }

    pub(super) fn count(&self, verdict: VerdictKind) {
        self.verdicts.get_or_create(&VerdictLabel { verdict: verdict.as_str() }).inc();
    }
}
