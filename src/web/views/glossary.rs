//! The glossary, and the terms of a lesson.

use serde::Serialize;

use crate::domain::glossary::Term;
use crate::domain::lesson::{Course, Lesson};

/// The glossary's page.
#[derive(Debug, Serialize)]
pub struct GlossaryView {
    /// What it is called.
    pub title: String,
    intro: String,
    terms: Vec<EntryView>,
}

/// A term with its definition.
#[derive(Debug, Serialize)]
struct EntryView {
    #[serde(flatten)]
    term: TermView,
    html: String,
    lessons: Vec<LessonLink>,
}

#[derive(Debug, Serialize)]
struct LessonLink {
    slug: String,
    title: String,
}

/// A term in short.
#[derive(Debug, Serialize)]
pub struct TermView {
    name: String,
    anchor: String,
    first: String,
}

impl TermView {
    /// A term, by the first sentence of its definition.
    #[must_use]
    pub fn new(term: &Term) -> Self {
        Self { name: term.name.clone(), anchor: term.anchor.clone(), first: term.first.clone() }
    }
}

impl GlossaryView {
    /// The glossary of a course, each term with the lessons that use it; `None` where there is none.
    #[must_use]
    pub fn new(course: &Course) -> Option<Self> {
        let glossary = &course.glossary;
        let link = |lesson: &Lesson| LessonLink { slug: lesson.slug.to_string(), title: lesson.title.clone() };
        let terms = glossary.terms.iter().map(|term| EntryView {
            term: TermView::new(term),
            html: term.html.clone(),
            lessons: course.lessons_with(term).map(link).collect(),
        });
        let view = Self { title: glossary.title.clone(), intro: glossary.intro.clone(), terms: terms.collect() };
        (!glossary.is_empty()).then_some(view)
    }
}
