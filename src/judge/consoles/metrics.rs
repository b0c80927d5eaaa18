//! What is counted of consoles.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// The label of an end.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndLabel {
    reason: &'static str,
}

/// What a worker counts of the consoles that it holds. Cheap to clone: clones count together.
#[derive(Debug, Clone)]
pub struct ConsoleMetrics {
    /// Consoles that are held now.
    pub(super) open: Gauge,
    /// Consoles that were taken from the queue.
    pub(super) started: Counter,
    ended: Family<EndLabel, Counter>,
    /// Consoles of workers that vanished.
    pub(super) reaped: Counter,
    waited: Histogram,
    ready: Histogram,
}

impl ConsoleMetrics {
    /// Registers everything.
    #[must_use]
    pub fn new(registry: &mut Registry) -> Self {
        // A VM boots, compiles what was in the editor and starts IEx: a second or two, more on a busy machine.
        let seconds =
            || Histogram::new([0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 5.0, 10.0, 30.0]);
        let metrics = Self {
            open: Gauge::default(),
            started: Counter::default(),
            ended: Family::default(),
            reaped: Counter::default(),
            waited: seconds(),
            ready: seconds(),
        };
        registry.register("consoles_open", "Consoles that are held now", metrics.open.clone());
        registry.register("consoles_started", "Consoles taken from the queue", metrics.started.clone());
        registry.register("consoles_ended", "Consoles that were held, by why they ended", metrics.ended.clone());
        registry.register("consoles_reaped", "Consoles of workers that vanished", metrics.reaped.clone());
        registry.register_with_unit("console_wait", "From request to claim", Unit::Seconds, metrics.waited.clone());
        let help = "From request to the first prompt";
        registry.register_with_unit("console_ready", help, Unit::Seconds, metrics.ready.clone());
        metrics
    }

    /// One was taken from the queue, in which it had waited so many milliseconds.
    pub(super) fn began(&self, waited_ms: i64) {
        self.started.inc();
        self.open.inc();
        self.waited.observe(seconds(waited_ms));
    }

    /// Its first prompt is there.
    pub(super) fn ready(&self, waited_ms: i64, since_claim: Duration) {
        self.ready.observe(seconds(waited_ms) + since_claim.as_secs_f64());
    }

    pub(super) fn ended(&self, reason: &'static str) {
        self.ended.get_or_create(&EndLabel { reason }).inc();
    }
}

fn seconds(ms: i64) -> f64 {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0)).as_secs_f64()
}
