//! The course: loaded once, held in memory, and its versions made known to the database.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use tracing::{info, warn};

use crate::config::Config;
use crate::content::{self, Loaded};
use crate::db::{self, Pool};
use crate::domain::ids::{ExerciseId, VersionId};
use crate::domain::lesson::Course;

/// Loads the course and synchronises its exercises. A lesson with mistakes is left out and reported; its exercises
/// keep their history.
///
/// # Errors
/// When the folder is not there, or the database fails.
pub async fn course(config: &Config, pool: &Pool) -> anyhow::Result<(Arc<Course>, HashMap<ExerciseId, VersionId>)> {
    ensure!(
        config.lessons.is_dir(),
        "there is no folder {}: name the course with --lessons DIR or ATHANOR_LESSONS",
        config.lessons.display()
    );
    let loaded = content::load(&config.lessons, config.private_lessons.as_deref());
    for problem in &loaded.problems {
        warn!("a problem in a lesson\n{}", loaded.render(problem));
    }
    let versions = synchronise(pool, &loaded).await.context("the course could not be synchronised")?;
    info!(lessons = loaded.course.lessons().count(), exercises = versions.len(), "the course is loaded");
    Ok((Arc::new(loaded.course), versions))
}

/// Makes the exercises of a course known to the database, and answers the present version of each.
///
/// # Errors
/// [`db::Error`] when the database fails.
pub async fn synchronise(pool: &Pool, loaded: &Loaded) -> db::Result<HashMap<ExerciseId, VersionId>> {
    let exercises: Vec<_> = loaded
        .course
        .exercises()
        .map(|(lesson, placed)| db::course::Loaded {
            id: &placed.exercise.id,
            lesson: lesson.slug.as_str(),
            title: &placed.exercise.title,
            points: placed.exercise.points,
            content_hash: content::version_hash(&placed.exercise.tests),
            tests: &placed.exercise.tests,
        })
        .collect();
    db::course::synchronise(pool, &exercises).await
}
