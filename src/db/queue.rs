//! The queue of gradings: the row is the queue, a lease and its token guard each write.

mod claim;
mod place;
mod reap;

use std::time::Duration;

use crate::db::json::AsJson;
use uuid::Uuid;

pub use claim::{claim, claim_for_learners};
pub use place::place;
pub use reap::{Reaped, reap, retry_not_graded};

use super::{Pool, Result, begin, listen, unexpected};
use crate::domain::code::Code;
use crate::domain::ids::{ExerciseId, GradingId, SubmissionId, UserId, VersionId};
use crate::domain::submission::{GradingState, Kind};
use crate::domain::verdict::{Verdict, VerdictKind};

/// A grading that a worker holds.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The grading.
    pub grading: GradingId,
    /// Its submission.
    pub submission: SubmissionId,
    /// Whose it is.
    pub user: UserId,
    /// Of which exercise.
    pub exercise: ExerciseId,
    /// The version the learner saw.
    pub version: VersionId,
    /// *Run* or *Submit*.
    pub kind: Kind,
    /// The code.
    pub code: Code,
    /// Which try this is, counted from 1.
    pub attempt: u32,
    /// What every write must show.
    pub lease: Uuid,
    /// How long it waited, in milliseconds, by the database's clock.
    pub waited_ms: i64,
    /// Who asked for it.
    pub reason: Reason,
}

/// Who asked for a grading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A learner, who waits for it.
    Learner,
    /// Somebody who has old submissions judged anew.
    Regrade,
}

/// Keeps a lease from running out. Answers `false` when it is lost already.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn renew(pool: &Pool, claimed: &Claimed, lease: Duration) -> Result<bool> {
    let renewed = sqlx::query!(
        "update gradings set lease_until = now() + make_interval(secs => $3) where id = $1 and lease_token = $2",
        claimed.grading.0,
        claimed.lease,
        lease.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Whether a write was made, or refused because another worker holds the grading now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It was made.
    Yes,
    /// The lease was lost: nothing was written.
    LeaseLost,
}

/// Writes a verdict with its case results and the progress it makes, all or nothing: one statement, so that nothing
/// waits for us in between. Whoever calls this tells those who wait for the verdict ([`listen::announce`]).
///
/// # Errors
/// [`super::Error`] when the database fails; nothing is written then.
pub async fn finish(pool: &Pool, claimed: &Claimed, verdict: &Verdict, timings: &serde_json::Value) -> Result<Written> {
    let points = i32::try_from(verdict.points()).unwrap_or(i32::MAX);
    let shown = verdict.clone().for_learner().kind;
    let remarks = serde_json::json!({
        "diagnostics": verdict.diagnostics,
        "compile_output": verdict.compile_output,
        "stray_output": verdict.stray_output,
        "says": verdict.says,
        "fault": verdict.fault,
        "checked_in_vm": verdict.checked_in_vm,
    });
    let cases = Cases::of(verdict)?;
    let counts = claimed.kind == Kind::Submit && verdict.kind != VerdictKind::NotGraded;
    let written = sqlx::query_scalar!(
        "with done as (
             update gradings
             set state = 'done', verdict = $3, shown_verdict = $4, points = $5, remarks = $6, timings = $7,
                 lease_token = null, lease_until = null, finished_at = clock_timestamp()
             where id = $1 and lease_token = $2 and state = 'running'
             returning id, user_id, exercise_id, standing
         ), cases as (
             insert into case_results (grading_id, case_no, name, hidden, outcome, detail)
             select done.id, c.case_no, c.name, c.hidden, c.outcome, c.detail::json
             from done cross join unnest($8::int[], $9::text[], $10::bool[], $11::text[], $12::text[])
                 as c (case_no, name, hidden, outcome, detail)
         ), events as (
             delete from submission_events e using done where e.grading_id = done.id
         ), counted as (
             -- The owner is read from the row: a guest may have become somebody else's history meanwhile.
             insert into progress (user_id, exercise_id, attempts, best_points, passed_at)
             select user_id, exercise_id, 1, $5, case when $14 then now() end from done where standing and $13
             on conflict (user_id, exercise_id) do update set
                 attempts = progress.attempts + 1,
                 best_points = greatest(progress.best_points, excluded.best_points),
                 passed_at = coalesce(progress.passed_at, excluded.passed_at)
         )
         select true as \"written!\" from done",
        claimed.grading.0,
        claimed.lease,
        verdict.kind.as_str(),
        shown.as_str(),
        points,
        AsJson(remarks) as _,
        AsJson(timings) as _,
        &cases.numbers,
        &cases.names,
        &cases.hidden,
        &cases.outcomes,
        &cases.details,
        counts,
        verdict.kind == VerdictKind::Passed
    )
    .fetch_optional(pool)
    .await?;
    Ok(if written.is_some() { Written::Yes } else { Written::LeaseLost })
}

