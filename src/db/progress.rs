//! How far somebody is.

use std::collections::HashMap;

use jiff_sqlx::Timestamp;

use super::{Pool, Result};
use crate::domain::ids::{ExerciseId, UserId};
use crate::domain::progress::Standing;

/// Somebody's progress with one exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Verdicts of *submit* that counted.
    pub attempts: i32,
    /// The best result in points.
    pub best_points: i32,
    /// When it was first tried.
    pub begun_at: jiff::Timestamp,
    /// When it was first passed.
    pub passed_at: Option<jiff::Timestamp>,
}

impl Progress {
    /// Begun or passed.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        if self.passed_at.is_some() { Standing::Passed } else { Standing::Begun }
    }
}

/// Somebody's progress with every exercise they began.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn of(pool: &Pool, user: UserId) -> Result<HashMap<ExerciseId, Progress>> {
    let rows = sqlx::query!(
        "select exercise_id, attempts, best_points, begun_at as \"begun_at: Timestamp\",
             passed_at as \"passed_at: Timestamp\"
         from progress where user_id = $1",
        user.0
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let id =
                ExerciseId::parse(&row.exercise_id).map_err(|_| super::unexpected("exercise", &row.exercise_id))?;
            let progress = Progress {
                attempts: row.attempts,
                best_points: row.best_points,
                begun_at: row.begun_at.to_jiff(),
                passed_at: row.passed_at.map(Timestamp::to_jiff),
            };
            Ok((id, progress))
        })
        .collect()
}
