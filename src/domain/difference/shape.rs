//! Reads a value back from the text that `inspect` made of it: not what it is worth, but how it is nested.
//!
//! The text may be anything, because a learner's code may define how its structs are shown. What is not understood is one
//! piece ([`Kind::Other`]); a text that was cut ends everything that is open.

use std::hash::{DefaultHasher, Hasher as _};

use super::scan::{atom_length, in_alias, keyword_length, quoted_length, sigil_length};

/// Values nested deeper than this are one piece.
const DEPTH: usize = 48;

/// Once there are so many parts, the rest is one piece each.
const PARTS: usize = 1 << 17;

/// What a text that was cut ends with.
pub(super) const CUT: char = '…';

/// What a part of a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    List,
    Tuple,
    Map,
    Struct,
    Bitstring,
    /// `MapSet.new([1])`: how some structs are shown.
    Call,
    String,
    Charlist,
    Integer,
    Float,
    Atom,
    Other,
}

/// A part of a value.
#[derive(Debug)]
pub(super) struct Node<'t> {
    pub(super) kind: Kind,
    /// All of it.
    pub(super) text: &'t str,
    /// What stands before its entries, or before the characters of a string.
    pub(super) open: &'t str,
    /// What stands after them; empty where the text was cut.
    pub(super) close: &'t str,
    pub(super) entries: Vec<Entry<'t>>,
}

/// An element of a list, a tuple, a map, …
#[derive(Debug)]
pub(super) struct Entry<'t> {
    /// All of it, key included.
    pub(super) text: &'t str,
    /// Its key as it is written, or nothing.
    pub(super) key: &'t str,
    /// Between key and value: `: `, ` => ` or nothing.
    pub(super) arrow: &'t str,
    /// The tail of an improper list.
    pub(super) tail: bool,
    pub(super) value: Node<'t>,
}

impl<'t> Entry<'t> {
    /// Its key, however it is written: `a: 1` and `:a => 1` have the same one.
    pub(super) fn name(&self) -> (bool, &'t str) {
        match (self.arrow, self.key.strip_prefix(':')) {
            (" => ", Some(atom)) => (true, atom),
            (": ", _) => (true, self.key),
            _ => (false, self.key),
        }
    }
}

impl<'t> Node<'t> {
    /// The characters of a string or charlist as they are written, between its quotes.
    pub(super) fn inner(&self) -> &'t str {
        &self.text[self.open.len()..self.text.len() - self.close.len()]
    }

    /// Whether its end is missing.
    fn is_open(&self) -> bool {
        !self.open.is_empty() && self.close.is_empty()
    }

    pub(super) fn is_container(&self) -> bool {
        matches!(self.kind, Kind::List | Kind::Tuple | Kind::Map | Kind::Struct | Kind::Bitstring | Kind::Call)
    }

    /// Whether it is a list of keys and values.
    pub(super) fn is_keyword(&self) -> bool {
        self.kind == Kind::List && !self.entries.is_empty() && self.entries.iter().all(|entry| !entry.key.is_empty())
    }
}

/// A number that stands for a text, or for any other part of a value.
pub(super) fn hash(text: impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Reads a text. Of one that was cut, the mark at its end is no part of what is read.
pub(super) fn read(text: &str) -> Node<'_> {
    let whole = || leaf(Kind::Other, text);
    let attempt = |text| {
        let mut reader = Reader { text, at: 0, parts: 0 };
        let node = reader.value(0);
        (reader.at == text.len()).then_some(node)
    };
    match text.strip_suffix(CUT) {
        Some(kept) => attempt(kept).filter(Node::is_open).or_else(|| attempt(text)).unwrap_or_else(whole),
        None => attempt(text).unwrap_or_else(whole),
    }
}

