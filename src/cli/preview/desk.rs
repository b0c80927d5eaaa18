//! What is shown: the course as it was read last, what is wrong with it, and who is told of changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::content::{self, GLOSSARY, Kept, Loaded, Problem};
use crate::domain::exercise::Exercise;
use crate::domain::lesson::{Course, Lesson};

/// The course and its readers.
#[derive(Debug)]
pub(super) struct Desk {
    path: PathBuf,
    private: Option<PathBuf>,
    shown: ArcSwap<Shown>,
    /// A number that is another one after each change. It begins with the time, so that a page which outlived the
    /// process sees that this is another one.
    state: watch::Sender<i64>,
}

/// One reading of the course; never changed, only replaced.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub loaded: Loaded,
    /// Every lesson as it is, or as it was before its errors.
    pub kept: Kept,
}

impl Desk {
    /// Reads the course.
    pub fn new(path: PathBuf, private: Option<PathBuf>) -> Self {
        let state = watch::Sender::new(Timestamp::now().as_millisecond());
        let desk = Self { path, private, shown: ArcSwap::default(), state };
        desk.read();
        desk
    }

    /// Reads the course again.
    pub fn read(&self) {
        let loaded = content::load(&self.path, self.private.as_deref());
        let kept = content::keep_last_good(&loaded, &self.shown.load().kept.course);
        self.shown.store(Arc::new(Shown { loaded, kept }));
        self.tell();
    }

    /// The last reading.
    pub fn shown(&self) -> Arc<Shown> {
        self.shown.load_full()
    }

    /// Has every page look whether it is another one now.
    pub fn tell(&self) {
        self.state.send_modify(|state| *state += 1);
    }

    /// The number of the present state. Taken before anything is looked at, it is never newer than what is shown.
    pub fn state(&self) -> i64 {
        *self.state.borrow()
    }

    /// The number of the present state, and of each that follows.
    pub fn states(&self) -> watch::Receiver<i64> {
        self.state.subscribe()
    }
}

impl Shown {
    pub fn course(&self) -> &Course {
        &self.kept.course
    }

    /// What reading showed about a lesson, by its name: also of one that never was without errors.
    pub fn problems_of(&self, slug: &str) -> Vec<&Problem> {
        self.loaded.problems.iter().filter(|problem| is_of(&problem.file, slug)).collect()
    }

    /// What is wrong with the glossary.
    pub fn problems_of_glossary(&self) -> Vec<&Problem> {
        let is_it = |problem: &&Problem| Path::new(&problem.file).file_name().is_some_and(|name| name == GLOSSARY);
        self.loaded.problems.iter().filter(is_it).collect()
    }

    /// Lessons that cannot be shown, because they have had errors since the preview began.
    pub fn missing(&self) -> Vec<&str> {
        let slugs = self.loaded.outline.iter().map(|(_, slug)| slug.as_str());
        slugs.filter(|slug| self.course().lesson(slug).is_none()).collect()
    }

    /// The lines of the lesson's file that an exercise takes, both ends included, where the lesson is as it was read.
    pub fn lines(&self, lesson: &Lesson, exercise: &Exercise) -> Option<(u32, u32)> {
        self.loaded.course.lesson(lesson.slug.as_str())?;
        let source = self.loaded.source(&self.loaded.name_of(&lesson.file))?;
        let first = usize::try_from(exercise.line).ok()?;
        let after = source.text.lines().skip(first).position(|line| line.trim_start().starts_with("<!-- /exercise"))?;
        Some((exercise.line, exercise.line + u32::try_from(after).ok()? + 1))
    }
}

/// Whether a file is the lesson's, or holds hidden tests beside it: `01-a/02-lists.md` is "lists".
fn is_of(file: &str, slug: &str) -> bool {
    let name = Path::new(file).file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    name.split_once('-').is_some_and(|(_, name)| name == slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXERCISE: &str = "<!-- exercise: one -->\n### One\n\nWrite it.\n\n```elixir test\niex> One.of(1)\n1\n```\n\n\
                            ```elixir solution\ndefmodule One do\n  def of(n), do: n\nend\n```\n<!-- /exercise -->\n";

    #[test]
    fn a_lesson_with_errors_is_shown_as_it_was_beside_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("01-x.md");
        let write = |body: &str| std::fs::write(&file, format!("---\ntitle: X\nsummary: S.\n---\n\n{body}")).unwrap();
        write("<!-- exercise: open -->\n");
        let desk = Desk::new(file.clone(), None);
        assert_eq!(desk.shown().missing(), ["x"]);
        assert!(!desk.shown().problems_of("x").is_empty());

        let mut states = desk.states();
        write(EXERCISE);
        desk.read();
        assert!(states.has_changed().unwrap());
        states.mark_unchanged();
        let shown = desk.shown();
        assert!(shown.missing().is_empty() && shown.problems_of("x").is_empty());
        let lesson = shown.course().lesson("x").unwrap();
        let exercise = &lesson.exercises().next().unwrap().exercise;
        assert_eq!(shown.lines(lesson, exercise), Some((6, 21)));

        write(&EXERCISE.replace("solution", "solutoin"));
        desk.read();
        let shown = desk.shown();
        assert!(!shown.problems_of("x").is_empty());
        let lesson = shown.course().lesson("x").expect("the lesson as it was");
        assert_eq!(shown.lines(lesson, &lesson.exercises().next().unwrap().exercise), None);
    }

    #[test]
    fn a_lesson_is_known_by_its_whole_name() {
        assert!(is_of("course/01-a/02-key-lists.md", "key-lists"));
        assert!(!is_of("course/01-a/02-key-lists.md", "lists"));
    }
}
