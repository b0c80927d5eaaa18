//! User ids that one container has for itself, so that nothing that the kernel counts by user is shared.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::settings::UidRange;

/// Hands out ids and takes them back.
#[derive(Debug, Clone)]
pub struct Uids {
    range: UidRange,
    taken: Arc<Mutex<BTreeSet<u32>>>,
}

/// The ids of one container, which are free again when this is dropped.
#[derive(Debug)]
pub struct Pair {
    uids: Uids,
    number: u32,
}

impl Uids {
    /// All of this range are free.
    pub fn new(range: UidRange) -> Self {
        Self { range, taken: Arc::default() }
    }

    /// Ids that no other container of this worker has; `None` when there are no more. Workers on one machine begin at
    /// different places, so that they hardly ever meet.
    pub fn take(&self) -> Option<Pair> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let start = std::process::id().wrapping_mul(61) % self.range.pairs;
        let number = (0..self.range.pairs)
            .map(|step| (start + step) % self.range.pairs)
            .find(|number| !taken.contains(number))?;
        taken.insert(number);
        drop(taken);
        Some(Pair { uids: self.clone(), number })
    }
}

impl Pair {
    /// The host's id for the container's root, as which nothing of ours runs.
    pub const fn root(&self) -> u32 {
        self.uids.range.first + 2 * self.number
    }

    /// The host's id for the container's nobody, as which the code runs.
    pub const fn nobody(&self) -> u32 {
        self.root() + 1
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.uids.taken.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_containers_have_the_same_ids_at_once() {
        let uids = Uids::new(UidRange { first: 5000, pairs: 2 });
        let (one, other) = (uids.take().expect("free"), uids.take().expect("free"));
        let mut all = vec![one.root(), one.nobody(), other.root(), other.nobody()];
        all.sort_unstable();
        assert_eq!(all, [5000, 5001, 5002, 5003]);
        assert!(uids.take().is_none());
        let given_back = one.root();
        drop(one);
        assert_eq!(uids.take().map(|pair| pair.root()), Some(given_back));
    }
}
