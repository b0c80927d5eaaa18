//! Where two texts differ: by lines, inside these by words, inside these by characters.

use unicode_segmentation::UnicodeSegmentation as _;

use super::align::{Pair, align};
use super::shape::hash;

/// A stretch of two texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stretch<'t> {
    /// The same in both.
    Same(&'t str),
    /// This in one, that in the other; one of them may be empty.
    Changed(&'t str, &'t str),
}

/// Below this share of common characters, in percent of the shorter one, two words have nothing to do with each other.
const ALIKE_PERCENT: usize = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Lines,
    Words,
    Characters,
}

/// Compares two texts. With `escapes`, a backslash and what belongs to it are one character, as in a string that
/// `inspect` shows.
pub(super) fn compare<'t>(left: &'t str, right: &'t str, escapes: bool) -> Vec<Stretch<'t>> {
    let mut stretches = Vec::new();
    refine(left, right, escapes, Level::Lines, &mut stretches);
    stretches
}

fn refine<'t>(left: &'t str, right: &'t str, escapes: bool, level: Level, out: &mut Vec<Stretch<'t>>) {
    if left == right {
        return push(out, Stretch::Same(left));
    }
    if left.is_empty() || right.is_empty() {
        return push(out, Stretch::Changed(left, right));
    }
    let (lefts, rights) = (split(left, escapes, level), split(right, escapes, level));
    let hashes = |parts: &[&str]| parts.iter().map(hash).collect::<Vec<_>>();
    let pairs = align(&hashes(&lefts), &hashes(&rights), &|l, r| {
        // Lines that changed are compared with each other; words and characters are there or not.
        if level == Level::Lines { resemblance(lefts[l], rights[r]) } else { 0 }
    });
    let mut found = Vec::new();
    let (mut l, mut r) = (0, 0);
    let (mut l_from, mut r_from) = (0, 0);
    for pair in pairs {
        let (left_part, right_part) = match pair {
            Pair::Both(l, r) => (lefts[l], rights[r]),
            Pair::Left(l) => (lefts[l], ""),
            Pair::Right(r) => ("", rights[r]),
        };
        let paired = matches!(pair, Pair::Both(..));
        if paired {
            between(&left[l_from..l], &right[r_from..r], escapes, level, &mut found);
        }
        (l, r) = (l + left_part.len(), r + right_part.len());
        if paired {
            if left_part == right_part {
                push(&mut found, Stretch::Same(left_part));
            } else {
                deeper(left_part, right_part, escapes, level, &mut found);
            }
            (l_from, r_from) = (l, r);
        }
    }
    between(&left[l_from..], &right[r_from..], escapes, level, &mut found);
    found = joined(left, right, &found, |_, _| false);
    if level == Level::Characters {
        let last = found.len().saturating_sub(1);
        // One equal character between two changes helps nobody: it is taken into them.
        found = joined(left, right, &found, |index, text| {
            index > 0 && index < last && text.graphemes(true).nth(1).is_none()
        });
    }
    if level != Level::Lines && strangers(left, right, &found) {
        found = vec![Stretch::Changed(left, right)];
    }
    for stretch in found {
        push(out, stretch);
    }
}

fn between<'t>(left: &'t str, right: &'t str, escapes: bool, level: Level, out: &mut Vec<Stretch<'t>>) {
    if left.is_empty() && right.is_empty() {
        return;
    }
    // Lines that resemble no other one are new or gone as a whole.
    if level == Level::Lines && left.lines().count() + right.lines().count() > 2 {
        return push(out, Stretch::Changed(left, right));
    }
    deeper(left, right, escapes, level, out);
}

fn deeper<'t>(left: &'t str, right: &'t str, escapes: bool, level: Level, out: &mut Vec<Stretch<'t>>) {
    match level {
        Level::Lines => refine(left, right, escapes, Level::Words, out),
        Level::Words => refine(left, right, escapes, Level::Characters, out),
        Level::Characters => push(out, Stretch::Changed(left, right)),
    }
}

/// How much two lines resemble each other by their beginnings and ends, from 0 to 8.
fn resemblance(left: &str, right: &str) -> u32 {
    let (l, r) = (left.trim().as_bytes(), right.trim().as_bytes());
    let shorter = l.len().min(r.len());
    if shorter == 0 {
        return 0;
    }
    let prefix = l.iter().zip(r).take_while(|(l, r)| l == r).count();
    let suffix = l.iter().rev().zip(r.iter().rev()).take(shorter - prefix).take_while(|(l, r)| l == r).count();
    u32::try_from((prefix + suffix) * 8 / shorter).unwrap_or(8)
}

fn push<'t>(out: &mut Vec<Stretch<'t>>, stretch: Stretch<'t>) {
    if !matches!(stretch, Stretch::Same("") | Stretch::Changed("", "")) {
        out.push(stretch);
    }
}

/// The same stretches, with neighbours of one kind in one. `taken` says which equal ones go into the changes around them.
fn joined<'t>(
    left: &'t str,
    right: &'t str,
    found: &[Stretch<'t>],
    taken: impl Fn(usize, &str) -> bool,
) -> Vec<Stretch<'t>> {
    let mut out: Vec<Stretch<'t>> = Vec::new();
    // Where the pending stretch begins on each side, and where it ends so far.
    let (mut from, mut to) = ((0, 0), (0, 0));
    let mut pending_same = true;
    let close = |from: (usize, usize), to: (usize, usize), same: bool, out: &mut Vec<Stretch<'t>>| {
        let (l, r) = (&left[from.0..to.0], &right[from.1..to.1]);
        push(out, if same { Stretch::Same(l) } else { Stretch::Changed(l, r) });
    };
    for (index, stretch) in found.iter().enumerate() {
        let (lengths, same) = match stretch {
            Stretch::Same(text) => ((text.len(), text.len()), !taken(index, text)),
            Stretch::Changed(left, right) => ((left.len(), right.len()), false),
        };
        if same != pending_same {
            close(from, to, pending_same, &mut out);
            (from, pending_same) = (to, same);
        }
        to = (to.0 + lengths.0, to.1 + lengths.1);
    }
    close(from, to, pending_same, &mut out);
    out
}

