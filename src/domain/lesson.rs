//! The course: chapters of lessons, rendered once and held in memory.

use super::exercise::Exercise;
use super::ids::{ExerciseId, LessonSlug};

/// All lessons, in order.
#[derive(Debug, Clone, Default)]
pub struct Course {
    /// Chapters in the order of their folders' numbers.
    pub chapters: Vec<Chapter>,
}

/// A folder of lessons.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// From the folder's name: `01-first-steps` is called "First steps".
    pub title: String,
    /// Lessons in the order of their files' numbers.
    pub lessons: Vec<Lesson>,
}

/// One lesson file.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// The file's name without number and ending.
    pub slug: LessonSlug,
    /// From the front matter.
    pub title: String,
    /// From the front matter; may be empty.
    pub summary: String,
    /// Lessons that come before.
    pub needs: Vec<LessonSlug>,
    /// The file, relative to the course's folder.
    pub file: String,
    /// The page, in order.
    pub parts: Vec<Part>,
    /// Its headings, for a table of contents.
    pub headings: Vec<Heading>,
}

/// A heading within a lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 2 to 4.
    pub level: u8,
    /// Its text, plain.
    pub text: String,
    /// Anchor on the page.
    pub anchor: String,
}

/// A stretch of a lesson.
#[derive(Debug, Clone)]
pub enum Part {
    /// Text, rendered and safe to put on a page.
    Html(String),
    /// A runnable example.
    Run {
        /// The code as written.
        code: String,
        /// The code, highlighted.
        html: String,
    },
    /// An exercise.
    Exercise(Box<PlacedExercise>),
}

/// An exercise as it stands in a lesson.
#[derive(Debug, Clone)]
pub struct PlacedExercise {
    /// What judges it, and its starter.
    pub exercise: Exercise,
    /// What it asks, rendered, its heading included.
    pub statement: String,
    /// Hints in order.
    pub hints: Vec<Hint>,
    /// The visible cases as a session, highlighted; empty when all are hidden.
    pub examples_html: String,
    /// The reference solution, highlighted.
    pub solution_html: String,
}

/// A hint that the reader may open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What the closed hint is called, plain text.
    pub summary: String,
    /// Its text, rendered.
    pub html: String,
}

impl Course {
    /// Every lesson, in order.
    pub fn lessons(&self) -> impl Iterator<Item = &Lesson> {
        self.chapters.iter().flat_map(|chapter| &chapter.lessons)
    }

    /// The lesson of that name.
    #[must_use]
    pub fn lesson(&self, slug: &str) -> Option<&Lesson> {
        self.lessons().find(|lesson| lesson.slug.as_str() == slug)
    }

    /// Every exercise with its lesson, in order.
    pub fn exercises(&self) -> impl Iterator<Item = (&Lesson, &PlacedExercise)> {
        self.lessons().flat_map(|lesson| lesson.exercises().map(move |exercise| (lesson, exercise)))
    }

    /// The exercise of that id and its lesson.
    #[must_use]
    pub fn exercise(&self, id: &ExerciseId) -> Option<(&Lesson, &PlacedExercise)> {
        self.exercises().find(|(_, placed)| placed.exercise.id == *id)
    }
}

impl Lesson {
    /// The code of the block of this number that a reader can run, counted from 1.
    #[must_use]
    pub fn block(&self, number: usize) -> Option<&str> {
        let mut blocks = self.parts.iter().filter_map(|part| match part {
            Part::Run { code, .. } => Some(code.as_str()),
            Part::Html(_) | Part::Exercise(_) => None,
        });
        blocks.nth(number.checked_sub(1)?)
    }

    /// Its exercises, in order.
    pub fn exercises(&self) -> impl Iterator<Item = &PlacedExercise> {
        self.parts.iter().filter_map(|part| match part {
            Part::Exercise(placed) => Some(placed.as_ref()),
            Part::Html(_) | Part::Run { .. } => None,
        })
    }
}
