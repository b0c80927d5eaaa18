//! A course that was read anew, with the last good version of each lesson that has errors now.

use std::collections::BTreeSet;

use crate::domain::glossary::{Glossary, Term};
use crate::domain::ids::LessonSlug;
use crate::domain::lesson::{Course, Lesson};

use super::load::{Loaded, place};

/// What is to be shown.
#[derive(Debug, Default)]
pub struct Kept {
    /// The course.
    pub course: Course,
    /// Lessons that are shown as they were before.
    pub as_before: BTreeSet<LessonSlug>,
    /// Lessons that are left out because they hold an exercise which one of those has still, and were not there before.
    pub waiting: BTreeSet<LessonSlug>,
}

/// Takes each lesson as it is now, and one with errors as it was `before`, if it was there.
///
/// No exercise comes twice by that: where one was moved out of a lesson that has errors now, the lesson it was moved to
/// waits as well, until both can change together.
#[must_use]
pub fn keep_last_good(loaded: &Loaded, before: &Course) -> Kept {
    let slugs: Vec<&LessonSlug> = loaded.outline.iter().map(|(_, slug)| slug).collect();
    let now = |slug: &LessonSlug| loaded.course.lesson(slug.as_str());
    let then = |slug: &LessonSlug| before.lesson(slug.as_str());
    let broken = slugs.iter().filter(|slug| now(slug).is_none() && then(slug).is_some());
    let mut old: BTreeSet<LessonSlug> = broken.map(|slug| (*slug).clone()).collect();
    loop {
        let claimed: BTreeSet<_> = old.iter().filter_map(then).flat_map(ids).collect();
        let clashes = |lesson: &&Lesson| !old.contains(&lesson.slug) && ids(lesson).any(|id| claimed.contains(id));
        let more: Vec<LessonSlug> = loaded.course.lessons().filter(clashes).map(|lesson| lesson.slug.clone()).collect();
        if more.is_empty() {
            break;
        }
        old.extend(more);
    }
    let mut kept = Kept::default();
    let mut placed = BTreeSet::new();
    for (chapter, slug) in &loaded.outline {
        let lesson = if old.contains(slug) { then(slug) } else { now(slug) };
        match lesson {
            Some(lesson) if placed.insert(slug) => place(&mut kept.course, chapter, lesson.clone()),
            None if old.contains(slug) => {
                kept.waiting.insert(slug.clone());
            }
            _ => {}
        }
    }
    kept.as_before = old.difference(&kept.waiting).cloned().collect();
    kept.course.glossary = glossary(loaded, before, &kept);
    kept
}

/// The glossary as it is now. From before come terms that its errors may have cost it, and those that a lesson uses which
/// is shown as it was.
fn glossary(loaded: &Loaded, before: &Course, kept: &Kept) -> Glossary {
    let now = &loaded.course.glossary;
    let used: BTreeSet<&String> = kept
        .as_before
        .iter()
        .filter_map(|slug| before.lesson(slug.as_str()))
        .flat_map(|lesson| &lesson.terms)
        .collect();
    let missing = before.glossary.terms.iter().filter(|term| now.term(&term.anchor).is_none());
    let old: Vec<Term> =
        missing.filter(|term| loaded.glossary_broken || used.contains(&term.anchor)).cloned().collect();
    if old.is_empty() {
        return now.clone();
    }
    let mut glossary =
        if now.is_empty() { Glossary { terms: Vec::new(), ..before.glossary.clone() } } else { now.clone() };
    glossary.terms.extend(old);
    glossary.sort();
    glossary
}

fn ids(lesson: &Lesson) -> impl Iterator<Item = &crate::domain::ids::ExerciseId> {
    lesson.exercises().map(|placed| &placed.exercise.id)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::content::load;

    fn exercise(id: &str) -> String {
        format!(
            "<!-- exercise: {id} -->\n### One\n\nWrite it.\n\n```elixir test\niex> One.of(1)\n1\n```\n\n```elixir solution\n\
             defmodule One do\n  def of(n), do: n\nend\n```\n<!-- /exercise -->\n"
        )
    }

    fn write(folder: &Path, file: &str, title: &str, body: &str) {
        std::fs::create_dir_all(folder.join("01-a")).unwrap();
        let text = format!("---\ntitle: {title}\nsummary: S.\n---\n\nText.\n\n{body}");
        std::fs::write(folder.join("01-a").join(file), text).unwrap();
    }

    fn titles(course: &Course) -> Vec<&str> {
        course.lessons().map(|lesson| lesson.title.as_str()).collect()
    }

    #[test]
    fn a_lesson_with_an_error_stays_as_it_was_and_its_siblings_change() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "01-x.md", "First", "");
        write(folder.path(), "02-y.md", "Second", "");
        let before = load(folder.path(), None).course;
        write(folder.path(), "01-x.md", "First broken", "<!-- exercise: open -->\n");
        write(folder.path(), "02-y.md", "Second new", "");
        let kept = keep_last_good(&load(folder.path(), None), &before);
        assert_eq!(titles(&kept.course), ["First", "Second new"]);
        assert_eq!(kept.as_before.iter().map(LessonSlug::as_str).collect::<Vec<_>>(), ["x"]);
        std::fs::remove_file(folder.path().join("01-a/01-x.md")).unwrap();
        let kept = keep_last_good(&load(folder.path(), None), &before);
        assert_eq!(titles(&kept.course), ["Second new"], "a lesson that is gone is gone");
    }

    #[test]
    fn an_exercise_that_was_moved_out_of_a_broken_lesson_is_there_once() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "01-x.md", "First", &exercise("moved"));
        write(folder.path(), "02-y.md", "Second", "");
        let before = load(folder.path(), None).course;
        assert_eq!(titles(&before), ["First", "Second"]);
        write(folder.path(), "01-x.md", "First broken", "<!-- exercise: open -->\n");
        write(folder.path(), "02-y.md", "Second new", &exercise("moved"));
        let kept = keep_last_good(&load(folder.path(), None), &before);
        assert_eq!(titles(&kept.course), ["First", "Second"]);
        write(folder.path(), "02-y.md", "Second", "");
        write(folder.path(), "03-z.md", "Third", &exercise("moved"));
        let kept = keep_last_good(&load(folder.path(), None), &before);
        assert_eq!(titles(&kept.course), ["First", "Second"]);
        assert_eq!(kept.waiting.len(), 1);
    }
}