fn strangers(left: &str, right: &str, found: &[Stretch<'_>]) -> bool {
    let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let common: usize =
        found.iter().map(|stretch| if let Stretch::Same(text) = stretch { solid(text) } else { 0 }).sum();
    common * 100 < solid(left).min(solid(right)) * ALIKE_PERCENT
}

fn split(text: &str, escapes: bool, level: Level) -> Vec<&str> {
    match level {
        Level::Lines if escapes => escaped_lines(text),
        Level::Lines => text.split_inclusive('\n').collect(),
        Level::Words => runs(text, escapes),
        Level::Characters => characters(text, escapes),
    }
}

fn escaped_lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut from = 0;
    let mut at = 0;
    for part in characters(text, true) {
        at += part.len();
        if part == "\\n" {
            lines.push(&text[from..at]);
            from = at;
        }
    }
    if from < text.len() {
        lines.push(&text[from..]);
    }
    lines
}

/// Words, runs of one white character, and everything else one by one.
fn runs(text: &str, escapes: bool) -> Vec<&str> {
    let class = |part: &str| match part.chars().next() {
        Some(c) if c.is_alphanumeric() || c == '_' => 1,
        Some(' ') => 2,
        _ => 0,
    };
    let mut words = Vec::new();
    let (mut from, mut at, mut last) = (0, 0, 0);
    for part in characters(text, escapes) {
        let this = class(part);
        if at > from && (this != last || this == 0) {
            words.push(&text[from..at]);
            from = at;
        }
        at += part.len();
        last = this;
    }
    words.push(&text[from..at]);
    words
}

/// What people take for one character.
fn characters(text: &str, escapes: bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let plain = if escapes { rest.find('\\').unwrap_or(rest.len()) } else { rest.len() };
        parts.extend(rest[..plain].graphemes(true));
        rest = &rest[plain..];
        if !rest.is_empty() {
            let (escape, after) = rest.split_at(escape_length(rest));
            parts.push(escape);
            rest = after;
        }
    }
    parts
}

/// Length of what a text begins with: `\n`, `\"`, `\x{..}`, `\xFF`, `\u200B`, `\u{..}`.
pub(super) fn escape_length(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match chars.next() {
        Some((_, 'x' | 'u')) if text[2..].starts_with('{') => text.find('}').map_or(text.len(), |end| end + 1),
        Some((_, 'x')) => hexadecimal(text, 4),
        Some((_, 'u')) => hexadecimal(text, 6),
        Some((at, c)) => at + c.len_utf8(),
        None => text.len(),
    }
}

fn hexadecimal(text: &str, longest: usize) -> usize {
    2 + text[2..].bytes().take(longest - 2).take_while(u8::is_ascii_hexdigit).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn show(left: &str, right: &str) -> String {
        compare(left, right, true)
            .into_iter()
            .map(|stretch| match stretch {
                Stretch::Same(text) => text.to_owned(),
                Stretch::Changed(left, right) => format!("«{left}|{right}»"),
            })
            .collect()
    }

    #[test]
    fn words_and_characters_that_differ_are_found() {
        assert_eq!(show("Hello World", "Hello, World"), "Hello«|,» World");
        assert_eq!(show("abc", "abc "), "abc«| »");
        assert_eq!(show("kitten", "sitting"), "«k|s»itt«en|ing»");
        assert_eq!(show("one two three", "one 2 three"), "one «two|2» three");
        assert_eq!(show("a\\tb", "a b"), "a«\\t| »b");
        assert_eq!(show("black", "white"), "«black|white»");
        assert_eq!(show("a\\u200Bb", "ab"), "a«\\u200B|»b");
        assert_eq!(show("colour", "color"), "colo«u|»r");
    }

    #[test]
    fn lines_are_compared_with_the_line_they_resemble() {
        let found = compare("one\ntwo\nthree\n", "one\nthree \n", false);
        assert_eq!(
            found,
            [
                Stretch::Same("one\n"),
                Stretch::Changed("two\n", ""),
                Stretch::Same("three"),
                Stretch::Changed("", " "),
                Stretch::Same("\n")
            ]
        );
    }

    proptest! {
        #[test]
        fn both_texts_can_be_put_together_again(left in "[ab\\\\nx{}é \n]{0,40}", right in "[ab\\\\nx{}é \n]{0,40}", escapes: bool) {
            let found = compare(&left, &right, escapes);
            let side = |pick: fn(&Stretch<'_>) -> String| found.iter().map(pick).collect::<String>();
            let lefts = side(|stretch| match stretch { Stretch::Same(text) | Stretch::Changed(text, _) => (*text).to_owned() });
            let rights = side(|stretch| match stretch { Stretch::Same(text) | Stretch::Changed(_, text) => (*text).to_owned() });
            prop_assert_eq!(lefts, left);
            prop_assert_eq!(rights, right);
        }
    }
}
