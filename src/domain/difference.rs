//! Where what came out differs from what was expected: marked inside the values, and said in a sentence.
//!
//! It works on the texts that `inspect` made, because these are what people read: each is read back into its structure
//! ([`shape`]), the two are compared part by part ([`compare`]), and both are written again with what differs marked
//! ([`show`]). The texts may have been chosen by a learner's code, so the depth that is followed, the size of every table
//! and the length of what is shown are bounded, and nothing here can fail.

pub(super) mod align;
mod compare;
mod explain;
mod scan;
mod shape;
mod show;
mod text;
mod wording;

use serde::{Deserialize, Serialize};

use super::term;

/// What stands in a stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// As in the other one.
    Same,
    /// Not as in the other one.
    Different,
    /// Not as in the other one, and one character that cannot be seen: see [`Segment::stand_in`].
    Invisible,
    /// Words of ours, no part of the value.
    Note,
}

/// A stretch of text of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Segment {
    /// The text.
    pub text: String,
    /// What it is.
    pub mark: Mark,
}

impl Segment {
    fn note(text: &str) -> Self {
        Self { text: text.to_owned(), mark: Mark::Note }
    }

    /// For a character that cannot be seen: a sign to show in its place, and what it is called.
    #[must_use]
    pub fn stand_in(&self) -> Option<(String, String)> {
        let c = self.text.chars().next().filter(|_| self.mark == Mark::Invisible)?;
        let sign = match c {
            ' ' => "·".to_owned(),
            '\t' => "→".to_owned(),
            '\n' => "↵".to_owned(),
            '\r' => "␍".to_owned(),
            _ => format!("U+{:04X}", u32::from(c)),
        };
        Some((sign, wording::character(c)))
    }
}

/// Both sides with their differences marked, and what to say about them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What was expected.
    pub expected: Vec<Segment>,
    /// What came out.
    pub actual: Vec<Segment>,
    /// What is wrong, in a sentence or two, where there is more to say than the marks show.
    pub explanation: Option<String>,
}

impl Difference {
    /// Whether equal parts were left out.
    #[must_use]
    pub fn is_folded(&self) -> bool {
        self.expected.iter().chain(&self.actual).any(|segment| segment.mark == Mark::Note)
    }
}

/// Compares two values by the texts that `inspect` made of them.
#[must_use]
pub fn of_values(expected: &str, actual: &str) -> Difference {
    let (left, right) = (shape::read(expected), shape::read(actual));
    if shows_numbers_as_letters(&left, &right) {
        let (expected, actual) = (with_numbers(&left), with_numbers(&right));
        let mut difference = between(&shape::read(&expected), &shape::read(&actual));
        let note = "Elixir shows a list as ~c\"…\" when all its numbers could be letters; here the numbers are shown.";
        difference.explanation =
            Some(difference.explanation.map_or(note.to_owned(), |words| format!("{words} {note}")));
        return difference;
    }
    let mut difference = between(&left, &right);
    for (node, whole, segments) in
        [(&left, expected, &mut difference.expected), (&right, actual, &mut difference.actual)]
    {
        if node.text.len() < whole.len() {
            segments.push(Segment::note("… the rest is not shown …"));
        }
    }
    difference
}

/// Most bytes of a text that is made of a term, for values whose own text was cut.
const WHOLE_TEXT: usize = 1 << 20;

/// A value: its term in Erlang's external format, and the text that `inspect` made of it, which may be cut.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'v> {
    /// The term.
    pub term: &'v [u8],
    /// The text.
    pub text: &'v str,
}

/// Compares two different values of which at least one has a text that was cut, by the texts that they would have in
/// full. `None` when none was cut, or when the full texts cannot be told for sure.
#[must_use]
pub fn of_cut_values(expected: Shown<'_>, actual: Shown<'_>) -> Option<Difference> {
    if !expected.text.ends_with(shape::CUT) && !actual.text.ends_with(shape::CUT) {
        return None;
    }
    let (left, right) = (shape::read(expected.text), shape::read(actual.text));
    let mut fields = term::text::FieldOrder::new();
    for node in [&left, &right] {
        learn_fields(node, &mut fields);
    }
    let whole = |value: Shown<'_>| {
        let text = term::text::of(value.term, &fields, WHOLE_TEXT)?;
        let known = value.text.strip_suffix(shape::CUT).unwrap_or(value.text);
        (text == value.text || text.starts_with(known)).then_some(text)
    };
    let (expected, actual) = (whole(expected)?, whole(actual)?);
    (expected != actual).then(|| of_values(&expected, &actual))
}

