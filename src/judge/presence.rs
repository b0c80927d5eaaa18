//! Says in the database that this worker is there, and how fast it is: what a learner's estimate rests on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tracing::debug;

use super::worker::Worker;
use crate::db::paces::{self, Present, SIGN_OF_LIFE};

/// How much of a new time goes into the average: the last twenty or so gradings count.
const WEIGHT: f64 = 0.1;

/// A moving average of times.
#[derive(Debug, Default)]
pub(super) struct Average(Mutex<Option<f64>>);

impl Average {
    /// Takes a time in.
    pub(super) fn add(&self, time: Duration) {
        let ms = time.as_secs_f64() * 1000.0;
        let mut average = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *average = Some(average.map_or(ms, |before| before + (ms - before) * WEIGHT));
    }

    /// The average in milliseconds, once there is one.
    pub(super) fn ms(&self) -> Option<f64> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says so again and again.
pub(super) async fn tell(worker: Arc<Worker>) {
    loop {
        let present = Present {
            name: &worker.settings.name,
            at_once: i32::try_from(worker.settings.at_once.max(1)).unwrap_or(i32::MAX),
            service_ms: worker.service.ms(),
            well: worker.is_well(),
        };
        if let Err(error) = paces::present(&worker.pool, &present).await {
            debug!(%error, "could not say that this worker is there");
        }
        tokio::time::sleep(SIGN_OF_LIFE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_begins_with_the_first_time_and_follows() {
        let average = Average::default();
        assert_eq!(average.ms(), None);
        average.add(Duration::from_millis(100));
        assert_eq!(average.ms(), Some(100.0));
        (0..100).for_each(|_| average.add(Duration::from_millis(200)));
        assert!(average.ms().is_some_and(|ms| (199.0..=200.0).contains(&ms)));
    }
}
