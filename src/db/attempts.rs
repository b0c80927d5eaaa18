//! What a timeline of attempts needs beside their rows: the code, and what became of each case.

use std::collections::HashMap;

use super::{Pool, Result, code, unexpected};
use crate::domain::attempts::CaseOutcome;
use crate::domain::code::Code;
use crate::domain::ids::SubmissionId;
use crate::domain::verdict::Outcome;

/// One attempt's code and cases.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The code; `None` where it was removed for its age.
    pub code: Option<Code>,
    /// What became of each case, hidden ones as they were: whoever shows them to a learner calls
    /// [`crate::domain::attempts::for_learner`].
    pub cases: Vec<CaseOutcome>,
}

/// Code and cases of these submissions.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn of(pool: &Pool, submissions: &[SubmissionId]) -> Result<HashMap<SubmissionId, Attempt>> {
    let ids: Vec<uuid::Uuid> = submissions.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select id, source, source_is_files, source_removed_at is not null as \"removed!\"
         from submissions where id = any($1)",
        &ids
    )
    .fetch_all(pool)
    .await?;
    let mut attempts = HashMap::with_capacity(rows.len());
    for row in rows {
        let code = if row.removed { None } else { Some(code::decode(row.source, row.source_is_files)?) };
        attempts.insert(SubmissionId(row.id), Attempt { code, cases: Vec::new() });
    }
    let rows = sqlx::query!(
        "select g.submission_id, c.name, c.hidden, c.outcome
         from gradings g join case_results c on c.grading_id = g.id
         where g.standing and g.submission_id = any($1) order by c.grading_id, c.case_no",
        &ids
    )
    .fetch_all(pool)
    .await?;
    for row in rows {
        let outcome = Outcome::parse(&row.outcome).ok_or_else(|| unexpected("outcome", &row.outcome))?;
        if let Some(attempt) = attempts.get_mut(&SubmissionId(row.submission_id)) {
            attempt.cases.push(CaseOutcome { name: row.name, hidden: row.hidden, outcome });
        }
    }
    Ok(attempts)
}
