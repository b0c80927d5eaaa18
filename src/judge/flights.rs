//! Gradings in flight, so that a hint about one finds whoever runs it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::domain::ids::GradingId;

/// Hints that are remembered for gradings whose claim was not heard of yet.
const REMEMBERED: usize = 64;

/// Who runs what in this process.
#[derive(Debug, Clone, Default)]
pub(super) struct Flights(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    doubts: HashMap<GradingId, Arc<Notify>>,
    /// Hints that nobody was there for. A grading may be called off between its claim and the moment we know of it.
    early: VecDeque<GradingId>,
}

/// A grading that runs here, for as long as this lives.
#[derive(Debug)]
pub(super) struct Flight {
    id: GradingId,
    doubt: Arc<Notify>,
    flights: Flights,
}

impl Flights {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A grading begins.
    pub(super) fn begin(&self, id: GradingId) -> Flight {
        let doubt = Arc::new(Notify::new());
        let mut state = self.state();
        if state.early.contains(&id) {
            doubt.notify_one();
        }
        state.doubts.insert(id, doubt.clone());
        drop(state);
        Flight { id, doubt, flights: self.clone() }
    }

    /// A grading may have been taken from us: its row says whether it was.
    pub(super) fn doubt(&self, id: GradingId) {
        let mut state = self.state();
        if let Some(doubt) = state.doubts.get(&id) {
            return doubt.notify_one();
        }
        if state.early.len() == REMEMBERED {
            state.early.pop_front();
        }
        state.early.push_back(id);
    }

    /// Hints may have been lost: each of them may have been taken from us.
    pub(super) fn doubt_all(&self) {
        self.state().doubts.values().for_each(|doubt| doubt.notify_one());
    }
}

impl Flight {
    /// Returns when there is reason to look at the row.
    pub(super) async fn in_doubt(&self) {
        self.doubt.notified().await;
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.flights.state().doubts.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[test]
    fn a_hint_is_heard_whenever_it_comes() {
        let flights = Flights::default();
        let (one, other, late) = (GradingId::new(), GradingId::new(), GradingId::new());
        let (first, second) = (flights.begin(one), flights.begin(other));
        flights.doubt(one);
        assert!(first.in_doubt().now_or_never().is_some());
        assert!(second.in_doubt().now_or_never().is_none());
        flights.doubt_all();
        assert!(second.in_doubt().now_or_never().is_some());
        flights.doubt(late);
        assert!(flights.begin(late).in_doubt().now_or_never().is_some(), "it came before the grading was known here");
    }

    #[test]
    fn nothing_is_kept_of_what_ended() {
        let flights = Flights::default();
        drop(flights.begin(GradingId::new()));
        (0..100).for_each(|_| flights.doubt(GradingId::new()));
        let state = flights.state();
        assert!(state.doubts.is_empty());
        assert_eq!(state.early.len(), REMEMBERED);
    }
}
