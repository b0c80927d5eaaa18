//! The course: chapters of lessons, rendered once and held in memory.

use std::sync::Arc;

use super::exercise::Exercise;
use super::glossary::Glossary;
use super::ids::{ExerciseId, ImageName, LessonSlug};

/// All lessons, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Course {
    /// Chapters in the order of their folders' numbers.
    pub chapters: Vec<Chapter>,
    /// The words that are explained apart.
    pub glossary: Glossary,
}

/// A folder of lessons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// From the folder's name: `01-first-steps` is called "First steps".
    pub title: String,
    /// Lessons in the order of their files' numbers.
    pub lessons: Vec<Lesson>,
}

/// One lesson file.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// About how long it takes, see [`minutes`].
    pub minutes: u32,
    /// Its headings, for a table of contents.
    pub headings: Vec<Heading>,
    /// The pictures that it shows.
    pub pictures: Vec<Picture>,
    /// Anchors of the terms that it links to, in the order of their first use.
    pub terms: Vec<String>,
}

/// A picture of a lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// A hash of its content, and the ending of its kind.
    pub name: String,
    /// Its media type.
    pub kind: &'static str,
    /// Its file.
    pub bytes: Arc<[u8]>,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text, rendered and safe to put on a page.
    Html(String),
    /// A runnable example.
    Run {
        /// The code as written.
        code: String,
        /// The code, highlighted.
        html: String,
        /// The image that it runs in, where it needs packages.
        image: Option<ImageName>,
    },
    /// An exercise.
    Exercise(Box<PlacedExercise>),
}

/// An exercise as it stands in a lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedExercise {
    /// What judges it, and its starter.
    pub exercise: Exercise,
    /// What it asks, rendered, its heading included.
    pub statement: String,
    /// Hints in order.
    pub hints: Vec<Hint>,
    /// What the author says of other ways to solve it, for those who have: what was unfolded under "Other ways".
    pub other_ways: Vec<Hint>,
    /// The visible cases as a session, highlighted; empty when all are hidden.
    pub examples_html: String,
    /// The names of its ExUnit tests, where they can be told before these ran.
    pub test_names: Vec<String>,
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

/// Words that are read in a minute where each sentence is to be understood: the lower end of what is measured for technical
/// texts (Brysbaert, "How many words do we read per minute?", 2019, has 238 for plain ones).
const WORDS_A_MINUTE: usize = 180;

/// Minutes for an example that one looks at, or runs, and for an exercise.
const MINUTES: (f64, f64) = (0.5, 6.0);

/// About how many minutes it takes to read these parts and to solve their exercises, in steps of five.
#[must_use]
pub fn minutes(parts: &[Part]) -> u32 {
    let minutes: f64 = parts
        .iter()
        .map(|part| match part {
            Part::Html(html) => words(html) as f64 / WORDS_A_MINUTE as f64,
            Part::Run { .. } => MINUTES.0,
            Part::Exercise(placed) => words(&placed.statement) as f64 / WORDS_A_MINUTE as f64 + MINUTES.1,
        })
        .sum();
    // It is positive and small.
    (minutes / 5.0).ceil().max(1.0) as u32 * 5
}

impl Lesson {
    /// The code of the block of this number that a reader can run, counted from 1, and the image that it needs.
    #[must_use]
    pub fn block(&self, number: usize) -> Option<(&str, Option<&ImageName>)> {
        let mut blocks = self.parts.iter().filter_map(|part| match part {
            Part::Run { code, image, .. } => Some((code.as_str(), image.as_ref())),
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

/// Words of a text in HTML, those of its tags apart.
fn words(html: &str) -> usize {
    let (mut words, mut in_tag, mut in_word) = (0, false, false);
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ if in_tag => {}
            c if c.is_whitespace() => in_word = false,
            _ if !in_word => {
                in_word = true;
                words += 1;
            }
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_those_of_the_text() {
        assert_eq!(words("<p class=\"a b\">One <em>two</em> three-and-a-half.</p>\n<p>four</p>"), 4);
        assert_eq!(words(""), 0);
    }
}
