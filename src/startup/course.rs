//! The course: held in memory, read again when its folder changes, and its versions made known to the database.

mod changes;
mod follow;
mod metrics;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use tracing::{info, warn};

use changes::Unknown;
pub(super) use follow::follow;
pub(super) use metrics::CourseMetrics;

use crate::config::Config;
use crate::content::{self, Kept, Loaded};
use crate::db::{self, Pool};
use crate::domain::ids::{ExerciseId, LessonSlug, VersionId};
use crate::domain::lesson::Course;
use crate::web::kept::KeptPages;
use crate::web::search::index::Index;
use crate::web::state::Published;

/// Loads the course and synchronises its exercises. A lesson with mistakes is left out and reported; its exercises
/// keep their history.
///
/// # Errors
/// When the folder is not there, or the database fails.
pub(super) async fn course(config: &Config, pool: &Pool, metrics: &CourseMetrics) -> anyhow::Result<Published> {
    ensure!(
        config.lessons.is_dir(),
        "there is no folder {}: name the course with --lessons DIR or ATHANOR_LESSONS",
        config.lessons.display()
    );
    let read = read(config, pool, Arc::default()).await?;
    let published = publishable(pool, read, metrics).await.context("the course could not be synchronised")?;
    info!(lessons = published.course.lessons().count(), exercises = published.versions.len(), "the course is loaded");
    Ok(published)
}

/// What the folder holds, as far as it is good, and what is wrong with it.
struct Read {
    course: Course,
    /// For the log and for instructors.
    problems: Vec<String>,
    errors: usize,
    as_before: usize,
    unknown: Unknown,
}

/// Reads the folder, off the threads that serve, and looks in the database for exercises that it has no more.
async fn read(config: &Config, pool: &Pool, before: Arc<Course>) -> anyhow::Result<Read> {
    let (lessons, private) = (config.lessons.clone(), config.private_lessons.clone());
    let reading = tokio::task::spawn_blocking(move || read_now(lessons, private, &before));
    let mut read = reading.await.context("the course cannot be read")?;
    let held: Vec<_> = read.course.exercises().map(|(_, placed)| placed.exercise.id.clone()).collect();
    let absent = db::course::absent(pool, &held).await.context("nobody knows which exercises are gone")?;
    read.problems.extend(changes::warnings(absent, &read.course, &read.unknown));
    Ok(read)
}

fn read_now(lessons: PathBuf, private: Option<PathBuf>, before: &Course) -> Read {
    let loaded = content::load(&lessons, private.as_deref());
    let mut problems: Vec<String> = loaded.problems.iter().map(|problem| loaded.render(problem)).collect();
    let errors = loaded.problems.iter().filter(|problem| problem.is_error()).count();
    // A folder in the middle of being replaced, or a disk that is away, is no wish to have no course.
    if loaded.outline.is_empty() && before.lessons().next().is_some() {
        let message = "there are no lessons in {}: the course stays as it was";
        problems.insert(0, message.replace("{}", &lessons.display().to_string()));
        let (course, as_before) = (before.clone(), before.lessons().count());
        return Read { course, problems, errors: errors.max(1), as_before, unknown: Unknown::default() };
    }
    let Kept { course, as_before, waiting } = content::keep_last_good(&loaded, before);
    problems.extend(as_before.iter().map(|slug| format!("the lesson '{slug}' is shown as it was before its errors")));
    problems.extend(waiting.iter().map(|slug| {
        format!("the lesson '{slug}' waits: it holds an exercise of a lesson that has errors and is shown as it was")
    }));
    // One that is shown as it was may name others by now.
    let hidden = |slug: &&LessonSlug| as_before.contains(*slug) || course.lesson(slug.as_str()).is_none();
    let slugs = loaded.outline.iter().map(|(_, slug)| slug);
    let lessons = slugs.filter(hidden).map(LessonSlug::to_string).collect();
    let unknown = Unknown { exercises: loaded.left_out.clone(), lessons };
    Read { course, problems, errors, as_before: as_before.len(), unknown }
}

/// Reports what is wrong, and makes the exercises known: a page that is sent from now on may hold any of these versions.
async fn publishable(pool: &Pool, read: Read, metrics: &CourseMetrics) -> db::Result<Published> {
    let versions = synchronise_course(pool, &read.course).await?;
    for problem in &read.problems {
        warn!("a problem in a lesson\n{problem}");
    }
    metrics.published(read.errors, read.as_before);
    let search = Index::new(&read.course);
    Ok(Published {
        course: Arc::new(read.course),
        versions,
        search,
        problems: read.problems,
        pages: KeptPages::default(),
    })
}

/// Makes the exercises of a course known to the database, and answers the present version of each.
///
/// # Errors
/// [`db::Error`] when the database fails.
pub async fn synchronise(pool: &Pool, loaded: &Loaded) -> db::Result<HashMap<ExerciseId, VersionId>> {
    synchronise_course(pool, &loaded.course).await
}

async fn synchronise_course(pool: &Pool, course: &Course) -> db::Result<HashMap<ExerciseId, VersionId>> {
    let exercises: Vec<_> = course
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
