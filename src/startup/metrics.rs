//! `/metrics`, on a listener of its own that is not for the public.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::config::Config;
use crate::db::{self, Pool};
use crate::sandbox::{BOOT_CLASSES_S, Counts, Sandbox};
use crate::web;

/// How many containers there are, read when somebody asks. Before the engine answered there is nothing to read.
#[derive(Clone, Default)]
pub(super) struct SandboxGauges(Arc<Mutex<Option<Arc<dyn Sandbox>>>>);

impl SandboxGauges {
    /// Registers the gauges.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let gauges = Self::default();
        registry.register_collector(Box::new(gauges.clone()));
        gauges
    }

    /// Reads this sandbox from now on.
    pub(super) fn watch(&self, sandbox: Arc<dyn Sandbox>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(sandbox);
    }
}

impl std::fmt::Debug for SandboxGauges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SandboxGauges")
    }
}

impl Collector for SandboxGauges {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let status = match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(sandbox) => sandbox.status(),
            None => crate::sandbox::Status::default(),
        };
        for (name, help, value) in [
            ("pool_idle", "Warm containers that wait for a job", status.idle),
            ("pool_booting", "Containers that are not ready yet", status.booting),
            ("pool_running", "Containers that run a job", status.running),
            ("pool_removing", "Used containers that wait to be removed", status.removing),
            ("sandbox_healthy", "Whether the last container could be made", usize::from(status.healthy)),
        ] {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        self.encode_counts(&mut encoder)
    }
}

impl SandboxGauges {
    fn encode_counts(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let counts = match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(sandbox) => sandbox.counts(),
            None => Counts::default(),
        };
        for (name, help, value) in [
            ("pool_hits", "Jobs that found a warm container", counts.hits),
            ("pool_misses", "Jobs that waited for a container to boot", counts.misses),
            ("pool_boots", "Containers that were booted", counts.boots),
            ("pool_boots_failed", "Containers that could not be booted", counts.boots_failed),
        ] {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        for (name, help, value) in [
            ("pool_idle_measured", "Warm containers whose memory was measured last", counts.measured),
            ("pool_idle_rss_bytes", "What these took, with what they share counted for each", counts.idle_rss),
            ("pool_idle_pss_bytes", "What these took, with what they share counted once", counts.idle_pss),
        ] {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        let mut classes: Vec<(f64, u64)> = BOOT_CLASSES_S.into_iter().zip(counts.boot_classes).collect();
        classes.push((f64::MAX, counts.boots.saturating_sub(counts.boot_classes.iter().sum())));
        let mut boots = encoder.encode_descriptor(
            "pool_boot",
            "From the request for a container to its being ready",
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        boots.encode_histogram::<NoLabelSet>(counts.boot_s, counts.boots, &classes, None)
    }
}

/// Takes the address that the settings name, if they name one.
pub(super) fn listen(config: &Config) -> anyhow::Result<Option<TcpListener>> {
    config
        .metrics_listen
        .map(|address| {
            TcpListener::bind(address).with_context(|| {
                format!(
                    "metrics cannot listen on {address}: set ATHANOR_METRICS_LISTEN to another address, or to 'off'"
                )
            })
        })
        .transpose()
}

/// Serves the metrics until `stop`. The queue is read from the database when somebody asks.
pub(super) async fn serve(listener: Option<TcpListener>, registry: Arc<Registry>, pool: Pool, stop: CancellationToken) {
    let Some(listener) = listener else { return };
    let text = move || {
        let (registry, pool) = (registry.clone(), pool.clone());
        async move {
            let mut text = String::new();
            // Writing to a string does not fail.
            let _ = prometheus_client::encoding::text::encode(&mut text, &registry);
            with_queue(text, db::queue::depth(&pool).await.ok())
        }
    };
    if let Err(error) = web::run_metrics(listener, text, stop).await {
        warn!(%error, "metrics cannot be served");
    }
}

/// The queue's gauges, before the end mark of the text format (OpenMetrics 1.0).
fn with_queue(text: String, depth: Option<db::queue::Depth>) -> String {
    let Some(depth) = depth else { return text };
    let body = text.strip_suffix("# EOF\n").unwrap_or(&text);
    format!(
        "{body}# HELP athanor_queue_depth Gradings that learners wait for.\n# TYPE athanor_queue_depth gauge\n\
         athanor_queue_depth {}\n\
         # HELP athanor_queue_regrades Regrades that wait.\n# TYPE athanor_queue_regrades gauge\n\
         athanor_queue_regrades {}\n\
         # HELP athanor_queue_oldest_seconds Age of the oldest grading that waits.\n\
         # TYPE athanor_queue_oldest_seconds gauge\n# UNIT athanor_queue_oldest_seconds seconds\n\
         athanor_queue_oldest_seconds {}\n# EOF\n",
        depth.waiting,
        depth.regrades,
        depth.oldest_ms as f64 / 1000.0
    )
}
