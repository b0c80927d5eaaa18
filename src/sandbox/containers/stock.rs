//! What is kept warm, by kind: how many there are, how many there should be, and which is to be made next.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use super::kind::Kind;

/// Things that wait, a queue of each kind.
#[derive(Debug)]
pub struct Stock<T> {
    shelves: BTreeMap<Kind, Shelf<T>>,
}

/// How many of a kind there are and are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Those that wait.
    pub idle: usize,
    /// How many should.
    pub target: usize,
}

#[derive(Debug)]
struct Shelf<T> {
    idle: VecDeque<T>,
    booting: usize,
    target: usize,
    /// None is made until then.
    rests: Option<Instant>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { idle: VecDeque::new(), booting: 0, target: 0, rests: None }
    }
}

impl<T> Shelf<T> {
    fn rests(&self) -> bool {
        self.rests.is_some_and(|until| Instant::now() < until)
    }

    fn lacks(&self) -> usize {
        if self.rests() { 0 } else { self.target.saturating_sub(self.idle.len() + self.booting) }
    }
}

impl<T> Stock<T> {
    /// Nothing yet, of which so many are wanted.
    pub fn new(targets: BTreeMap<Kind, usize>) -> Self {
        let mut stock = Self { shelves: BTreeMap::new() };
        stock.want(targets);
        stock
    }

    /// From now on so many of each kind are wanted, and none of others.
    pub fn want(&mut self, targets: BTreeMap<Kind, usize>) {
        for shelf in self.shelves.values_mut() {
            shelf.target = 0;
        }
        for (kind, target) in targets {
            self.shelves.entry(kind).or_default().target = target;
        }
    }

    /// How many there are of all kinds.
    pub fn idle(&self) -> usize {
        self.shelves.values().map(|shelf| shelf.idle.len()).sum()
    }

    /// How many of each kind there are and are wanted.
    pub fn counts(&self) -> BTreeMap<Kind, Count> {
        let count = |shelf: &Shelf<T>| Count { idle: shelf.idle.len(), target: shelf.target };
        self.shelves.iter().map(|(kind, shelf)| (kind.clone(), count(shelf))).collect()
    }

