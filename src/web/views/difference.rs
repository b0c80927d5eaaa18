//! Where two printed values differ, marked inside the values.

use std::time::Duration;

use similar::{Algorithm, ChangeTag, TextDiff};

use super::Piece;

/// Longest time spent on finding the smallest difference; past it the marking is right but coarser.
const PATIENCE: Duration = Duration::from_millis(20);

/// Below this share of common tokens the values have nothing to do with each other, and marking bits of them misleads.
const ALIKE: f32 = 0.2;

/// The expected and the actual text, with what differs marked in each.
#[must_use]
pub fn mark(expected: &str, actual: &str) -> (Vec<Piece>, Vec<Piece>) {
    if expected == actual {
        return (vec![Piece::plain(expected)], vec![Piece::plain(actual)]);
    }
    let (old, new) = (tokens(expected), tokens(actual));
    let difference = TextDiff::configure().algorithm(Algorithm::Myers).timeout(PATIENCE).diff_slices::<str>(&old, &new);
    if difference.ratio() < ALIKE {
        return (whole(expected), whole(actual));
    }
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for change in difference.iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => {
                push(&mut left, change.value(), false);
                push(&mut right, change.value(), false);
            }
            ChangeTag::Delete => push(&mut left, change.value(), true),
            ChangeTag::Insert => push(&mut right, change.value(), true),
        }
    }
    (left, right)
}

fn whole(text: &str) -> Vec<Piece> {
    if text.is_empty() { Vec::new() } else { vec![Piece::marked(text)] }
}

fn push(pieces: &mut Vec<Piece>, text: &str, marked: bool) {
    match pieces.last_mut() {
        Some(last) if last.marked == marked => last.text.push_str(text),
        _ => pieces.push(Piece { text: text.to_owned(), marked }),
    }
}

/// Splits a printed term: names and numbers stay whole, white space stays together, everything else is one character.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        // A sign belongs to its number, but `a-1` and `1-1` are a subtraction or a date.
        let after_word = tokens.last().is_some_and(|token: &&str| token.ends_with(is_word));
        let length = match number(rest).filter(|_| !after_word) {
            Some(length) => length,
            None if is_word(first) => run(rest, is_word),
            None if first.is_whitespace() => run(rest, char::is_whitespace),
            None => first.len_utf8(),
        };
        let (token, next) = rest.split_at(length);
        tokens.push(token);
        rest = next;
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn run(text: &str, belongs: fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Length of the number that `text` begins with.
fn number(text: &str) -> Option<usize> {
    let sign = usize::from(text.starts_with('-'));
    let digits = &text[sign..];
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let whole = run(digits, is_word);
    let fraction = digits[whole..].strip_prefix('.').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    Some(sign + whole + fraction.map_or(0, |rest| 1 + run(rest, is_word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(pieces: &[Piece]) -> String {
        pieces.iter().map(|p| if p.marked { format!("«{}»", p.text) } else { p.text.clone() }).collect()
    }

    fn marked(expected: &str, actual: &str) -> (String, String) {
        let (left, right) = mark(expected, actual);
        (show(&left), show(&right))
    }

    #[test]
    fn only_what_differs_is_marked() {
        assert_eq!(marked("[1, 2, 3]", "[1, 4, 3]"), ("[1, «2», 3]".into(), "[1, «4», 3]".into()));
        assert_eq!(marked("{:ok, \"ä\"}", "{:error, \"ä\"}"), ("{:«ok», \"ä\"}".into(), "{:«error», \"ä\"}".into()));
        assert_eq!(marked("{1, 2}", "{1.0, 2}"), ("{«1», 2}".into(), "{«1.0», 2}".into()));
        assert_eq!(marked("[-26]", "[26]"), ("[«-26»]".into(), "[«26»]".into()));
        assert_eq!(marked("~D[2026-01-02]", "~D[2026-01-03]"), ("~D[2026-01-«02»]".into(), "~D[2026-01-«03»]".into()));
    }

    #[test]
    fn values_without_anything_in_common_are_marked_whole() {
        assert_eq!(marked("nil", ":none"), ("«nil»".into(), "«:none»".into()));
        assert_eq!(marked("", "x"), (String::new(), "«x»".into()));
    }

    #[test]
    fn equal_texts_have_no_marks() {
        assert_eq!(marked("a", "a"), ("a".into(), "a".into()));
    }

    #[test]
    fn two_large_different_values_take_little_time() {
        let old: String = (0..4000).map(|n| format!("{n},")).collect();
        let new: String = (0..4000).map(|n| format!("{},", n * 7 % 4001)).collect();
        let begun = std::time::Instant::now();
        let _ = mark(&old, &new);
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
}
