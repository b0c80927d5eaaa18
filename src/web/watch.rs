//! From the database's notifications to whoever waits for a submission, or for a run of a program.
//!
//! A notification is only a hint: a watcher is registered first, then the row is read, then the hint is awaited. After
//! the listener lost its connection every watcher is woken, because hints may have been lost meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::db::{self, Pool};

/// Pause before the listener is opened again after the database failed.
const RECONNECT_AFTER: Duration = Duration::from_millis(500);

type Channels = Arc<Mutex<HashMap<Uuid, watch::Sender<()>>>>;

/// Who waits for which row: its id is unlike that of any other, whatever the row is.
#[derive(Debug, Clone, Default)]
pub struct Hub {
    channels: Channels,
}

/// Waits for changes of one row, from the moment it is made.
#[derive(Debug)]
pub struct Watcher {
    id: Uuid,
    changes: watch::Receiver<()>,
    channels: Channels,
}

impl Hub {
    /// Begins to watch a row. Read its row after this, not before.
    #[must_use]
    pub fn watch(&self, id: impl Into<Uuid>) -> Watcher {
        let id = id.into();
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = channels.entry(id).or_insert_with(|| watch::channel(()).0).subscribe();
        Watcher { id, changes, channels: Arc::clone(&self.channels) }
    }

    /// Wakes those who watch a row.
    pub fn changed(&self, id: impl Into<Uuid>) {
        let id = id.into();
        let channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(channel) = channels.get(&id) {
            channel.send_replace(());
        }
    }

    /// Wakes everybody.
    pub fn all_may_have_changed(&self) {
        for channel in self.channels.lock().unwrap_or_else(PoisonError::into_inner).values() {
            channel.send_replace(());
        }
    }

    /// Hands the database's notifications on until `shutdown`.
    pub async fn listen(&self, pool: &Pool, shutdown: &CancellationToken) {
        shutdown.run_until_cancelled(self.listen_for_ever(pool)).await;
    }

    async fn listen_for_ever(&self, pool: &Pool) {
        let mut lost = false;
        loop {
            match db::listen::submissions(pool).await {
                Ok(mut listener) => {
                    if std::mem::take(&mut lost) {
                        tracing::info!("the database's notifications are heard again");
                    }
                    self.all_may_have_changed();
                    while let Ok(notification) = listener.try_recv().await {
                        match notification.map(|notification| notification.payload().parse::<Uuid>()) {
                            Some(Ok(id)) => self.changed(id),
                            Some(Err(_)) => {}
                            None => self.all_may_have_changed(),
                        }
                    }
                }
                Err(error) if !lost => {
                    tracing::warn!(%error, "the database's notifications cannot be heard; watchers look by themselves");
                    lost = true;
                }
                Err(_) => {}
            }
            tokio::time::sleep(RECONNECT_AFTER).await;
        }
    }
}

impl Watcher {
    /// Returns at the first change since the last call, or since the watcher was made.
    pub async fn changed(&mut self) {
        if self.changes.changed().await.is_err() {
            // The sender lives as long as a watcher does, so this is not reached; waiting is right all the same.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        // This watcher's own receiver is still counted.
        if channels.get(&self.id).is_some_and(|channel| channel.receiver_count() <= 1) {
            channels.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn wakes(watcher: &mut Watcher) -> bool {
        tokio::time::timeout(Duration::from_millis(50), watcher.changed()).await.is_ok()
    }

    #[tokio::test]
    async fn a_change_between_registering_and_waiting_is_not_missed() {
        let hub = Hub::default();
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        let mut watcher = hub.watch(one);
        hub.changed(other);
        assert!(!wakes(&mut watcher).await);
        hub.changed(one);
        assert!(wakes(&mut watcher).await);
        assert!(!wakes(&mut watcher).await);
        hub.all_may_have_changed();
        assert!(wakes(&mut watcher).await);
    }

    #[tokio::test]
    async fn nothing_is_kept_of_a_submission_that_nobody_watches() {
        let hub = Hub::default();
        let id = Uuid::now_v7();
        let (first, mut second) = (hub.watch(id), hub.watch(id));
        drop(first);
        hub.changed(id);
        assert!(wakes(&mut second).await);
        drop(second);
        assert!(hub.channels.lock().unwrap().is_empty());
    }
}
