//! Changes to a text by place, made all at once.

use std::ops::Range;

/// Replacements that do not overlap; where two do, the one that was asked for first stands.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    pub fn replace(&mut self, range: Range<usize>, by: impl Into<String>) {
        self.0.push((range, by.into()));
    }

    pub fn apply(mut self, text: &str) -> String {
        self.0.sort_by_key(|(range, _)| range.start);
        let mut changed = String::with_capacity(text.len());
        let mut at = 0;
        for (range, by) in self.0 {
            if range.start >= at {
                changed.push_str(&text[at..range.start]);
                changed.push_str(&by);
                at = range.end;
            }
        }
        changed.push_str(&text[at..]);
        changed
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
}