/// Notes in which order the fields of each struct are written.
fn learn_fields<'t>(node: &shape::Node<'t>, fields: &mut term::text::FieldOrder<'t>) {
    if node.kind == shape::Kind::Struct && !node.close.is_empty() {
        let name = node.open.trim_start_matches('%').trim_end_matches('{');
        fields.entry(name).or_insert_with(|| node.entries.iter().map(|entry| entry.key).collect());
    }
    for entry in &node.entries {
        learn_fields(&entry.value, fields);
    }
}

fn between(left: &shape::Node<'_>, right: &shape::Node<'_>) -> Difference {
    let edit = compare::compare(left, right);
    Difference {
        expected: reveal(show::value(show::Side::Expected, left, right, &edit)),
        actual: reveal(show::value(show::Side::Actual, left, right, &edit)),
        explanation: explain::explain(left, right, &edit),
    }
}

/// Compares what was printed with what should have been.
#[must_use]
pub fn of_output(expected: &str, actual: &str) -> Difference {
    let stretches = text::compare(expected, actual, false);
    let explanation = if expected == actual { None } else { wording::texts(expected, actual, false) };
    Difference {
        expected: reveal(show::text(show::Side::Expected, &stretches)),
        actual: reveal(show::text(show::Side::Actual, &stretches)),
        explanation: explanation.map(|words| match words.as_str() {
            "This is empty." => "Nothing was printed.".to_owned(),
            _ => words,
        }),
    }
}

/// Splits off the characters that cannot be seen, where they differ.
fn reveal(segments: Vec<Segment>) -> Vec<Segment> {
    let mut out: Vec<Segment> = Vec::with_capacity(segments.len());
    for segment in segments {
        if segment.mark != Mark::Different {
            out.push(segment);
            continue;
        }
        // White space inside of a text that differs is seen by what stands around it.
        let inner = segment.text.trim();
        let begins = segment.text.len() - segment.text.trim_start().len();
        let inside = begins..begins + inner.len();
        let mut fresh = true;
        for (at, c) in segment.text.char_indices() {
            let outer = c.is_whitespace() && !inside.contains(&at);
            if outer || matches!(c, '\n' | '\t' | '\r' | '\u{A0}') || wording::is_invisible(c) {
                out.push(Segment { text: c.to_string(), mark: Mark::Invisible });
                fresh = true;
            } else if let (false, Some(last)) = (fresh, out.last_mut()) {
                last.text.push(c);
            } else {
                out.push(Segment { text: c.to_string(), mark: Mark::Different });
                fresh = false;
            }
        }
    }
    out
}

/// Whether a list of numbers stands where, on the other side, one is shown as letters.
fn shows_numbers_as_letters(left: &shape::Node<'_>, right: &shape::Node<'_>) -> bool {
    use shape::Kind::{Charlist, Integer, List};
    let numbers = |node: &shape::Node<'_>| {
        node.kind == List && node.entries.iter().all(|entry| entry.value.kind == Integer && entry.key.is_empty())
    };
    let control = |node: &shape::Node<'_>| node.inner().contains('\\') && !node.inner().contains("\\n");
    match (left.kind, right.kind) {
        (Charlist, List) => numbers(right),
        (List, Charlist) => numbers(left),
        (Charlist, Charlist) => left.text != right.text && (control(left) || control(right)),
        _ => left.entries.iter().zip(&right.entries).any(|(l, r)| shows_numbers_as_letters(&l.value, &r.value)),
    }
}

/// The same text with the numbers of every charlist.
fn with_numbers(node: &shape::Node<'_>) -> String {
    match node.kind {
        shape::Kind::Charlist => {
            let numbers: Vec<String> =
                wording::plain_charlist(node.inner()).map(|c| u32::from(c).to_string()).collect();
            format!("[{}]", numbers.join(", "))
        }
        _ if node.entries.is_empty() => node.text.to_owned(),
        _ => {
            let mut text = node.open.to_owned();
            for (index, entry) in node.entries.iter().enumerate() {
                text.push_str(if index == 0 {
                    ""
                } else if entry.tail {
                    " | "
                } else {
                    ", "
                });
                text.push_str(entry.key);
                text.push_str(entry.arrow);
                text.push_str(&with_numbers(&entry.value));
            }
            text + node.close
        }
    }
}

#[cfg(test)]
mod tests;
