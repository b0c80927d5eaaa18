//! Verdicts that learners call wrong, and what instructors answer.

use jiff_sqlx::Timestamp;

use super::{Pool, Result, begin, code, unexpected};
use crate::domain::ids::{ExerciseId, ReportId, SubmissionId, UserId};
use crate::domain::verdict::VerdictKind;

/// Most letters of a report or an answer.
pub const MAX_WORDS: usize = 2000;

/// A report.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// What the learner says.
    pub words: String,
    /// When they said it.
    pub created_at: jiff::Timestamp,
    /// What they are told, once somebody has looked at it.
    pub note: Option<String>,
}

/// A report with what an instructor needs to look at it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The report.
    pub report: Report,
    /// The submission it is about.
    pub submission: SubmissionId,
    /// Of which exercise.
    pub exercise: ExerciseId,
    /// Whose it is.
    pub learner: String,
    /// Their address; guests have none.
    pub email: Option<String>,
    /// The verdict that they call wrong.
    pub verdict: Option<VerdictKind>,
    /// The verdict that stands now, if it is another.
    pub verdict_now: Option<VerdictKind>,
    /// The code.
    pub source: String,
    /// Who answered.
    pub answered_by: Option<String>,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filed {
    /// It is kept.
    Yes(ReportId),
    /// One of this submission is not answered yet; it stays as it is.
    OneIsOpen(ReportId),
    /// There is no verdict to report.
    NoVerdict,
}

/// Keeps a learner's word that the verdict of a submission is wrong.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn file(pool: &Pool, submission: SubmissionId, words: &str) -> Result<Filed> {
    let id = ReportId::new();
    let words: String = words.replace('\0', "\u{2400}").chars().take(MAX_WORDS).collect();
    let mut tx = begin(pool).await?;
    let filed = sqlx::query!(
        "insert into reports (id, submission_id, grading_id, words)
         select $1, submission_id, id, $3 from gradings where submission_id = $2 and standing and state = 'done'
         on conflict (submission_id) where resolved_at is null do nothing",
        id.0,
        submission.0,
        words
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    let open =
        sqlx::query_scalar!("select id from reports where submission_id = $1 and resolved_at is null", submission.0)
            .fetch_optional(&mut *tx)
            .await?;
    tx.commit().await?;
    Ok(match (filed, open) {
        (1.., _) => Filed::Yes(id),
        (0, Some(open)) => Filed::OneIsOpen(ReportId(open)),
        (0, None) => Filed::NoVerdict,
    })
}

/// The newest report of a submission.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn of(pool: &Pool, submission: SubmissionId) -> Result<Option<Report>> {
    let row = sqlx::query!(
        "select id, words, created_at as \"created_at: Timestamp\", note from reports
         where submission_id = $1 order by id desc limit 1",
        submission.0
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Report {
        id: ReportId(row.id),
        words: row.words,
        created_at: row.created_at.to_jiff(),
        note: row.note,
    }))
}

/// A page of at most `limit` of the reports that somebody made, oldest first, those after `after`, with what they are about.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn of_user(
    pool: &Pool,
    user: UserId,
    after: Option<ReportId>,
    limit: i64,
) -> Result<Vec<(SubmissionId, Report)>> {
    let rows = sqlx::query!(
        "select r.id, r.submission_id, r.words, r.created_at as \"created_at: Timestamp\", r.note
         from reports r join submissions s on s.id = r.submission_id
         where s.user_id = $1 and r.id > $2 order by r.id limit $3",
        user.0,
        after.map_or(uuid::Uuid::nil(), |id| id.0),
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let report =
                Report { id: ReportId(row.id), words: row.words, created_at: row.created_at.to_jiff(), note: row.note };
            (SubmissionId(row.submission_id), report)
        })
        .collect())
}

/// A page of reports, newest first: those that nobody has answered, or those that somebody has.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn page(pool: &Pool, answered: bool, before: Option<ReportId>, limit: i64) -> Result<Vec<Listed>> {
    let rows = sqlx::query!(
        "select r.id, r.words, r.created_at as \"created_at: Timestamp\", r.note, s.id as submission_id, s.exercise_id,
             s.source, s.source_is_files, u.name, u.email, g.verdict, n.verdict as \"verdict_now?\", a.name as \"answered_by?\"
         from reports r join submissions s on s.id = r.submission_id join users u on u.id = s.user_id
         join gradings g on g.id = r.grading_id
         left join gradings n on n.submission_id = s.id and n.standing and n.id <> g.id
         left join users a on a.id = r.resolved_by
         where (r.resolved_at is not null) = $1 and ($2::uuid is null or r.id < $2)
         order by r.id desc limit $3",
        answered,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Listed {
                report: Report {
                    id: ReportId(row.id),
                    words: row.words,
                    created_at: row.created_at.to_jiff(),
                    note: row.note,
                },
                submission: SubmissionId(row.submission_id),
                exercise: ExerciseId::parse(&row.exercise_id).map_err(|_| unexpected("exercise", &row.exercise_id))?,
                learner: row.name,
                email: row.email,
                verdict: row.verdict.as_deref().and_then(VerdictKind::parse),
                verdict_now: row.verdict_now.as_deref().and_then(VerdictKind::parse),
                source: code::decode(row.source, row.source_is_files)?.listing(),
                answered_by: row.answered_by,
            })
        })
        .collect()
}

/// Answers a report. Answers whether it was there and open.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn answer(pool: &Pool, id: ReportId, by: UserId, note: &str) -> Result<bool> {
    let note: String = note.replace('\0', "\u{2400}").chars().take(MAX_WORDS).collect();
    let answered = sqlx::query!(
        "update reports set resolved_at = now(), resolved_by = $2, note = $3 where id = $1 and resolved_at is null",
        id.0,
        by.0,
        note
    )
    .execute(pool)
    .await?;
    Ok(answered.rows_affected() == 1)
}
