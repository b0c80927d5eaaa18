//! Notices that the engine went away, even when it is back before anyone asks.
//!
//! An engine that is stopped ends its containers. Afterwards it says of them only that they ended, which looks as if the
//! code in them had ended its VM.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bollard::Docker;
use bollard::query_parameters::EventsOptionsBuilder;
use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

/// Pause before the engine is listened to again.
const PAUSE: Duration = Duration::from_millis(100);

/// How often the engine went away so far.
#[derive(Debug, Clone, Default)]
pub struct Watch(Arc<AtomicU64>);

impl Watch {
    /// A number that changes when the engine goes away.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Listens to the engine until `stop`. A stream of events that ends means that the engine did.
    pub async fn keep(self, docker: Docker, stop: CancellationToken) {
        // Events of the engine itself, which are next to none: only the stream's end matters.
        let filters = HashMap::from([("type", vec!["daemon"])]);
        let listen = async {
            loop {
                let options = EventsOptionsBuilder::default().filters(&filters).build();
                let mut events = docker.events(Some(options));
                while let Some(Ok(_)) = events.next().await {}
                self.0.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = listen => {}
        }
    }
}
