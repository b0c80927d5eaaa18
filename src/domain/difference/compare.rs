//! Where two values differ: a tree of what is the same, what is missing, what is extra and what has changed.

use super::align::{Pair, align};
use super::shape::{Entry, Kind, Node, hash};
use super::text::{self, Stretch};

/// What there is between two parts of values.
#[derive(Debug)]
pub(super) enum Edit<'t> {
    /// They are written the same.
    Same,
    /// Both hold others, and these differ.
    Inside(Vec<Item<'t>>),
    /// Both are texts, or pieces that are compared as texts.
    Text(Vec<Stretch<'t>>),
    /// They have nothing in common.
    Replaced,
}

/// What became of an entry: its place in the expected value and in the actual one.
#[derive(Debug)]
pub(super) enum Item<'t> {
    Same(usize, usize),
    Changed(usize, usize, Edit<'t>),
    Missing(usize),
    Extra(usize),
}

/// Compares two values.
pub(super) fn compare<'t>(expected: &Node<'t>, actual: &Node<'t>) -> Edit<'t> {
    if expected.text == actual.text {
        return Edit::Same;
    }
    if expected.kind != actual.kind {
        // A struct and a map have their keys to compare.
        return match (expected.kind, actual.kind) {
            (Kind::Map, Kind::Struct) | (Kind::Struct, Kind::Map) => Edit::Inside(keyed(expected, actual)),
            _ => Edit::Replaced,
        };
    }
    match expected.kind {
        Kind::String | Kind::Charlist => Edit::Text(text::compare(expected.inner(), actual.inner(), true)),
        Kind::Other => match text::compare(expected.text, actual.text, false) {
            found if found.iter().any(|stretch| matches!(stretch, Stretch::Same(_))) => Edit::Text(found),
            _ => Edit::Replaced,
        },
        Kind::Map | Kind::Struct => Edit::Inside(keyed(expected, actual)),
        Kind::Call if expected.open != actual.open => Edit::Replaced,
        Kind::Call if is_set(expected) && is_set(actual) => {
            let edit = Edit::Inside(unordered(&expected.entries[0].value, &actual.entries[0].value));
            Edit::Inside(vec![Item::Changed(0, 0, edit)])
        }
        Kind::List if expected.is_keyword() && actual.is_keyword() && same_keys(expected, actual) => {
            Edit::Inside(keyed(expected, actual))
        }
        Kind::List | Kind::Tuple | Kind::Bitstring | Kind::Call => Edit::Inside(in_order(expected, actual)),
        Kind::Integer | Kind::Float | Kind::Atom => Edit::Replaced,
    }
}

/// Whether it is shown as `MapSet.new([…])`.
pub(super) fn is_set(node: &Node<'_>) -> bool {
    node.open == "MapSet.new(" && node.entries.len() == 1 && node.entries[0].value.kind == Kind::List
}

/// Whether the keys are the same ones in the same order, each once.
fn same_keys(expected: &Node<'_>, actual: &Node<'_>) -> bool {
    let keys = |node: &Node<'_>| node.entries.iter().map(|entry| hash(entry.name())).collect::<Vec<_>>();
    let (mut expected, actual) = (keys(expected), keys(actual));
    let same = expected == actual;
    expected.sort_unstable();
    expected.dedup();
    same && expected.len() == actual.len()
}

fn paired<'t>(expected: &Node<'t>, actual: &Node<'t>, e: usize, a: usize) -> Item<'t> {
    let (left, right) = (&expected.entries[e], &actual.entries[a]);
    if left.text == right.text {
        return Item::Same(e, a);
    }
    if (left.name(), left.tail) != (right.name(), right.tail) {
        return Item::Changed(e, a, Edit::Replaced);
    }
    match compare(&left.value, &right.value) {
        Edit::Same => Item::Same(e, a),
        edit => Item::Changed(e, a, edit),
    }
}

fn in_order<'t>(expected: &Node<'t>, actual: &Node<'t>) -> Vec<Item<'t>> {
    // The places of a tuple have meanings of their own, unless there is one more or less of them.
    if expected.kind == Kind::Tuple && expected.entries.len() == actual.entries.len() {
        return (0..expected.entries.len()).map(|index| paired(expected, actual, index, index)).collect();
    }
    let hashes = |node: &Node<'_>| node.entries.iter().map(|entry| hash(entry.text)).collect::<Vec<_>>();
    let alike = |e: usize, a: usize| resemblance(&expected.entries[e], &actual.entries[a]);
    align(&hashes(expected), &hashes(actual), &alike)
        .into_iter()
        .map(|pair| match pair {
            Pair::Both(e, a) => paired(expected, actual, e, a),
            Pair::Left(e) => Item::Missing(e),
            Pair::Right(a) => Item::Extra(a),
        })
        .collect()
}

/// How much two elements resemble each other, from 0 to 8.
fn resemblance(expected: &Entry<'_>, actual: &Entry<'_>) -> u32 {
    let (left, right) = (&expected.value, &actual.value);
    if expected.name() != actual.name() || expected.tail != actual.tail {
        return 0;
    }
    let key = if expected.key.is_empty() { 0 } else { 4 };
    if left.kind != right.kind {
        return key;
    }
    if !left.is_container() {
        return key + 1;
    }
    let common = left.entries.iter().zip(&right.entries).take(12).filter(|(l, r)| l.text == r.text).count();
    key + 1 + u32::from(left.open == right.open) + u32::try_from(common).map_or(2, |common| common.min(2))
}

/// By key, whatever the order.
fn keyed<'t>(expected: &Node<'t>, actual: &Node<'t>) -> Vec<Item<'t>> {
    by(expected, actual, |entry| hash(entry.name()), true)
}

/// By value, whatever the order.
fn unordered<'t>(expected: &Node<'t>, actual: &Node<'t>) -> Vec<Item<'t>> {
    by(expected, actual, |entry| hash(entry.text), false)
}

fn by<'t>(expected: &Node<'t>, actual: &Node<'t>, key: fn(&Entry<'t>) -> u64, inside: bool) -> Vec<Item<'t>> {
    let mut there: std::collections::HashMap<u64, usize> = std::collections::HashMap::new();
    for (index, entry) in actual.entries.iter().enumerate() {
        there.entry(key(entry)).or_insert(index);
    }
    let mut taken = vec![false; actual.entries.len()];
    let mut items: Vec<Item<'t>> = Vec::new();
    for (e, entry) in expected.entries.iter().enumerate() {
        match there.get(&key(entry)).filter(|a| !taken[**a]) {
            Some(&a) => {
                taken[a] = true;
                items.push(if inside { paired(expected, actual, e, a) } else { Item::Same(e, a) });
            }
            None => items.push(Item::Missing(e)),
        }
    }
    items.extend(taken.iter().enumerate().filter(|(_, taken)| !**taken).map(|(a, _)| Item::Extra(a)));
    items
}
