//! What to do next, and why.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use super::words;
use crate::db::progress::Progress;
use crate::domain::ids::ExerciseId;
use crate::domain::lesson::{Course, Lesson, PlacedExercise};

/// The exercise to do next.
#[derive(Debug, Clone, Serialize)]
pub struct NextStep {
    /// Lesson in addresses.
    pub slug: String,
    /// Title of the lesson.
    pub lesson: String,
    /// Exercise in addresses.
    pub exercise: String,
    /// Title of the exercise.
    pub title: String,
    /// Why this one: a sentence.
    pub why: String,
}

/// The exercise that was begun last and is not passed; else the first new one after the one that was passed last; else the
/// first that was left out. `None` once all are passed.
#[must_use]
pub fn next(course: &Course, progress: &HashMap<ExerciseId, Progress>, now: Timestamp) -> Option<NextStep> {
    let all: Vec<_> = course.exercises().collect();
    let of = |placed: &PlacedExercise| progress.get(&placed.exercise.id);
    let unfinished = all
        .iter()
        .filter_map(|(lesson, placed)| Some((of(placed).filter(|it| it.passed_at.is_none())?.begun_at, lesson, placed)))
        .max_by_key(|(begun, _, placed)| (*begun, std::cmp::Reverse(placed.exercise.line)));
    if let Some((begun, lesson, placed)) = unfinished {
        let why = format!("You began it {} and have not passed it yet.", words::ago(begun, now));
        return Some(step(lesson, placed, why));
    }
    let is_new = |(_, placed): &&(&Lesson, &PlacedExercise)| of(placed).is_none();
    let last = all.iter().enumerate().filter_map(|(at, (_, placed))| Some((of(placed)?.passed_at?, at))).max();
    let Some((passed, at)) = last else {
        return all
            .iter()
            .find(is_new)
            .map(|(lesson, placed)| step(lesson, placed, "The course begins with it.".into()));
    };
    if let Some((lesson, placed)) = all[at + 1..].iter().find(is_new) {
        let before = &all[at].1.exercise.title;
        return Some(step(lesson, placed, format!("You passed “{before}” {}.", words::ago(passed, now))));
    }
    all.iter().find(is_new).map(|(lesson, placed)| step(lesson, placed, "You left it out.".into()))
}

fn step(lesson: &Lesson, placed: &PlacedExercise, why: String) -> NextStep {
    NextStep {
        slug: lesson.slug.to_string(),
        lesson: lesson.title.clone(),
        exercise: placed.exercise.id.to_string(),
        title: placed.exercise.title.clone(),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::fixtures::course;

    const NOW: i64 = 1_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn told(progress: &[(&str, i64, Option<i64>)]) -> Option<(String, String)> {
        let progress = progress.iter().map(|(id, begun, passed)| {
            let progress = Progress { attempts: 1, best_points: 0, begun_at: at(*begun), passed_at: passed.map(at) };
            (ExerciseId::parse(id).unwrap(), progress)
        });
        next(&course(), &progress.collect(), at(NOW)).map(|step| (step.exercise, step.why))
    }

    #[test]
    fn the_course_begins_with_its_first_exercise() {
        assert_eq!(told(&[]), Some(("swap".into(), "The course begins with it.".into())));
    }

    #[test]
    fn what_was_begun_last_comes_first() {
        let (exercise, why) = told(&[("swap", NOW - 600, None), ("first-or-default", NOW - 120, None)]).unwrap();
        assert_eq!(exercise, "first-or-default");
        assert_eq!(why, "You began it 2 minutes ago and have not passed it yet.");
        assert_eq!(told(&[("swap", NOW - 600, None), ("first-or-default", 5, Some(9))]).unwrap().0, "swap");
    }

    #[test]
    fn after_one_that_is_passed_comes_the_one_that_follows_it_and_then_what_was_left_out() {
        let (exercise, why) = told(&[("swap", NOW - 600, Some(NOW - 60))]).unwrap();
        assert_eq!(exercise, "first-or-default");
        assert_eq!(why, "You passed “Swap” 1 minute ago.");
        let left_out = told(&[("first-or-default", NOW - 600, Some(NOW - 60))]);
        assert_eq!(left_out, Some(("swap".into(), "You left it out.".into())));
        assert_eq!(told(&[("swap", 1, Some(2)), ("first-or-default", 1, Some(2))]), None);
    }
}
