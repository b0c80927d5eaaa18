//! One submission with its standing verdict.

mod gradings;

use jiff_sqlx::Timestamp;
use serde::Deserialize;
use sqlx::types::Json;

pub use gradings::{Past, gradings};

use super::reports::{self, Report};
use super::{Pool, Result, code, unexpected};
use crate::domain::code::Code;
use crate::domain::ids::{ExerciseId, GradingId, SubmissionId, UserId, VersionId};
use crate::domain::report::{Diagnostic, Output};
use crate::domain::submission::{GradingState, Kind};
use crate::domain::verdict::{CaseResult, Verdict, VerdictKind};

/// A submission as it stands. The verdict is the whole one: who shows it to a learner calls
/// [`Verdict::for_learner`].
#[derive(Debug, Clone)]
pub struct Submission {
    /// Its id.
    pub id: SubmissionId,
    /// Whose it is.
    pub user: UserId,
    /// How they are called.
    pub user_name: String,
    /// Their address; guests have none.
    pub user_email: Option<String>,
    /// Of which exercise.
    pub exercise: ExerciseId,
    /// The version they saw.
    pub version: VersionId,
    /// *Run* or *Submit*.
    pub kind: Kind,
    /// The code.
    pub code: Code,
    /// When it was accepted.
    pub created_at: jiff::Timestamp,
    /// The grading that counts.
    pub grading: GradingId,
    /// Where it stands.
    pub state: GradingState,
    /// Tries so far.
    pub attempts: i32,
    /// The verdict, once there is one.
    pub verdict: Option<Verdict>,
    /// When the verdict came.
    pub finished_at: Option<jiff::Timestamp>,
    /// Whether the code was removed for its age.
    pub source_removed: bool,
    /// Whether output and details of the verdict were removed for their age.
    pub details_removed: bool,
    /// What the learner said against the verdict last.
    pub report: Option<Report>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Remarks {
    diagnostics: Vec<Diagnostic>,
    compile_output: Output,
    stray_output: Output,
    says: Option<String>,
    fault: Option<String>,
    checked_in_vm: bool,
}

/// Reads a submission; `None` when there is none of that id.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn find(pool: &Pool, id: SubmissionId) -> Result<Option<Submission>> {
    let Some(row) = sqlx::query!(
        "select s.user_id, u.name, u.email, s.exercise_id, s.version_id, s.kind, s.source, s.source_is_files,
             s.created_at as \"created_at: Timestamp\", g.id as grading_id, g.state, g.attempts, g.verdict,
             s.source_removed_at is not null as \"source_removed!\",
             g.details_removed_at is not null as \"details_removed!\",
             g.remarks as \"remarks: Json<Remarks>\", g.finished_at as \"finished_at: Timestamp\"
         from submissions s join users u on u.id = s.user_id
         join gradings g on g.submission_id = s.id and g.standing
         where s.id = $1",
        id.0
    )
    .fetch_optional(pool)
    .await?
    else {
        return Ok(None);
    };
    let verdict = match row.verdict {
        None => None,
        Some(text) => {
            let kind = VerdictKind::parse(&text).ok_or_else(|| unexpected("verdict", &text))?;
            let remarks = row.remarks.map(|json| json.0).unwrap_or_default();
            Some(Verdict {
                kind,
                cases: cases(pool, GradingId(row.grading_id)).await?,
                diagnostics: remarks.diagnostics,
                compile_output: remarks.compile_output,
                stray_output: remarks.stray_output,
                says: remarks.says,
                fault: remarks.fault,
                checked_in_vm: remarks.checked_in_vm,
            })
        }
    };
    let report = if verdict.is_some() { reports::of(pool, id).await? } else { None };
    Ok(Some(Submission {
        id,
        user: UserId(row.user_id),
        user_name: row.name,
        user_email: row.email,
        exercise: ExerciseId::parse(&row.exercise_id).map_err(|_| unexpected("exercise", &row.exercise_id))?,
        version: VersionId(row.version_id),
        kind: if row.kind == "run" { Kind::Run } else { Kind::Submit },
        code: code::decode(row.source, row.source_is_files)?,
        created_at: row.created_at.to_jiff(),
        grading: GradingId(row.grading_id),
        state: GradingState::parse(&row.state).ok_or_else(|| unexpected("state", &row.state))?,
        attempts: row.attempts,
        verdict,
        finished_at: row.finished_at.map(Timestamp::to_jiff),
        source_removed: row.source_removed,
        details_removed: row.details_removed,
        report,
    }))
}

async fn cases(pool: &Pool, grading: GradingId) -> Result<Vec<CaseResult>> {
    let rows = sqlx::query!(
        "select detail as \"detail: Json<CaseResult>\" from case_results where grading_id = $1 order by case_no",
        grading.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| row.detail.0).collect())
}

/// The newest submission of each exercise that somebody made among those given: what the editors hold.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn latest(pool: &Pool, user: UserId, exercises: &[ExerciseId]) -> Result<Vec<(ExerciseId, SubmissionId)>> {
    let ids: Vec<String> = exercises.iter().map(|id| id.as_str().to_owned()).collect();
    let rows = sqlx::query!(
        "select e.id as \"exercise_id!\", s.id from unnest($2::text[]) as e (id)
         cross join lateral (
             select id from submissions where user_id = $1 and exercise_id = e.id order by id desc limit 1) s",
        user.0,
        &ids
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let id = ExerciseId::parse(&row.exercise_id).map_err(|_| unexpected("exercise", &row.exercise_id))?;
            Ok((id, SubmissionId(row.id)))
        })
        .collect()
}
