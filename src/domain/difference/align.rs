//! Which elements of two sequences belong together.

use std::collections::HashMap;

/// What became of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain) enum Pair {
    /// The two stand at the same place: equal, or one changed into the other.
    Both(usize, usize),
    /// Only on the left.
    Left(usize),
    /// Only on the right.
    Right(usize),
}

/// Most cells of a table of comparisons, for one alignment. Past it, what stands at the same place is compared.
const CELLS: usize = 1 << 18;

/// What an equal pair is worth; a changed one is worth at most half of it.
const EQUAL: u32 = 16;

/// Aligns two sequences given by hashes of their elements, in an order that rises on both sides.
///
/// `alike` says how much two different elements resemble each other, from 0 (not at all) to 8. Common beginnings and
/// ends are taken off; elements that occur once on each side divide the rest (patience diff); what is left between
/// them is aligned by a table, as long as the tables are small. The time is therefore bounded whatever comes in.
pub(in crate::domain) fn align(left: &[u64], right: &[u64], alike: &dyn Fn(usize, usize) -> u32) -> Vec<Pair> {
    let mut work = Work { left, right, alike, cells: CELLS, pairs: Vec::with_capacity(left.len().max(right.len())) };
    let mut from = (0, 0);
    for (l, r) in anchors(left, right) {
        work.between(from, (l, r));
        work.pairs.push(Pair::Both(l, r));
        from = (l + 1, r + 1);
    }
    work.between(from, (left.len(), right.len()));
    work.pairs
}

/// Pairs of elements that occur once on each side, the longest run of them that rises on both.
fn anchors(left: &[u64], right: &[u64]) -> Vec<(usize, usize)> {
    let prefix = left.iter().zip(right).take_while(|(l, r)| l == r).count();
    let rest = left.len().min(right.len()) - prefix;
    let suffix = left.iter().rev().zip(right.iter().rev()).take(rest).take_while(|(l, r)| l == r).count();
    let mut seen: HashMap<u64, (u32, usize, u32, usize)> = HashMap::new();
    for (index, hash) in left[..left.len() - suffix].iter().enumerate().skip(prefix) {
        let entry = seen.entry(*hash).or_default();
        (entry.0, entry.1) = (entry.0 + 1, index);
    }
    for (index, hash) in right[..right.len() - suffix].iter().enumerate().skip(prefix) {
        let entry = seen.entry(*hash).or_default();
        (entry.2, entry.3) = (entry.2 + 1, index);
    }
    let mut once: Vec<(usize, usize)> =
        seen.into_values().filter(|seen| (seen.0, seen.2) == (1, 1)).map(|seen| (seen.1, seen.3)).collect();
    once.sort_unstable();
    let middle = rising(&once);
    let ends = (0..suffix).rev().map(|back| (left.len() - 1 - back, right.len() - 1 - back));
    (0..prefix).map(|index| (index, index)).chain(middle).chain(ends).collect()
}

/// The longest run of pairs whose second parts rise; the first ones do already. Patience sorting.
fn rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut piles: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, pair) in pairs.iter().enumerate() {
        let pile = piles.partition_point(|top| pairs[*top].1 < pair.1);
        before.push(pile.checked_sub(1).map(|pile| piles[pile]));
        if pile == piles.len() {
            piles.push(index);
        } else {
            piles[pile] = index;
        }
    }
    let mut run = Vec::with_capacity(piles.len());
    let mut next = piles.last().copied();
    while let Some(index) = next {
        run.push(pairs[index]);
        next = before[index];
    }
    run.reverse();
    run
}

struct Work<'a> {
    left: &'a [u64],
    right: &'a [u64],
    alike: &'a dyn Fn(usize, usize) -> u32,
    cells: usize,
    pairs: Vec<Pair>,
}

