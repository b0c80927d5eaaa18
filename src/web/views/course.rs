//! The course as a map: what is done, what is begun, what comes next.

use std::collections::HashMap;

use serde::Serialize;

use super::words;
use crate::domain::ids::ExerciseId;
use crate::domain::lesson::{Course, Lesson};
use crate::domain::progress::{Standing, Tally};

/// Where somebody stands with the exercises they began.
pub type Standings = HashMap<ExerciseId, Standing>;

/// The standing with an exercise; new when nothing is known.
#[must_use]
pub fn standing_of(standings: &Standings, exercise: &ExerciseId) -> Standing {
    standings.get(exercise).copied().unwrap_or(Standing::New)
}

/// The course with somebody's progress on it.
#[derive(Debug, Clone, Serialize)]
pub struct CourseMap {
    /// Chapters in order.
    pub chapters: Vec<ChapterView>,
    /// Exercises passed.
    pub passed: usize,
    /// Exercises begun and not passed.
    pub unfinished: usize,
    /// All exercises.
    pub total: usize,
    /// Whether anything was begun.
    pub begun: bool,
}

/// A chapter.
#[derive(Debug, Clone, Serialize)]
pub struct ChapterView {
    /// Its title.
    pub title: String,
    /// Its lessons.
    pub lessons: Vec<LessonEntry>,
}

/// A lesson on the map.
#[derive(Debug, Clone, Serialize)]
pub struct LessonEntry {
    /// Its name in addresses.
    pub slug: String,
    title: String,
    minutes: u32,
    summary: String,
    state: &'static str,
    passed: usize,
    total: usize,
    words: String,
    exercises: Vec<ExerciseEntry>,
    /// Whether it is the lesson of this page.
    pub current: bool,
}

/// An exercise on the map.
#[derive(Debug, Clone, Serialize)]
pub struct ExerciseEntry {
    id: String,
    title: String,
    standing: &'static str,
    words: &'static str,
}

impl CourseMap {
    /// The map of a course for somebody.
    #[must_use]
    pub fn new(course: &Course, standings: &Standings) -> Self {
        let chapters = course
            .chapters
            .iter()
            .map(|chapter| ChapterView {
                title: chapter.title.clone(),
                lessons: chapter.lessons.iter().map(|lesson| entry(lesson, standings)).collect(),
            })
            .collect();
        let all = Tally::of(course.exercises().map(|(_, placed)| standing_of(standings, &placed.exercise.id)));
        Self {
            chapters,
            passed: all.passed,
            unfinished: all.begun,
            total: all.total,
            begun: all.passed + all.begun > 0,
        }
    }
}

fn entry(lesson: &Lesson, standings: &Standings) -> LessonEntry {
    let exercises: Vec<_> = lesson
        .exercises()
        .map(|placed| {
            let standing = standing_of(standings, &placed.exercise.id);
            ExerciseEntry {
                id: placed.exercise.id.to_string(),
                title: placed.exercise.title.clone(),
                standing: words::standing_class(standing),
                words: if standing == Standing::New { "To do" } else { words::standing(standing) },
            }
        })
        .collect();
    let tally = Tally::of(lesson.exercises().map(|placed| standing_of(standings, &placed.exercise.id)));
    let state = match tally {
        Tally { passed, total, .. } if total > 0 && passed == total => "done",
        Tally { passed: 0, begun: 0, .. } => "new",
        _ => "begun",
    };
    LessonEntry {
        slug: lesson.slug.to_string(),
        title: lesson.title.clone(),
        minutes: lesson.minutes,
        summary: lesson.summary.clone(),
        state,
        passed: tally.passed,
        total: tally.total,
        words: words::tally(tally),
        exercises,
        current: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::fixtures::course;

    fn id(text: &str) -> ExerciseId {
        ExerciseId::parse(text).unwrap()
    }

    #[test]
    fn a_lesson_is_done_when_all_of_its_exercises_are_passed() {
        let state = |standings: &Standings| {
            CourseMap::new(&course(), standings).chapters[0].lessons.iter().map(|l| l.state).collect::<Vec<_>>()
        };
        assert_eq!(state(&Standings::new()), ["new", "new"]);
        assert_eq!(state(&Standings::from([(id("swap"), Standing::Passed)])), ["begun", "new"]);
        let all = [(id("swap"), Standing::Passed), (id("first-or-default"), Standing::Passed)];
        assert_eq!(state(&Standings::from(all)), ["done", "new"], "a lesson without exercises is never done");
    }
}