fn leaf(kind: Kind, text: &str) -> Node<'_> {
    Node { kind, text, open: "", close: "", entries: Vec::new() }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    parts: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn takes(&mut self, what: &str) -> bool {
        let there = self.rest().starts_with(what);
        if there {
            self.at += what.len();
        }
        there
    }

    /// Whether a value may end here.
    fn ends_here(&self) -> bool {
        let rest = self.rest();
        rest.is_empty() || [", ", "]", "}", ")", ">>", " => ", " | "].iter().any(|end| rest.starts_with(end))
    }

    fn value(&mut self, depth: usize) -> Node<'t> {
        let start = self.at;
        self.parts += 1;
        let node = if depth >= DEPTH || self.parts > PARTS { self.other() } else { self.known(depth) };
        if self.ends_here() {
            return node;
        }
        drop(node);
        self.at = start;
        self.other()
    }

    fn known(&mut self, depth: usize) -> Node<'t> {
        let rest = self.rest();
        let mut bytes = rest.bytes();
        match (bytes.next(), bytes.next()) {
            (Some(b'['), _) => self.container(Kind::List, 1, "]", depth),
            (Some(b'{'), _) => self.container(Kind::Tuple, 1, "}", depth),
            (Some(b'<'), Some(b'<')) => self.container(Kind::Bitstring, 2, ">>", depth),
            (Some(b'%'), Some(b'{')) => self.container(Kind::Map, 2, "}", depth),
            (Some(b'%'), _) => match rest[1..].find(|c| !in_alias(c)).filter(|end| rest[1 + end..].starts_with('{')) {
                Some(end) => self.container(Kind::Struct, end + 2, "}", depth),
                None => self.other(),
            },
            (Some(b'"'), _) => self.quoted(Kind::String, 1),
            (Some(b'~'), Some(b'c')) if rest.starts_with("~c\"") => self.quoted(Kind::Charlist, 3),
            (Some(b':'), Some(b'"')) => {
                let length = 1 + quoted_length(&rest[1..], '"').0;
                self.leaf(Kind::Atom, length)
            }
            (Some(b':'), Some(_)) => self.leaf(Kind::Atom, atom_length(rest)),
            (Some(b'-' | b'0'..=b'9'), _) => self.number(),
            (Some(b'a'..=b'z' | b'A'..=b'Z'), _) => self.word(depth),
            _ => self.other(),
        }
    }

    fn leaf(&mut self, kind: Kind, length: usize) -> Node<'t> {
        let text = &self.rest()[..length];
        self.at += length;
        leaf(kind, text)
    }

    fn container(&mut self, kind: Kind, opening: usize, end: &'static str, depth: usize) -> Node<'t> {
        let (start, open) = (self.at, &self.rest()[..opening]);
        self.at += opening;
        let mut entries = Vec::new();
        let mut tail = false;
        let close = loop {
            if self.takes(end) {
                break &self.text[self.at - end.len()..self.at];
            }
            if self.rest().is_empty() {
                break "";
            }
            if !entries.is_empty() {
                tail = kind == Kind::List && self.takes(" | ");
                if !tail && !self.takes(", ") {
                    // Not a container after all; `value` sees that no value ends here.
                    break "";
                }
            }
            let before = self.at;
            entries.push(self.entry(kind, depth, tail));
            if self.at == before {
                break "";
            }
        };
        let text = &self.text[start..self.at];
        Node { kind, text, open, close, entries }
    }

    fn entry(&mut self, kind: Kind, depth: usize, tail: bool) -> Entry<'t> {
        let start = self.at;
        let (mut key, mut arrow) = ("", "");
        if matches!(kind, Kind::List | Kind::Map | Kind::Struct)
            && let Some(length) = keyword_length(self.rest())
        {
            (key, arrow) = (&self.rest()[..length], ": ");
            self.at += length + 2;
        }
        let mut value = self.value(depth + 1);
        if kind == Kind::Map && key.is_empty() && self.takes(" => ") {
            (key, arrow) = (value.text, " => ");
            value = self.value(depth + 1);
        }
        Entry { text: &self.text[start..self.at], key, arrow, tail, value }
    }

    fn quoted(&mut self, kind: Kind, opening: usize) -> Node<'t> {
        let rest = self.rest();
        let (length, closed) = quoted_length(&rest[opening - 1..], '"');
        let end = opening - 1 + length;
        let close = if closed { &rest[end - 1..end] } else { "" };
        self.at += end;
        Node { kind, text: &rest[..end], open: &rest[..opening], close, entries: Vec::new() }
    }

    fn number(&mut self) -> Node<'t> {
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let sign = usize::from(bytes[0] == b'-');
        let mut end = digits(sign);
        if end == sign {
            return self.other();
        }
        let mut kind = Kind::Integer;
        if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
            kind = Kind::Float;
            end = digits(end + 1);
            if bytes.get(end) == Some(&b'e') {
                end = digits(end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+'))));
            }
        }
        self.leaf(kind, end)
    }

    fn word(&mut self, depth: usize) -> Node<'t> {
        let rest = self.rest();
        let length = rest.find(|c| !in_alias(c)).unwrap_or(rest.len());
        let word = &rest[..length];
        if rest[length..].starts_with('(') {
            return self.container(Kind::Call, length + 1, ")", depth);
        }
        if matches!(word, "nil" | "true" | "false") || word.starts_with(|c: char| c.is_ascii_uppercase()) {
            return self.leaf(Kind::Atom, length);
        }
        self.other()
    }

    /// One piece up to where a value may end, with what is nested in it.
    fn other(&mut self) -> Node<'t> {
        let rest = self.rest();
        let mut open: Vec<char> = Vec::new();
        let mut at = 0;
        let mut before = ' ';
        while let Some(c) = rest[at..].chars().next() {
            let here = &rest[at..];
            if open.is_empty()
                && (matches!(c, ']' | '}' | ')') || [", ", ">>", " => ", " | "].iter().any(|end| here.starts_with(end)))
            {
                break;
            }
            let mut length = c.len_utf8();
            match c {
                '[' => open.push(']'),
                '{' => open.push('}'),
                '(' => open.push(')'),
                '<' if before.is_alphanumeric() || here.starts_with("<<") || before == '<' => open.push('>'),
                '"' => length = quoted_length(here, '"').0,
                '~' => length = sigil_length(here),
                _ if open.last() == Some(&c) => {
                    open.pop();
                }
                _ => {}
            }
            before = c;
            at += length;
        }
        self.leaf(Kind::Other, at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The kinds, nested as the value is.
    fn outline(node: &Node<'_>) -> String {
        let inside: Vec<String> = node
            .entries
            .iter()
            .map(|entry| {
                let key = if entry.key.is_empty() { String::new() } else { format!("{}{}", entry.key, entry.arrow) };
                format!("{}{key}{}", if entry.tail { "|" } else { "" }, outline(&entry.value))
            })
            .collect();
        if node.is_container() { format!("{:?}({})", node.kind, inside.join(" ")) } else { format!("{:?}", node.kind) }
    }

    #[test]
    fn values_are_read_as_inspect_writes_them() {
        for (text, expected) in [
            ("[1, -2, 3.0, 1.0e-30]", "List(Integer Integer Float Float)"),
            ("{:ok, \"a, ]\\\"b\"}", "Tuple(Atom String)"),
            ("%{1 => 2, :a => 3, \"k\" => %{x: 1}}", "Map(1 => Integer :a => Integer \"k\" => Map(x: Integer))"),
            ("%P{name: nil, age: 1}", "Struct(name: Atom age: Integer)"),
            ("[a: 1, b: [c: 2]]", "List(a: Integer b: List(c: Integer))"),
            ("[1 | 2]", "List(Integer |Integer)"),
            ("MapSet.new([1, 2])", "Call(List(Integer Integer))"),
            ("[1..10//2, ~D[2026-01-01], &Enum.map/2, Enum]", "List(Other Other Other Atom)"),
            ("#Priv<a: 1, ...>", "Other"),
            ("[#Stream<[enum: [1], funs: [#Function<49.1/1 in Stream.map/2>]]>, 1]", "List(Other Integer)"),
            ("~c\"it\\\"s\"", "Charlist"),
            ("%{\"a b\": 1, É: 2}", "Map(\"a b\": Integer É: Integer)"),
            ("[:\"a b\", :+, :<<>>, :{}, :a]", "List(Atom Atom Atom Atom Atom)"),
            ("<<255, 1::size(3)>>", "Bitstring(Integer Other)"),
            ("~r/a\\/\"b/i", "Other"),
            ("{}", "Tuple()"),
            ("5 apples, and more", "Other"),
            ("[+: 1]", "List(+: Integer)"),
            ("", "Other"),
        ] {
            let node = read(text);
            assert_eq!(outline(&node), expected, "{text}");
            assert_eq!(node.text, text);
        }
    }

    #[test]
    fn a_text_that_was_cut_keeps_its_outline() {
        assert_eq!(outline(&read("[1, {:ok, \"ab…")), "List(Integer Tuple(Atom String))");
        assert_eq!(outline(&read("[1, 2…")), "List(Integer Integer)");
    }

    #[test]
    fn what_is_nested_too_deep_is_one_piece() {
        let text = "[".repeat(20_000);
        assert_eq!(read(&text).text, text);
        let text = format!("{}{}", "{[".repeat(9_000), "]}".repeat(9_000));
        assert_eq!(read(&text).text, text);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_loss(text in "[\\[\\]{}()%<>#~:,\" |=a-cA-C0-2.é\\\\/-]{0,60}") {
            prop_assert_eq!(read(&text).text, text.as_str());
        }
    }
}