/// The cases of a verdict, column by column.
#[derive(Debug, Default)]
struct Cases {
    numbers: Vec<i32>,
    names: Vec<String>,
    hidden: Vec<bool>,
    outcomes: Vec<String>,
    details: Vec<String>,
}

impl Cases {
    fn of(verdict: &Verdict) -> Result<Self> {
        let mut columns = Self::default();
        for (number, case) in (0_i32..).zip(&verdict.cases) {
            columns.numbers.push(number);
            columns.names.push(case.name.replace('\0', "\u{2400}"));
            columns.hidden.push(case.hidden);
            columns.outcomes.push(case.outcome.as_str().to_owned());
            columns.details.push(serde_json::to_string(case).map_err(|error| unexpected("case result", error))?);
        }
        Ok(columns)
    }
}

/// Hands a grading back, to be taken again after a while: our fault, or a worker that stops.
///
/// `counts` is false when the try was cut short by us and must not use one up.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn hand_back(pool: &Pool, claimed: &Claimed, after: Duration, counts: bool) -> Result<Written> {
    let mut tx = begin(pool).await?;
    let changed = sqlx::query!(
        "update gradings set state = 'queued', lease_token = null, lease_until = null, worker = null,
             run_after = now() + make_interval(secs => $3), attempts = attempts - case when $4 then 0 else 1 end
         where id = $1 and lease_token = $2 and state = 'running'",
        claimed.grading.0,
        claimed.lease,
        after.as_secs_f64(),
        counts
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if changed == 0 {
        return Ok(Written::LeaseLost);
    }
    listen::notify_submission(&mut tx, claimed.submission).await?;
    listen::notify_queue(&mut tx).await?;
    tx.commit().await?;
    Ok(Written::Yes)
}

/// Where a grading stands; `None` when there is none of that id.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn state(pool: &Pool, grading: GradingId) -> Result<Option<GradingState>> {
    let state = sqlx::query_scalar!("select state from gradings where id = $1", grading.0).fetch_optional(pool).await?;
    state.map(|state| GradingState::parse(&state).ok_or_else(|| unexpected("state", &state))).transpose()
}

/// How much waits, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// Gradings that learners wait for.
    pub waiting: i64,
    /// Age of the oldest of them, in milliseconds.
    pub oldest_ms: i64,
    /// Regrades that wait.
    pub regrades: i64,
}

/// How much waits.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn depth(pool: &Pool) -> Result<Depth> {
    let row = sqlx::query!(
        "select count(*) filter (where reason <> 'regrade') as \"waiting!\",
             count(*) filter (where reason = 'regrade') as \"regrades!\",
             coalesce(extract(epoch from clock_timestamp() - min(queued_at) filter (where reason <> 'regrade')) * 1000,
                 0)::bigint as \"oldest_ms!\"
         from gradings where state = 'queued'"
    )
    .fetch_one(pool)
    .await?;
    Ok(Depth { waiting: row.waiting, oldest_ms: row.oldest_ms, regrades: row.regrades })
}
