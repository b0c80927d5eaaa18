//! Submissions with their standing verdicts.

mod gradings;

use std::collections::HashMap;

use jiff_sqlx::Timestamp;
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

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

/// A row of a submission and its standing grading.
struct Row {
    id: Uuid,
    user_id: Uuid,
    name: String,
    email: Option<String>,
    exercise_id: String,
    version_id: Uuid,
    kind: String,
    source: Vec<u8>,
    source_is_files: bool,
    created_at: Timestamp,
    grading_id: Uuid,
    state: String,
    attempts: i32,
    verdict: Option<String>,
    source_removed: bool,
    details_removed: bool,
    remarks: Option<Json<Remarks>>,
    finished_at: Option<Timestamp>,
}

impl Row {
    fn with(self, cases: Vec<CaseResult>, report: Option<Report>) -> Result<Submission> {
        let verdict = match self.verdict {
            None => None,
            Some(text) => {
                let kind = VerdictKind::parse(&text).ok_or_else(|| unexpected("verdict", &text))?;
                let remarks = self.remarks.map(|json| json.0).unwrap_or_default();
                Some(Verdict {
                    kind,
                    cases,
                    diagnostics: remarks.diagnostics,
                    compile_output: remarks.compile_output,
                    stray_output: remarks.stray_output,
                    says: remarks.says,
                    fault: remarks.fault,
                    checked_in_vm: remarks.checked_in_vm,
                })
            }
        };
        Ok(Submission {
            id: SubmissionId(self.id),
            user: UserId(self.user_id),
            user_name: self.name,
            user_email: self.email,
            exercise: ExerciseId::parse(&self.exercise_id).map_err(|_| unexpected("exercise", &self.exercise_id))?,
            version: VersionId(self.version_id),
            kind: if self.kind == "run" { Kind::Run } else { Kind::Submit },
            code: code::decode(self.source, self.source_is_files)?,
            created_at: self.created_at.to_jiff(),
            grading: GradingId(self.grading_id),
            state: GradingState::parse(&self.state).ok_or_else(|| unexpected("state", &self.state))?,
            attempts: self.attempts,
            verdict,
            finished_at: self.finished_at.map(Timestamp::to_jiff),
            source_removed: self.source_removed,
            details_removed: self.details_removed,
            report,
        })
    }
}

/// Reads a submission; `None` when there is none of that id.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn find(pool: &Pool, id: SubmissionId) -> Result<Option<Submission>> {
    let Some(row) = sqlx::query_as!(
        Row,
        "select s.id, s.user_id, u.name, u.email, s.exercise_id, s.version_id, s.kind, s.source, s.source_is_files,
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
    if row.verdict.is_none() {
        return row.with(Vec::new(), None).map(Some);
    }
    let cases = cases(pool, &[row.grading_id]).await?.remove(&row.grading_id).unwrap_or_default();
    let report = reports::of(pool, id).await?;
    row.with(cases, report).map(Some)
}

/// A page of at most `limit` of somebody's submissions, oldest first, those after `after`. Three statements, however many.
/// Reports are not with them: [`reports::of_user`] has all.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn of_user(pool: &Pool, user: UserId, after: Option<SubmissionId>, limit: i64) -> Result<Vec<Submission>> {
    let rows = sqlx::query_as!(
        Row,
        "select s.id, s.user_id, u.name, u.email, s.exercise_id, s.version_id, s.kind, s.source, s.source_is_files,
             s.created_at as \"created_at: Timestamp\", g.id as grading_id, g.state, g.attempts, g.verdict,
             s.source_removed_at is not null as \"source_removed!\",
             g.details_removed_at is not null as \"details_removed!\",
             g.remarks as \"remarks: Json<Remarks>\", g.finished_at as \"finished_at: Timestamp\"
         from gradings g join submissions s on s.id = g.submission_id join users u on u.id = g.user_id
         where g.standing and g.user_id = $1 and g.submission_id > $2
         order by g.submission_id limit $3",
        user.0,
        after.map_or(Uuid::nil(), |id| id.0),
        limit
    )
    .fetch_all(pool)
    .await?;
    let judged: Vec<Uuid> = rows.iter().filter(|row| row.verdict.is_some()).map(|row| row.grading_id).collect();
    let mut cases = cases(pool, &judged).await?;
    rows.into_iter()
        .map(|row| {
            let cases = cases.remove(&row.grading_id).unwrap_or_default();
            row.with(cases, None)
        })
        .collect()
}

async fn cases(pool: &Pool, gradings: &[Uuid]) -> Result<HashMap<Uuid, Vec<CaseResult>>> {
    let rows = sqlx::query!(
        "select grading_id, detail as \"detail: Json<CaseResult>\" from case_results
         where grading_id = any($1) order by grading_id, case_no",
        gradings
    )
    .fetch_all(pool)
    .await?;
    let mut cases: HashMap<Uuid, Vec<CaseResult>> = HashMap::new();
    for row in rows {
        cases.entry(row.grading_id).or_default().push(row.detail.0);
    }
    Ok(cases)
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
