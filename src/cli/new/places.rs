//! Where lessons and chapters are, and which numbers are free.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Refused, io};
use crate::domain::ids::{ExerciseId, LessonSlug};

/// A file or folder with its name, the number taken off.
#[derive(Debug)]
pub(super) struct Place {
    pub name: String,
    pub number: u64,
    pub path: PathBuf,
}

/// Every lesson file of the course, whether it is well or not.
pub(super) fn lessons(course: &Path) -> Result<Vec<Place>, Refused> {
    let mut lessons = numbered(course)?;
    for chapter in lessons.extract_if(.., |place| place.path.is_dir()).collect::<Vec<_>>() {
        lessons.extend(numbered(&chapter.path)?);
    }
    lessons.retain_mut(|lesson| {
        let name = lesson.name.strip_suffix(".md").map(str::to_owned);
        lesson.name = name.clone().unwrap_or_default();
        name.is_some()
    });
    Ok(lessons)
}

/// The folder of the chapter: the one that is meant, a new one with the next number, or the last.
pub(super) fn chapter(course: &Path, wanted: Option<&str>) -> Result<PathBuf, Refused> {
    let chapters: Vec<Place> = numbered(course)?.into_iter().filter(|place| place.path.is_dir()).collect();
    let Some(wanted) = wanted else {
        let last = chapters.into_iter().max_by_key(|chapter| chapter.number);
        return last.map(|chapter| chapter.path).ok_or(Refused::NoChapter);
    };
    let name = split(wanted).map_or(wanted, |(_, name)| name);
    if let Some(known) = chapters.iter().find(|chapter| chapter.name == name) {
        return Ok(known.path.clone());
    }
    // Folders are named by the same rule as lessons.
    LessonSlug::parse(name).map_err(|_| Refused::BadName(wanted.to_owned()))?;
    let number = chapters.iter().map(|chapter| chapter.number).max().unwrap_or(0) + 1;
    Ok(course.join(format!("{number:02}-{name}")))
}

/// The number after the highest in a folder; 1 in one that is not there yet.
///
/// # Errors
/// The folder cannot be read.
pub(in crate::cli) fn next_number(folder: &Path) -> std::io::Result<u64> {
    if !folder.exists() {
        return Ok(1);
    }
    Ok(numbers(folder)?.iter().map(|place| place.number).max().unwrap_or(0) + 1)
}

/// The line on which an exercise of this id begins, counted from 1.
pub(super) fn line_of(text: &str, id: &ExerciseId) -> Option<usize> {
    let begins = |line: &str| {
        let attributes = line.trim().strip_prefix("<!--")?.trim_start().strip_prefix("exercise:")?;
        attributes.split_whitespace().next().filter(|first| *first == id.as_str()).map(|_| ())
    };
    text.lines().position(|line| begins(line).is_some()).map(|at| at + 1)
}

fn numbered(folder: &Path) -> Result<Vec<Place>, Refused> {
    if !folder.is_dir() {
        return Err(Refused::NoCourse(folder.to_owned()));
    }
    numbers(folder).map_err(io(folder))
}

fn numbers(folder: &Path) -> std::io::Result<Vec<Place>> {
    let mut places = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if let Some((number, name)) = split(name) {
            places.push(Place { name: name.to_owned(), number, path: path.clone() });
        }
    }
    Ok(places)
}

/// `02-lists.md` is 2 and `lists.md`.
fn split(name: &str) -> Option<(u64, &str)> {
    let (number, name) = name.split_once('-')?;
    Some((number.parse().ok()?, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exercise_is_found_by_its_whole_id() {
        let id = ExerciseId::parse("one").unwrap();
        assert_eq!(line_of("# x\n<!-- exercise: one-more -->\n  <!--exercise: one points=2 -->\n", &id), Some(3));
        assert_eq!(line_of("exercise: one", &id), None);
    }
}
