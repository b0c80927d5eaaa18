//! A lesson's page, however a reader comes to it.

use crate::domain::ids::ExerciseId;
use crate::domain::lesson::{Course, Lesson, PlacedExercise};
use crate::web::error::WebError;

pub mod hint;
pub mod page;
pub mod picture;
pub mod show;

/// The exercise that a path names, and its lesson.
///
/// # Errors
/// [`WebError::UnknownExercise`].
pub fn exercise<'c>(course: &'c Course, id: &str) -> Result<(&'c Lesson, &'c PlacedExercise), WebError> {
    let id = ExerciseId::parse(id).map_err(|_| WebError::UnknownExercise)?;
    course.exercise(&id).ok_or(WebError::UnknownExercise)
}
