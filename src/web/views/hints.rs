//! Hints, which open one after the other: a second one is not read before the first was thought about.

use serde::Serialize;

use crate::domain::lesson::Hint;

/// The hints of an exercise for somebody.
#[derive(Debug, Serialize)]
pub struct HintsView {
    opened: Vec<HintView>,
    /// The next one, if one is left.
    next: Option<NextHint>,
}

/// A hint that is open.
#[derive(Debug, Clone, Serialize)]
pub struct HintView {
    /// What it is called.
    pub summary: String,
    /// Its text, rendered.
    pub html: String,
}

/// The hint that can be opened next.
#[derive(Debug, Clone, Serialize)]
pub struct NextHint {
    /// Its place, from 1.
    pub number: usize,
    /// How many there are in all.
    pub of: usize,
}

impl HintsView {
    /// Those of an exercise, of which so many are open.
    #[must_use]
    pub fn new(hints: &[Hint], opened: usize) -> Self {
        let opened = opened.min(hints.len());
        Self {
            opened: hints[..opened].iter().map(HintView::new).collect(),
            next: (opened < hints.len()).then_some(NextHint { number: opened + 1, of: hints.len() }),
        }
    }

    /// The next one.
    #[must_use]
    pub const fn next(&self) -> Option<&NextHint> {
        self.next.as_ref()
    }
}

impl HintView {
    /// A hint as it is shown.
    #[must_use]
    pub fn new(hint: &Hint) -> Self {
        Self { summary: hint.summary.clone(), html: hint.html.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_hint_is_the_first_that_is_closed_and_the_text_of_closed_ones_is_not_on_the_page() {
        let hints: Vec<_> =
            ["One", "Two"].map(|text| Hint { summary: text.into(), html: format!("<p>{text}</p>") }).into();
        let view = |opened| serde_json::to_value(HintsView::new(&hints, opened)).unwrap();
        assert_eq!(view(0), serde_json::json!({ "opened": [], "next": { "number": 1, "of": 2 } }));
        assert_eq!(view(1)["next"]["number"], 2);
        assert!(!view(1).to_string().contains("Two"));
        assert_eq!(view(2)["next"], serde_json::Value::Null);
        assert_eq!(view(7)["opened"].as_array().unwrap().len(), 2, "a hint that was taken out of the lesson");
        assert_eq!(HintsView::new(&[], 0).next().map(|next| next.of), None);
    }
}
