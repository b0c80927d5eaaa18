//! What every page has: title, theme, who is here, and the course at the side.

use serde::Serialize;

use super::course::{ChapterView, CourseMap};
use crate::domain::account::{Role, User, may_review};

/// The frame of a page.
#[derive(Debug, Clone, Serialize)]
pub struct Layout {
    /// Title of the page.
    pub title: String,
    /// `light` or `dark`, when the reader chose one.
    pub theme: Option<&'static str>,
    /// Path and query of the page, to come back to.
    pub here: String,
    /// Who is here.
    pub account: Option<AccountView>,
    /// Whether somebody was signed in and is not any more.
    pub session_ended: bool,
    /// The course at the side.
    pub sidebar: Vec<ChapterView>,
    /// What the course's glossary is called, if it has one.
    pub glossary: Option<String>,
    /// Whether the side says how far the reader is: not on pages that did not ask.
    pub tallies: bool,
}

/// Who is here.
#[derive(Debug, Clone, Serialize)]
pub struct AccountView {
    name: String,
    role: &'static str,
    guest: bool,
    reviews: bool,
}

impl AccountView {
    /// The account in the header.
    #[must_use]
    pub fn new(user: &User) -> Self {
        Self {
            name: user.name.clone(),
            role: user.role.as_str(),
            guest: user.role == Role::Guest,
            reviews: may_review(user),
        }
    }
}

impl Layout {
    /// Puts the course at the side, with the lesson of this page marked.
    #[must_use]
    pub fn with_course(mut self, map: &CourseMap, current: Option<&str>) -> Self {
        self.sidebar = map.chapters.clone();
        for lesson in self.sidebar.iter_mut().flat_map(|chapter| &mut chapter.lessons) {
            lesson.current = Some(lesson.slug.as_str()) == current;
        }
        self
    }
}
