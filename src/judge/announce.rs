//! Tells watchers that a submission changed, many in one go and never in the way of a verdict.

use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tracing::debug;

use crate::db::{self, Pool};
use crate::domain::ids::SubmissionId;

/// Most that one message to the database tells of.
const AT_ONCE: usize = 256;

/// Longest wait for what is left to be told when a worker stops.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Where what is to be told is put.
#[derive(Debug)]
pub(super) struct Announcer {
    send: std::sync::Mutex<Option<UnboundedSender<SubmissionId>>>,
    telling: tokio::sync::Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Announcer {
    /// One that tells through this pool, from a task of its own.
    pub(super) fn new(pool: Pool) -> Self {
        let (send, receive) = unbounded_channel();
        let telling = tokio::spawn(tell(pool, receive));
        Self { send: std::sync::Mutex::new(Some(send)), telling: tokio::sync::Mutex::new(Some(telling)) }
    }

    /// A submission changed. What comes while a message is on its way goes with the next one.
    pub(super) fn changed(&self, id: SubmissionId) {
        if let Some(send) = &*self.send.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            // Nobody receives any more only when the worker stops: watchers look by themselves, too.
            let _ = send.send(id);
        }
    }

    /// Tells what is left, and ends.
    pub(super) async fn close(&self) {
        self.send.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(telling) = self.telling.lock().await.take() {
            let _ = tokio::time::timeout(LAST_WORDS, telling).await;
        }
    }
}

async fn tell(pool: Pool, mut receive: UnboundedReceiver<SubmissionId>) {
    let mut ids = Vec::with_capacity(AT_ONCE);
    while receive.recv_many(&mut ids, AT_ONCE).await > 0 {
        ids.sort_unstable();
        ids.dedup();
        if let Err(error) = db::listen::announce(&pool, &ids).await {
            debug!(%error, "watchers were not told; they look by themselves");
        }
        ids.clear();
    }
}