impl Work<'_> {
    fn between(&mut self, (mut l, mut r): (usize, usize), (mut l_end, mut r_end): (usize, usize)) {
        while l < l_end && r < r_end && self.left[l] == self.right[r] {
            self.pairs.push(Pair::Both(l, r));
            (l, r) = (l + 1, r + 1);
        }
        let mut ends = Vec::new();
        while l < l_end && r < r_end && self.left[l_end - 1] == self.right[r_end - 1] {
            (l_end, r_end) = (l_end - 1, r_end - 1);
            ends.push(Pair::Both(l_end, r_end));
        }
        let (height, width) = (l_end - l, r_end - r);
        if height == 0 || width == 0 {
            self.pairs.extend((l..l_end).map(Pair::Left));
            self.pairs.extend((r..r_end).map(Pair::Right));
        } else if (height + 1).saturating_mul(width + 1) <= self.cells {
            self.cells -= (height + 1) * (width + 1);
            self.table(l..l_end, r..r_end);
        } else {
            self.side_by_side(l..l_end, r..r_end);
        }
        self.pairs.extend(ends.into_iter().rev());
    }

    fn worth(&self, l: usize, r: usize) -> u32 {
        if self.left[l] == self.right[r] { EQUAL } else { (self.alike)(l, r).min(EQUAL / 2) }
    }

    /// The alignment that is worth most.
    fn table(&mut self, lefts: std::ops::Range<usize>, rights: std::ops::Range<usize>) {
        let (height, width) = (lefts.len(), rights.len());
        // best[i][j]: the most that can be had from the i-th of the left and the j-th of the right on.
        let mut best = vec![0_u32; (height + 1) * (width + 1)];
        let at = |i: usize, j: usize| i * (width + 1) + j;
        for i in (0..height).rev() {
            for j in (0..width).rev() {
                let worth = self.worth(lefts.start + i, rights.start + j);
                let paired = if worth > 0 { best[at(i + 1, j + 1)] + worth } else { 0 };
                best[at(i, j)] = paired.max(best[at(i + 1, j)]).max(best[at(i, j + 1)]);
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < height && j < width {
            let (l, r) = (lefts.start + i, rights.start + j);
            let worth = self.worth(l, r);
            if worth > 0 && best[at(i, j)] == best[at(i + 1, j + 1)] + worth {
                self.pairs.push(Pair::Both(l, r));
                (i, j) = (i + 1, j + 1);
            } else if best[at(i, j)] == best[at(i + 1, j)] {
                self.pairs.push(Pair::Left(l));
                i += 1;
            } else {
                self.pairs.push(Pair::Right(r));
                j += 1;
            }
        }
        self.pairs.extend((lefts.start + i..lefts.end).map(Pair::Left));
        self.pairs.extend((rights.start + j..rights.end).map(Pair::Right));
    }

    fn side_by_side(&mut self, lefts: std::ops::Range<usize>, rights: std::ops::Range<usize>) {
        let both = lefts.len().min(rights.len());
        for (l, r) in lefts.clone().zip(rights.clone()) {
            if self.worth(l, r) > 0 {
                self.pairs.push(Pair::Both(l, r));
            } else {
                self.pairs.extend([Pair::Left(l), Pair::Right(r)]);
            }
        }
        self.pairs.extend((lefts.start + both..lefts.end).map(Pair::Left));
        self.pairs.extend((rights.start + both..rights.end).map(Pair::Right));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn equal_only(left: &[u64], right: &[u64]) -> Vec<Pair> {
        align(left, right, &|_, _| 0)
    }

    #[test]
    fn what_was_taken_out_and_put_in_is_found() {
        use Pair::{Both, Left, Right};
        assert_eq!(equal_only(&[1, 2, 3], &[1, 3]), [Both(0, 0), Left(1), Both(2, 1)]);
        assert_eq!(equal_only(&[1, 2], &[2, 3]), [Left(0), Both(1, 0), Right(1)]);
        assert_eq!(equal_only(&[], &[7]), [Right(0)]);
        assert_eq!(align(&[1, 2, 3], &[1, 9, 3], &|_, _| 1), [Both(0, 0), Both(1, 1), Both(2, 2)]);
    }

    proptest! {
        #[test]
        fn every_element_has_its_place_once_and_in_order(
            left in prop::collection::vec(0_u64..6, 0..40),
            right in prop::collection::vec(0_u64..6, 0..40),
            likeness in 0_u32..2,
        ) {
            let pairs = align(&left, &right, &|_, _| likeness);
            let lefts: Vec<_> = pairs.iter().filter_map(|pair| match pair { Pair::Both(l, _) | Pair::Left(l) => Some(*l), Pair::Right(_) => None }).collect();
            let rights: Vec<_> = pairs.iter().filter_map(|pair| match pair { Pair::Both(_, r) | Pair::Right(r) => Some(*r), Pair::Left(_) => None }).collect();
            prop_assert_eq!(lefts, (0..left.len()).collect::<Vec<_>>());
            prop_assert_eq!(rights, (0..right.len()).collect::<Vec<_>>());
            if likeness == 0 {
                for pair in pairs {
                    if let Pair::Both(l, r) = pair {
                        prop_assert_eq!(left[l], right[r]);
                    }
                }
            }
        }
    }
}
