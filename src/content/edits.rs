//! Changes to a text by place, made all at once.

use std::ops::Range;

/// Another text for a stretch of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Bytes of the file's text.
    pub range: Range<usize>,
    /// What to write there.
    pub text: String,
}

/// The text with all edits made. Those that reach into another one, which begins before them or was asked for first, are
/// left out.
#[must_use]
pub fn edited(text: &str, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.range.start);
    let (mut result, mut at) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        if edit.range.start >= at && edit.range.end <= text.len() {
            result.push_str(&text[at..edit.range.start]);
            result.push_str(&edit.text);
            at = edit.range.end;
        }
    }
    result.push_str(&text[at..]);
    result
}

/// Edits that are gathered one by one.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<Edit>);

impl Edits {
    pub fn replace(&mut self, range: Range<usize>, by: impl Into<String>) {
        self.0.push(Edit { range, text: by.into() });
    }

    pub fn apply(&self, text: &str) -> String {
        edited(text, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_text_before() {
        let mut edits = Edits::default();
        edits.replace(4..5, "-");
        edits.replace(0..1, "abc");
        edits.replace(0..3, "lost");
        assert_eq!(edits.apply("x2345"), "abc234-");
    }

    #[test]
    fn edits_are_made_in_order_and_never_into_each_other() {
        let edit = |range, text: &str| Edit { range, text: text.to_owned() };
        let edits = [edit(4..7, "zwei"), edit(0..3, "eins"), edit(5..9, "no")];
        assert_eq!(edited("one two!", &edits), "eins zwei!");
    }
}
