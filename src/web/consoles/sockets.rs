//! How many sockets each person has open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::ids::UserId;

type Counts = Arc<Mutex<HashMap<UserId, usize>>>;

/// Counts open sockets by person.
#[derive(Debug, Default)]
pub struct Sockets {
    counts: Counts,
}

/// A place for one socket, which is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    user: UserId,
    counts: Counts,
}

impl Sockets {
    /// A place for one more, unless this person has `most` already.
    #[must_use]
    pub fn place(&self, user: UserId, most: usize) -> Option<Place> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&user).copied().unwrap_or(0);
        if count >= most {
            return None;
        }
        counts.insert(user, count + 1);
        Some(Place { user, counts: Arc::clone(&self.counts) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get_mut(&self.user) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(counts.remove(&self.user)),
        }
    }
}
