//! The glossary of a course: words that are explained once and linked from the lessons.

use super::lesson::{Course, Lesson};

/// All terms, by name. A course without a glossary has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Glossary {
    /// What the page is called.
    pub title: String,
    /// What stands above the terms, rendered and safe to put on a page; may be empty.
    pub intro: String,
    /// The terms in the order of their names.
    pub terms: Vec<Term>,
}

/// A word and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The word, plain.
    pub name: String,
    /// Anchor on the glossary's page.
    pub anchor: String,
    /// The definition, rendered and safe to put on a page.
    pub html: String,
    /// Its first sentence, plain.
    pub first: String,
}

impl Glossary {
    /// The term of that anchor.
    #[must_use]
    pub fn term(&self, anchor: &str) -> Option<&Term> {
        self.terms.iter().find(|term| term.anchor == anchor)
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Puts the terms in the order of their names, whatever their letters' size.
    pub fn sort(&mut self) {
        self.terms.sort_by_cached_key(|term| (term.name.to_lowercase(), term.anchor.clone()));
    }
}

impl Course {
    /// The terms that a lesson uses, in the order of their first use.
    pub fn terms_of<'c>(&'c self, lesson: &'c Lesson) -> impl Iterator<Item = &'c Term> {
        lesson.terms.iter().filter_map(|anchor| self.glossary.term(anchor))
    }

    /// The lessons that use a term, in their order.
    pub fn lessons_with<'c>(&'c self, term: &'c Term) -> impl Iterator<Item = &'c Lesson> {
        self.lessons().filter(|lesson| lesson.terms.contains(&term.anchor))
    }
}