    /// Everything that is idle.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        self.shelves.values().flat_map(|shelf| &shelf.idle)
    }

    /// Whether as many of each kind wait as are wanted, but for those that rest.
    pub fn is_full(&self) -> bool {
        self.shelves.values().all(|shelf| shelf.idle.len() >= shelf.target || shelf.rests())
    }

    /// The kind of which the smallest part of what is wanted is there: so that a small shelf does not wait for a large one.
    pub fn lacking(&self) -> Option<Kind> {
        let lacking = self.shelves.iter().filter(|(_, shelf)| shelf.lacks() > 0);
        // Compared as a / b < c / d is: without a division.
        let part = |shelf: &Shelf<T>| ((shelf.idle.len() + shelf.booting) as u64, shelf.target as u64);
        lacking
            .min_by(|(_, one), (_, other)| {
                let ((have, want), (others_have, others_want)) = (part(one), part(other));
                (have * others_want).cmp(&(others_have * want))
            })
            .map(|(kind, _)| kind.clone())
    }

    /// None of this kind is made for later until then.
    pub fn rest(&mut self, kind: &Kind, until: Instant) {
        self.shelves.entry(kind.clone()).or_default().rests = Some(until);
    }

    /// One of this kind is being made.
    pub fn begin(&mut self, kind: &Kind) {
        self.shelves.entry(kind.clone()).or_default().booting += 1;
    }

    /// It is made, or could not be.
    pub fn end(&mut self, kind: &Kind) {
        let shelf = self.shelves.entry(kind.clone()).or_default();
        shelf.booting = shelf.booting.saturating_sub(1);
    }

    /// The oldest of a kind that suits, so that none gets old. Those before it that are of no use are dropped.
    pub fn take(&mut self, kind: &Kind, suits: impl Fn(&T) -> bool, usable: impl Fn(&mut T) -> bool) -> Option<T> {
        let idle = &mut self.shelves.get_mut(kind)?.idle;
        while let Some(mut one) = idle.pop_front() {
            if !suits(&one) {
                idle.push_front(one);
                return None;
            }
            if usable(&mut one) {
                return Some(one);
            }
        }
        None
    }

    /// Puts one in, or gives it back if it is not wanted.
    pub fn put(&mut self, kind: Kind, one: T) -> Option<T> {
        let shelf = self.shelves.entry(kind).or_default();
        if shelf.idle.len() >= shelf.target {
            return Some(one);
        }
        shelf.idle.push_back(one);
        None
    }

    /// Takes out what is of no use any more, and the oldest of those that are more than are wanted.
    pub fn retire(&mut self, usable: impl Fn(&mut T) -> bool) -> Vec<T> {
        let mut retired = Vec::new();
        for shelf in self.shelves.values_mut() {
            let surplus = shelf.idle.len().saturating_sub(shelf.target);
            retired.extend(shelf.idle.drain(..surplus));
            for mut one in std::mem::take(&mut shelf.idle) {
                if usable(&mut one) { shelf.idle.push_back(one) } else { retired.push(one) }
            }
        }
        self.shelves
            .retain(|_, shelf| shelf.target > 0 || shelf.booting > 0 || !shelf.idle.is_empty() || shelf.rests());
        retired
    }

    /// Takes out everything, of which nothing is wanted any more.
    pub fn empty(&mut self) -> Vec<T> {
        self.want(BTreeMap::new());
        self.shelves.values_mut().flat_map(|shelf| shelf.idle.drain(..)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::job::Flavour;

    const JIT: Kind = Kind { image: None, flavour: Some(Flavour::Jit), suite: false };
    const SUITE: Kind = Kind { image: None, flavour: Some(Flavour::Jit), suite: true };

    fn stock(targets: &[(Kind, usize)]) -> Stock<u32> {
        Stock::new(targets.iter().cloned().collect())
    }

    #[test]
    fn the_kind_with_the_smallest_part_of_its_target_comes_first() {
        let mut stock = stock(&[(JIT, 6), (SUITE, 2)]);
        let mut order = Vec::new();
        while let Some(kind) = stock.lacking() {
            order.push(kind.suite);
            stock.begin(&kind);
        }
        assert_eq!(order.iter().filter(|suite| **suite).count(), 2);
        assert!(!stock.is_full(), "what is being made is not there yet");
        assert!(order[..2].contains(&true), "a small shelf does not wait for a large one: {order:?}");
    }

    #[test]
    fn a_kind_that_rests_keeps_nobody_waiting() {
        let mut stock = stock(&[(JIT, 1), (SUITE, 1)]);
        stock.rest(&SUITE, Instant::now() + std::time::Duration::from_secs(60));
        assert_eq!(stock.lacking(), Some(JIT));
        assert_eq!(stock.put(JIT, 1), None);
        assert!(stock.is_full() && stock.lacking().is_none());
        stock.rest(&SUITE, Instant::now());
        assert_eq!(stock.lacking(), Some(SUITE));
        assert!(!stock.is_full());
    }

    #[test]
    fn only_so_many_are_kept_as_are_wanted_and_the_oldest_go_first() {
        let mut stock = stock(&[(JIT, 2)]);
        assert_eq!((stock.put(JIT, 1), stock.put(JIT, 2), stock.put(JIT, 3)), (None, None, Some(3)));
        assert_eq!(stock.put(SUITE, 4), Some(4));
        stock.want(BTreeMap::from([(JIT, 1)]));
        assert_eq!(stock.retire(|_| true), [1]);
        assert_eq!(stock.take(&JIT, |_| true, |_| true), Some(2));
    }

    #[test]
    fn one_that_is_of_no_use_is_passed_over_and_one_with_other_limits_stays() {
        let mut stock = stock(&[(JIT, 3)]);
        for one in [1, 2, 3] {
            assert_eq!(stock.put(JIT, one), None);
        }
        assert_eq!(stock.take(&JIT, |_| true, |one| *one != 1), Some(2));
        assert_eq!(stock.take(&JIT, |_| false, |_| true), None);
        assert_eq!((stock.idle(), stock.take(&SUITE, |_| true, |_| true)), (1, None));
        assert_eq!((stock.empty(), stock.lacking()), (vec![3], None));
    }
}
