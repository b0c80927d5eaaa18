//! Exercises and the immutable versions of their test sets.

use std::collections::HashMap;

use crate::db::json::AsJson;
use sqlx::types::Json;

use super::{Pool, Result, begin};
use crate::domain::exercise::TestSet;
use crate::domain::ids::{ExerciseId, ImageName, VersionId};

/// An exercise as the loaded course has it.
#[derive(Debug)]
pub struct Loaded<'a> {
    /// Its id.
    pub id: &'a ExerciseId,
    /// The lesson that holds it.
    pub lesson: &'a str,
    /// Its title.
    pub title: &'a str,
    /// What it is worth.
    pub points: u32,
    /// SHA-256 of its test set.
    pub content_hash: [u8; 32],
    /// What judges it.
    pub tests: &'a TestSet,
}

/// Brings the database in line with the course: new test sets become versions, known ones are found again, and
/// exercises that no lesson holds any more are retired with their history kept.
///
/// # Errors
/// [`super::Error`] when the database fails; nothing is changed then.
pub async fn synchronise(pool: &Pool, exercises: &[Loaded<'_>]) -> Result<HashMap<ExerciseId, VersionId>> {
    let mut versions = HashMap::with_capacity(exercises.len());
    let mut tx = begin(pool).await?;
    for exercise in exercises {
        sqlx::query!(
            "insert into exercises (id, lesson, title) values ($1, $2, $3)
             on conflict (id) do update set lesson = excluded.lesson, title = excluded.title, retired_at = null",
            exercise.id.as_str(),
            exercise.lesson,
            exercise.title
        )
        .execute(&mut *tx)
        .await?;
        let version = sqlx::query_scalar!(
            "insert into exercise_versions (id, exercise_id, content_hash, tests, points) values ($1, $2, $3, $4, $5)
             on conflict (exercise_id, content_hash) do update set points = excluded.points returning id",
            VersionId::new().0,
            exercise.id.as_str(),
            &exercise.content_hash[..],
            AsJson(exercise.tests) as _,
            i32::try_from(exercise.points).unwrap_or(i32::MAX)
        )
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query!("update exercises set current_version = $2 where id = $1", exercise.id.as_str(), version)
            .execute(&mut *tx)
            .await?;
        versions.insert(exercise.id.clone(), VersionId(version));
    }
    let held: Vec<String> = exercises.iter().map(|exercise| exercise.id.as_str().to_owned()).collect();
    sqlx::query!("update exercises set retired_at = now() where retired_at is null and not id = any($1)", &held)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(versions)
}

/// An exercise that the course has now.
#[derive(Debug)]
pub struct Present {
    /// Its id.
    pub id: ExerciseId,
    /// The lesson that holds it.
    pub lesson: String,
    /// Its title.
    pub title: String,
    /// Its present version.
    pub version: VersionId,
}

/// The exercises that the course has now, by id.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn present(pool: &Pool) -> Result<Vec<Present>> {
    let rows = sqlx::query!(
        "select id, lesson, title, current_version as \"version!\" from exercises
         where retired_at is null and current_version is not null order by id"
    )
    .fetch_all(pool)
    .await?;
    // What was written there was an id when it was written.
    let present = rows.into_iter().filter_map(|row| {
        let id = ExerciseId::parse(&row.id).ok()?;
        Some(Present { id, lesson: row.lesson, title: row.title, version: VersionId(row.version) })
    });
    Ok(present.collect())
}

/// The test set of a version.
///
/// # Errors
/// [`super::Error`] when the database fails or holds no such version.
pub async fn tests(pool: &Pool, version: VersionId) -> Result<TestSet> {
    let row = sqlx::query!("select tests as \"tests: Json<TestSet>\" from exercise_versions where id = $1", version.0)
        .fetch_one(pool)
        .await?;
    Ok(row.tests.0)
}

/// An exercise that the course does not have, and that somebody has worked on.
#[derive(Debug)]
pub struct Absent {
    /// Its id.
    pub id: ExerciseId,
    /// The lesson that held it last.
    pub lesson: String,
    /// Its last title.
    pub title: String,
    /// SHA-256 of its last test set.
    pub content_hash: Vec<u8>,
    /// Exercises that were already there before it went.
    pub older: Vec<String>,
}

/// The exercises with submissions or progress that are none of `held`, by id.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn absent(pool: &Pool, held: &[ExerciseId]) -> Result<Vec<Absent>> {
    let held: Vec<String> = held.iter().map(|id| id.as_str().to_owned()).collect();
    let rows = sqlx::query!(
        "select e.id, e.lesson, e.title, v.content_hash, array(
             select distinct o.exercise_id from exercise_versions o
             where o.created_at < coalesce(e.retired_at, now())) as \"older!\"
         from exercises e join exercise_versions v on v.id = e.current_version
         where not e.id = any($1) and (
             exists (select 1 from submissions s where s.exercise_id = e.id)
             or exists (select 1 from progress p where p.exercise_id = e.id))
         order by e.id",
        &held
    )
    .fetch_all(pool)
    .await?;
    // What was written there was an id when it was written.
    let absent = rows.into_iter().filter_map(|row| {
        let id = ExerciseId::parse(&row.id).ok()?;
        let (lesson, title, content_hash, older) = (row.lesson, row.title, row.content_hash, row.older);
        Some(Absent { id, lesson, title, content_hash, older })
    });
    Ok(absent.collect())
}

/// The images with packages that the course's present exercises ask for.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn images(pool: &Pool) -> Result<Vec<ImageName>> {
    let names = sqlx::query_scalar!(
        "select distinct v.tests->>'image' as \"image!\" from exercises e join exercise_versions v on v.id = e.current_version
         where e.retired_at is null and v.tests->>'image' is not null order by 1"
    )
    .fetch_all(pool)
    .await?;
    // What was written there was such a name when it was written.
    Ok(names.iter().filter_map(|name| ImageName::parse(name).ok()).collect())
}

/// Versions of the course's present exercises that run in this image, and whose expected values nobody has evaluated with it.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn without_expected_values(
    pool: &Pool,
    image: Option<&ImageName>,
    image_digest: &str,
) -> Result<Vec<VersionId>> {
    let ids = sqlx::query_scalar!(
        "select e.current_version as \"id!\" from exercises e join exercise_versions v on v.id = e.current_version
         where e.retired_at is null and v.tests->>'image' is not distinct from $2 and not exists (
             select 1 from expected_sets s where s.version_id = e.current_version and s.image_digest = $1)
         order by e.id",
        image_digest,
        image.map(ImageName::as_str)
    )
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(VersionId).collect())
}
