//! Both sides of a comparison as a template shows them.

use serde::Serialize;

use crate::domain::difference::{self, Difference, Mark, Segment};

/// A stretch of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    text: String,
    mark: Mark,
    /// For a character that cannot be seen: what is shown in its place.
    sign: Option<String>,
    /// For a character that cannot be seen: what it is called.
    name: Option<String>,
}

impl From<Segment> for Piece {
    fn from(segment: Segment) -> Self {
        let (sign, name) = segment.stand_in().unzip();
        // A line that ends where it should not still ends.
        let text = if segment.mark == Mark::Invisible && segment.text != "\n" { String::new() } else { segment.text };
        Self { text, mark: segment.mark, sign, name }
    }
}

/// Text without marks.
#[must_use]
pub fn plain(text: &str) -> Vec<Piece> {
    vec![Piece { text: text.to_owned(), mark: Mark::Same, sign: None, name: None }]
}

/// Both sides of a comparison.
#[derive(Debug, Clone)]
pub struct Sides {
    /// What was expected.
    pub expected: Vec<Piece>,
    /// What came out.
    pub actual: Vec<Piece>,
    /// What is wrong, in a sentence.
    pub explanation: Option<String>,
    /// Whether some of it is not shown.
    pub folded: bool,
}

/// Compares two values, or with `printed` what was printed.
#[must_use]
pub fn mark(expected: &str, actual: &str, printed: bool) -> Sides {
    let compared =
        if printed { difference::of_output(expected, actual) } else { difference::of_values(expected, actual) };
    let folded = compared.is_folded();
    let Difference { expected, actual, explanation } = compared;
    let pieces = |segments: Vec<Segment>| segments.into_iter().map(Piece::from).collect();
    Sides { expected: pieces(expected), actual: pieces(actual), explanation, folded }
}
