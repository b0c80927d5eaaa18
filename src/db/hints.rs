//! Hints that somebody opened.

use std::collections::HashMap;

use jiff_sqlx::Timestamp;

use super::{Pool, Result};
use crate::domain::ids::{ExerciseId, SubmissionId, UserId};

/// How many hints of an exercise somebody has opened.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn opened(pool: &Pool, user: UserId, exercise: &ExerciseId) -> Result<usize> {
    let highest = sqlx::query_scalar!(
        "select max(hint_no) from hints_opened where user_id = $1 and exercise_id = $2",
        user.0,
        exercise.as_str()
    )
    .fetch_one(pool)
    .await?;
    Ok(count(highest))
}

/// How many hints of each of these exercises somebody has opened; those without any are missing.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn opened_of(pool: &Pool, user: UserId, exercises: &[ExerciseId]) -> Result<HashMap<ExerciseId, usize>> {
    let names: Vec<String> = exercises.iter().map(ToString::to_string).collect();
    let rows = sqlx::query!(
        "select exercise_id, max(hint_no) as \"highest!\" from hints_opened
         where user_id = $1 and exercise_id = any($2) group by exercise_id",
        user.0,
        &names
    )
    .fetch_all(pool)
    .await?;
    let counts: HashMap<&str, usize> =
        rows.iter().map(|row| (row.exercise_id.as_str(), count(Some(row.highest)))).collect();
    Ok(exercises.iter().filter_map(|id| Some((id.clone(), *counts.get(id.as_str())?))).collect())
}

/// Every hint that somebody opened: its exercise, its place and when.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn of(pool: &Pool, user: UserId) -> Result<Vec<(String, i16, jiff::Timestamp)>> {
    let rows = sqlx::query!(
        "select exercise_id, hint_no, opened_at as \"opened_at: Timestamp\" from hints_opened
         where user_id = $1 order by exercise_id, hint_no",
        user.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (row.exercise_id, row.hint_no, row.opened_at.to_jiff())).collect())
}

/// Keeps that somebody opened this hint, counted from 1, and with it those before. A second time changes nothing.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn open(pool: &Pool, user: UserId, exercise: &ExerciseId, hint: i16) -> Result<()> {
    sqlx::query!(
        "insert into hints_opened (user_id, exercise_id, hint_no)
         select $1, $2, n::smallint from generate_series(1, $3::int) n on conflict do nothing",
        user.0,
        exercise.as_str(),
        i32::from(hint)
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// How many hints its author had opened when a submission was handed in.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn before(pool: &Pool, submission: SubmissionId) -> Result<usize> {
    let highest = sqlx::query_scalar!(
        "select max(h.hint_no) from submissions s
         join hints_opened h on h.user_id = s.user_id and h.exercise_id = s.exercise_id and h.opened_at <= s.created_at
         where s.id = $1",
        submission.0
    )
    .fetch_one(pool)
    .await?;
    Ok(count(highest))
}

fn count(highest: Option<i16>) -> usize {
    highest.and_then(|highest| usize::try_from(highest).ok()).unwrap_or(0)
}
