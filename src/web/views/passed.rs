//! What somebody sees who has passed an exercise: the reference, other ways, and what comes next.

use serde::Serialize;

use super::hints::HintView;
use crate::domain::lesson::{Course, Lesson, PlacedExercise};

/// What passing opens.
#[derive(Debug, Serialize)]
pub struct PassedView {
    /// The reference, highlighted.
    solution: String,
    other_ways: Vec<HintView>,
    next: Option<NextView>,
}

/// Where it goes on.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct NextView {
    title: String,
    url: String,
}

impl PassedView {
    /// What an exercise of `lesson` opens.
    #[must_use]
    pub fn new(course: &Course, lesson: &Lesson, placed: &PlacedExercise) -> Self {
        Self {
            solution: placed.solution_html.clone(),
            other_ways: placed.other_ways.iter().map(HintView::new).collect(),
            next: next(course, lesson, placed),
        }
    }
}

/// The exercise after this one, or the lesson after its own.
fn next(course: &Course, lesson: &Lesson, placed: &PlacedExercise) -> Option<NextView> {
    let mut after = lesson.exercises().skip_while(|other| other.exercise.id != placed.exercise.id).skip(1);
    if let Some(next) = after.next() {
        let url = format!("/lessons/{}#{}", lesson.slug, next.exercise.id);
        return Some(NextView { title: next.exercise.title.clone(), url });
    }
    let next = course.lessons().skip_while(|other| other.slug != lesson.slug).nth(1)?;
    Some(NextView { title: next.title.clone(), url: format!("/lessons/{}", next.slug) })
}
