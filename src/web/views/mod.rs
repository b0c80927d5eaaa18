//! What templates are given: plain values made from domain values, with every choice of words already taken.

pub mod course;
pub mod difference;
pub mod excerpt;
pub mod layout;
pub mod lesson;
pub mod result;
pub mod rows;
pub mod submission;
pub mod words;

use serde::Serialize;

/// A stretch of text, marked or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Whether it is what the reader should look at.
    pub marked: bool,
}

impl Piece {
    /// Text that needs no attention.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), marked: false }
    }

    /// Text to look at.
    #[must_use]
    pub fn marked(text: impl Into<String>) -> Self {
        Self { text: text.into(), marked: true }
    }
}
