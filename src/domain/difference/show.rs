//! Both values as Elixir writes them, with what differs marked and long stretches that are equal folded away.

use super::compare::{Edit, Item};
use super::shape::{Entry, Kind, Node};
use super::text::Stretch;
use super::{Mark, Segment};

/// Longest line, in characters, before a value is broken into lines.
const WIDTH: usize = 72;

/// Longest equal part that is written out, in characters.
const LONGEST_SAME: usize = 160;

/// Longest part written out that differs, in characters.
const LONGEST_DIFFERENT: usize = 2_000;

/// Most characters of one side.
const MOST: usize = 12_000;

/// How many equal neighbours of a difference are written out where many are folded away.
const NEIGHBOURS: usize = 2;

/// Equal characters kept before and after a change inside a long text.
const AROUND: usize = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Expected,
    Actual,
}

impl Side {
    fn of<T>(self, expected: T, actual: T) -> T {
        if self == Self::Expected { expected } else { actual }
    }
}

/// Writes one side of a comparison of values.
pub(super) fn value(side: Side, expected: &Node<'_>, actual: &Node<'_>, edit: &Edit<'_>) -> Vec<Segment> {
    let mut show = Show::new(side);
    show.edit(expected, actual, edit, 0);
    show.segments
}

/// Writes one side of a comparison of texts, line by line.
pub(super) fn text(side: Side, stretches: &[Stretch<'_>]) -> Vec<Segment> {
    let mut show = Show::new(side);
    show.stretches(stretches, true);
    show.segments
}

struct Show {
    side: Side,
    segments: Vec<Segment>,
    column: usize,
    left: usize,
}

fn length(text: &str) -> usize {
    text.chars().count()
}

impl Show {
    fn new(side: Side) -> Self {
        Self { side, segments: Vec::new(), column: 0, left: MOST }
    }

    fn push(&mut self, text: &str, mark: Mark) {
        if text.is_empty() {
            return;
        }
        let count = length(text);
        if count > self.left {
            let kept: String = text.chars().take(self.left).collect();
            let end = self.left > 0;
            self.left = 0;
            self.join(&kept, mark);
            if end {
                self.segments.push(Segment::note("… the rest is not shown …"));
            }
            return;
        }
        self.left -= count;
        self.column = match text.rsplit_once('\n') {
            Some((_, last)) => length(last),
            None => self.column + count,
        };
        self.join(text, mark);
    }

    fn join(&mut self, text: &str, mark: Mark) {
        match self.segments.last_mut() {
            Some(last) if last.mark == mark && mark != Mark::Note => last.text.push_str(text),
            _ if text.is_empty() => {}
            _ => self.segments.push(Segment { text: text.to_owned(), mark }),
        }
    }

    fn note(&mut self, text: &str) {
        self.push(text, Mark::Note);
    }

    fn line(&mut self, indent: usize) {
        self.push("\n", Mark::Same);
        self.push(&" ".repeat(indent), Mark::Same);
    }

    fn edit(&mut self, expected: &Node<'_>, actual: &Node<'_>, edit: &Edit<'_>, indent: usize) {
        let own = self.side.of(expected, actual);
        match edit {
            Edit::Same => self.same(own, indent),
            Edit::Replaced => self.whole(own, Mark::Different, indent),
            Edit::Text(stretches) => {
                self.push(own.open, Mark::Same);
                self.stretches(stretches, false);
                self.push(own.close, Mark::Same);
            }
            // A set holds its list: the edit of the only entry is that of the list.
            Edit::Inside(items) => self.inside(expected, actual, items, indent),
        }
    }

    fn inside(&mut self, expected: &Node<'_>, actual: &Node<'_>, items: &[Item<'_>], indent: usize) {
        let own = self.side.of(expected, actual);
        let mut placed: Vec<(usize, &Item<'_>)> = items
            .iter()
            .filter_map(|item| match (item, self.side) {
                (Item::Same(e, _) | Item::Changed(e, ..) | Item::Missing(e), Side::Expected) => Some((*e, item)),
                (Item::Same(_, a) | Item::Changed(_, a, _) | Item::Extra(a), Side::Actual) => Some((*a, item)),
                _ => None,
            })
            .collect();
        placed.sort_unstable_by_key(|(index, _)| *index);
        let opening = if expected.open == actual.open { Mark::Same } else { Mark::Different };
        let longer = length(expected.text).max(length(actual.text));
        let layout = Layout::of(own, indent, longer);
        self.push(own.open, opening);
        let mut at = 0;
        while let Some((index, item)) = placed.get(at) {
            let equal = placed[at..].iter().take_while(|(_, item)| matches!(item, Item::Same(..))).count();
            let (before, after) = (if at == 0 { 0 } else { NEIGHBOURS }, NEIGHBOURS);
            let after = if at + equal == placed.len() { 0 } else { after };
            let hidden = equal.saturating_sub(before + after);
            let stretch: usize =
                placed[at..at + equal].iter().map(|(index, _)| length(own.entries[*index].text) + 2).sum();
            if hidden > 1 && stretch > LONGEST_SAME / 2 {
                for (index, _) in &placed[at..at + before] {
                    self.entry(own, *index, layout, |show, entry, indent| show.same(&entry.value, indent));
                }
                self.separate(own, at + before == 0, false, layout, 24);
                self.note(&format!("… {} equal {} …", grouped(hidden), noun(own, hidden)));
                for (index, _) in &placed[at + equal - after..at + equal] {
                    self.entry(own, *index, layout, |show, entry, indent| show.same(&entry.value, indent));
                }
                at += equal;
                continue;
            }
            match item {
                Item::Same(..) => {
                    self.entry(own, *index, layout, |show, entry, indent| show.same(&entry.value, indent))
                }
                Item::Changed(_, _, Edit::Replaced) if key_differs(expected, actual, item) => {
                    self.marked(own, *index, layout)
                }
                Item::Changed(e, a, edit) => {
                    let (left, right) = (&expected.entries[*e].value, &actual.entries[*a].value);
                    self.entry(own, *index, layout, |show, _, indent| show.edit(left, right, edit, indent));
                }
                Item::Missing(_) | Item::Extra(_) => self.marked(own, *index, layout),
            }
            at += 1;
        }
        if let (Layout::Lines(indent), false) = (layout, placed.is_empty()) {
            self.line(indent - 2);
        }
        self.push(own.close, opening);
    }

    fn separate(&mut self, own: &Node<'_>, first: bool, tail: bool, layout: Layout, next: usize) {
        match (first, layout) {
            (true, Layout::Lines(indent)) => self.line(indent),
            (true, _) => {}
            (false, Layout::Flat) => self.push(if tail { " | " } else { ", " }, Mark::Same),
            (false, Layout::Lines(indent)) => {
                self.push(if tail { " |" } else { "," }, Mark::Same);
                self.line(indent);
            }
            (false, Layout::Filled(indent)) => {
                self.push(if tail { " |" } else { "," }, Mark::Same);
                if self.column + next + 2 > WIDTH {
                    self.line(indent + length(own.open));
                } else {
                    self.push(" ", Mark::Same);
                }
            }
        }
    }

    fn entry(
        &mut self,
        own: &Node<'_>,
        index: usize,
        layout: Layout,
        value: impl FnOnce(&mut Self, &Entry<'_>, usize),
    ) {
        let entry = &own.entries[index];
        self.separate(own, index == 0, entry.tail, layout, length(entry.text));
        self.push(entry.key, Mark::Same);
        self.push(entry.arrow, Mark::Same);
        value(self, entry, layout.indent());
    }

    fn marked(&mut self, own: &Node<'_>, index: usize, layout: Layout) {
        let entry = &own.entries[index];
        self.separate(own, index == 0, entry.tail, layout, length(entry.text));
        self.push(entry.key, Mark::Different);
        self.push(entry.arrow, Mark::Different);
        self.whole(&entry.value, Mark::Different, layout.indent());
    }

    fn same(&mut self, node: &Node<'_>, indent: usize) {
        if length(node.text) <= LONGEST_SAME {
            self.whole(node, Mark::Same, indent);
        } else if node.is_container() {
            self.push(node.open, Mark::Same);
            self.note(&format!("… {} equal {} …", grouped(node.entries.len()), noun(node, node.entries.len())));
            self.push(node.close, Mark::Same);
        } else {
            let kept: String = node.text.chars().take(AROUND).collect();
            self.push(&kept, Mark::Same);
            self.note(&format!("… {} equal characters …", grouped(length(node.text) - AROUND)));
        }
    }

    fn whole(&mut self, node: &Node<'_>, mark: Mark, indent: usize) {
        let count = length(node.text);
        if !node.is_container() || node.entries.is_empty() {
            let kept: String = node.text.chars().take(LONGEST_DIFFERENT).collect();
            self.push(&kept, mark);
            if count > LONGEST_DIFFERENT {
                self.note(&format!("… {} more characters …", grouped(count - LONGEST_DIFFERENT)));
            }
            return;
        }
        let layout = Layout::of(node, indent, count);
        if layout == Layout::Flat {
            return self.push(node.text, mark);
        }
        self.push(node.open, mark);
        let begun = self.left;
        for (index, entry) in node.entries.iter().enumerate() {
            if begun - self.left > LONGEST_DIFFERENT {
                let rest = node.entries.len() - index;
                self.separate(node, false, false, layout, 24);
                self.note(&format!("… {} more {} …", grouped(rest), noun(node, rest)));
                break;
            }
            self.separate(node, index == 0, entry.tail, layout, length(entry.text));
            self.push(entry.key, mark);
            self.push(entry.arrow, mark);
            self.whole(&entry.value, mark, layout.indent());
        }
        if let Layout::Lines(indent) = layout {
            self.line(indent - 2);
        }
        self.push(node.close, mark);
    }

    /// `by_line` keeps whole lines around a change, else characters.
    fn stretches(&mut self, stretches: &[Stretch<'_>], by_line: bool) {
        let last = stretches.len().saturating_sub(1);
        for (index, stretch) in stretches.iter().enumerate() {
            match stretch {
                Stretch::Changed(expected, actual) => self.different(self.side.of(expected, actual)),
                Stretch::Same(text) => self.around(text, index == 0, index == last, by_line),
            }
        }
    }

    fn different(&mut self, text: &str) {
        let kept: String = text.chars().take(LONGEST_DIFFERENT).collect();
        self.push(&kept, Mark::Different);
        let more = length(text) - length(&kept);
        if more > 0 {
            self.note(&format!("… {} more characters …", grouped(more)));
        }
    }

    fn around(&mut self, text: &str, first: bool, last: bool, by_line: bool) {
        let parts: Vec<&str> =
            if by_line { text.split_inclusive('\n').collect() } else { text.split_inclusive(|_: char| true).collect() };
        let around = if by_line { NEIGHBOURS + 1 } else { AROUND };
        let (before, after) = (if first { 0 } else { around }, if last { 0 } else { around });
        let hidden = parts.len().saturating_sub(before + after);
        if length(text) <= LONGEST_SAME || hidden < 2 {
            return self.push(text, Mark::Same);
        }
        self.push(&parts[..before].concat(), Mark::Same);
        let what = if by_line { "lines" } else { "characters" };
        self.note(&format!("… {} equal {what} …", grouped(hidden)));
        if by_line {
            self.push("\n", Mark::Same);
        }
        self.push(&parts[parts.len() - after..].concat(), Mark::Same);
    }
}

fn key_differs(expected: &Node<'_>, actual: &Node<'_>, item: &Item<'_>) -> bool {
    matches!(item, Item::Changed(e, a, _) if expected.entries[*e].name() != actual.entries[*a].name())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// All on one line.
    Flat,
    /// As many as fit on each line; indented by so much.
    Filled(usize),
    /// Each on a line of its own; indented by so much.
    Lines(usize),
}

impl Layout {
    fn of(node: &Node<'_>, indent: usize, longest: usize) -> Self {
        let short = |entry: &Entry<'_>| entry.key.is_empty() && !entry.value.is_container() && length(entry.text) <= 24;
        if indent + longest <= WIDTH || matches!(node.kind, Kind::Call) {
            Self::Flat
        } else if node.entries.iter().all(short) {
            Self::Filled(indent)
        } else {
            Self::Lines(indent + 2)
        }
    }

    fn indent(self) -> usize {
        match self {
            Self::Flat => 0,
            Self::Filled(indent) | Self::Lines(indent) => indent,
        }
    }
}

fn noun(node: &Node<'_>, count: usize) -> &'static str {
    match (node.kind, count) {
        (Kind::Map, 1) => "key",
        (Kind::Map, _) => "keys",
        (Kind::Struct, 1) => "field",
        (Kind::Struct, _) => "fields",
        (_, 1) => "element",
        _ => "elements",
    }
}

/// A number with its thousands apart.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
