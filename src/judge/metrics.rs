//! What the judge counts.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::domain::report::Timings;
use crate::domain::verdict::VerdictKind;

/// The label of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct VerdictLabel {
    verdict: &'static str,
}

/// The label of a fault of ours.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabel {
    cause: &'static str,
}

/// The label of a canary.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CanaryLabel {
    result: &'static str,
}

/// Counters and histograms of grading. Cheap to clone: clones count together.
#[derive(Debug, Clone)]
pub struct Metrics {
    verdicts: Family<VerdictLabel, Counter>,
    faults: Family<CauseLabel, Counter>,
    not_graded: Family<CauseLabel, Counter>,
    /// Verdicts that were not written because another worker held the grading by then.
    pub leases_lost: Counter,
    /// Gradings that were called off while they ran.
    pub cancelled: Counter,
    /// Gradings taken from workers that vanished.
    pub reaped: Counter,
    /// 1 while the canary is well and gradings are taken, else 0.
    pub canary_well: Gauge,
    canaries: Family<CanaryLabel, Counter>,
    /// From acceptance to claim, in seconds.
    pub waited: Histogram,
    /// From claim to commit, in seconds.
    pub graded: Histogram,
    /// From acceptance to commit, in seconds.
    pub total: Histogram,
    /// Waiting for a free core, in seconds.
    pub slot: Histogram,
    /// Waiting for a container, in seconds.
    pub container: Histogram,
    /// Compiling and loading, in seconds.
    pub load: Histogram,
    /// Running all cases, in seconds.
    pub cases: Histogram,
    /// Writing the verdict, in seconds.
    pub commit: Histogram,
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
            faults: Family::default(),
            not_graded: Family::default(),
            leases_lost: Counter::default(),
            cancelled: Counter::default(),
            reaped: Counter::default(),
            canary_well: Gauge::default(),
            canaries: Family::default(),
            waited: seconds(),
            graded: seconds(),
            total: seconds(),
            slot: seconds(),
            container: seconds(),
            load: seconds(),
            cases: seconds(),
            commit: seconds(),
        };
        registry.register("verdicts", "Verdicts by kind", metrics.verdicts.clone());
        registry.register("grading_faults", "Tries that failed by our fault, by its cause", metrics.faults.clone());
        registry.register("not_graded", "Gradings given up, by what failed us", metrics.not_graded.clone());
        registry.register(
            "leases_lost",
            "Verdicts not written because the lease was lost",
            metrics.leases_lost.clone(),
        );
        registry.register("gradings_cancelled", "Gradings called off while they ran", metrics.cancelled.clone());
        registry.register("gradings_reaped", "Gradings taken from workers that vanished", metrics.reaped.clone());
        registry.register("canary_well", "Whether the canary is well", metrics.canary_well.clone());
        registry.register("canaries", "Canaries by how they ended", metrics.canaries.clone());
        registry.register_with_unit("queue_wait", "From acceptance to claim", Unit::Seconds, metrics.waited.clone());
        registry.register_with_unit("grading", "From claim to commit", Unit::Seconds, metrics.graded.clone());
        for (name, help, histogram) in [
            ("submission", "From acceptance to commit", &metrics.total),
            ("grading_slot", "Waiting for a free core", &metrics.slot),
            ("grading_container", "Waiting for a container", &metrics.container),
            ("grading_load", "Compiling and loading", &metrics.load),
            ("grading_cases", "Running all cases", &metrics.cases),
            ("grading_commit", "Writing the verdict", &metrics.commit),
        ] {
            registry.register_with_unit(name, help, Unit::Seconds, histogram.clone());
        }
        metrics
    }

    /// A try failed by our fault.
    pub(super) fn fault(&self, cause: &'static str) {
        self.faults.get_or_create(&CauseLabel { cause }).inc();
    }

    /// A grading was given up; nobody's fault but ours.
    pub(super) fn gave_up(&self, cause: &'static str, times: u64) {
        self.not_graded.get_or_create(&CauseLabel { cause }).inc_by(times);
    }

    /// Where the time of a grading went.
    pub(super) fn spent(&self, timings: &Timings) {
        let seconds = |us: u64| Duration::from_micros(us).as_secs_f64();
        self.slot.observe(seconds(timings.slot_us));
        self.container.observe(seconds(timings.container_us));
        self.load.observe(seconds(timings.load_us));
        self.cases.observe(seconds(timings.cases_us));
    }

    pub(super) fn canary(&self, well: bool) {
        self.canaries.get_or_create(&CanaryLabel { result: if well { "well" } else { "failed" } }).inc();
        self.canary_well.set(i64::from(well));
    }

    pub(super) fn count(&self, verdict: VerdictKind) {
        self.verdicts.get_or_create(&VerdictLabel { verdict: verdict.as_str() }).inc();
    }
}
