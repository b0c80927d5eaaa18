//! What templates are given: plain values made from domain values, with every choice of words already taken.

pub mod attempts;
pub mod block;
pub mod console;
pub mod course;
pub mod difference;
pub mod draft;
pub mod excerpt;
pub mod exercise;
#[cfg(test)]
pub mod fixtures;
pub mod glossary;
pub mod hints;
pub mod layout;
pub mod lesson;
pub mod next;
pub mod passed;
pub mod regrade;
pub mod report;
pub mod result;
pub mod rows;
pub mod sent;
pub mod submission;
pub mod tokens;
pub mod waiting;
pub mod words;

use serde::Serialize;

/// Lets a view stand in a template's context.
macro_rules! as_template_values {
    ($($view:ty),+ $(,)?) => {$(
        impl From<&$view> for minijinja::Value {
            fn from(view: &$view) -> Self {
                Self::from(minijinja::value::Serde(view))
            }
        }

        impl From<$view> for minijinja::Value {
            fn from(view: $view) -> Self {
                Self::from(minijinja::value::Serde(&view))
            }
        }
    )+};
}

as_template_values! {
    block::BlockDesk,
    console::ConsoleView,
    course::CourseMap,
    glossary::GlossaryView,
    layout::Layout,
    lesson::LessonView,
    exercise::Message,
    result::ResultView,
    passed::PassedView,
    regrade::GroupView,
    regrade::RegradeView,
    rows::RowView,
    sent::ListedFile,
    tokens::TokenView,
    waiting::WaitingView,
}

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
