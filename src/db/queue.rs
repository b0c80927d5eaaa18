//! The queue of gradings: the row is the queue, a lease and its token guard each write.

mod reap;

use std::time::Duration;

use sqlx::types::Json;
use uuid::Uuid;

pub use reap::{Reaped, reap, retry_not_graded};

use super::{Pool, Result, listen, unexpected};
use crate::domain::ids::{ExerciseId, GradingId, SubmissionId, UserId, VersionId};
use crate::domain::submission::Kind;
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
    pub source: String,
    /// Which try this is, counted from 1.
    pub attempt: u32,
    /// What every write must show.
    pub lease: Uuid,
    /// How long it waited, in milliseconds, by the database's clock.
    pub waited_ms: i64,
}

fn kind(text: &str) -> Result<Kind> {
    match text {
        "run" => Ok(Kind::Run),
        "submit" => Ok(Kind::Submit),
        other => Err(unexpected("kind", other)),
    }
}

/// Takes the next grading, if there is one: the learner who has waited longest since they were last served comes
/// first, of one learner a *submit* before a *run*, and learners before regrades.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn claim(pool: &Pool, worker: &str, lease: Duration) -> Result<Option<Claimed>> {
    loop {
        match try_claim(pool, worker, lease).await {
            // Another worker took a grading of the same learner between our look and our write: look again.
            Err(sqlx::Error::Database(error)) if error.constraint() == Some("gradings_one_running_per_learner") => {}
            Err(error) => return Err(error.into()),
            Ok(None) => return Ok(None),
            Ok(Some(claimed)) => return claimed.map(Some),
        }
    }
}

async fn try_claim(pool: &Pool, worker: &str, lease: Duration) -> Result<Option<Result<Claimed>>, sqlx::Error> {
    let token = Uuid::new_v4();
    let mut tx = pool.begin().await?;
    // A claim that is lost with the database's memory only means that the grading is taken again: its worker's token
    // does not fit any more. So nobody waits for the disk here.
    sqlx::query!("set local synchronous_commit = off").execute(&mut *tx).await?;
    let row = sqlx::query!(
        "with next as (
             select g.id from gradings g left join turns t on t.user_id = g.user_id
             where g.state = 'queued' and g.run_after <= now()
               and (g.reason = 'regrade' or not exists (
                   select 1 from gradings r
                   where r.user_id = g.user_id and r.state = 'running' and r.reason <> 'regrade'))
             order by g.reason = 'regrade',
                 greatest(coalesce(t.served_at, '-infinity'),
                     (select min(w.queued_at) from gradings w where w.user_id = g.user_id and w.state = 'queued')),
                 g.kind = 'run', g.queued_at
             limit 1
             for update of g skip locked
         ), taken as (
             update gradings g
             set state = 'running', attempts = g.attempts + 1, lease_token = $1, worker = $2, started_at = now(),
                 lease_until = now() + make_interval(secs => $3)
             from next where g.id = next.id
             returning g.id, g.submission_id, g.user_id, g.exercise_id, g.version_id, g.kind, g.attempts,
                 (extract(epoch from clock_timestamp() - g.queued_at) * 1000)::bigint as waited_ms
         ), turn as (
             insert into turns (user_id, served_at) select user_id, clock_timestamp() from taken
             on conflict (user_id) do update set served_at = excluded.served_at
         )
         select t.id, t.submission_id, t.user_id, t.exercise_id, t.version_id, t.kind, t.attempts,
             t.waited_ms as \"waited_ms!\", s.source
         from taken t join submissions s on s.id = t.submission_id",
        token,
        worker,
        lease.as_secs_f64()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    listen::notify_submission(&mut tx, SubmissionId(row.submission_id)).await?;
    tx.commit().await?;
    let claimed = ExerciseId::parse(&row.exercise_id).map_err(|_| unexpected("exercise", &row.exercise_id));
    Ok(Some(claimed.and_then(|exercise| {
        Ok(Claimed {
            grading: GradingId(row.id),
            submission: SubmissionId(row.submission_id),
            user: UserId(row.user_id),
            exercise,
            version: VersionId(row.version_id),
            kind: kind(&row.kind)?,
            source: String::from_utf8(row.source).map_err(|_| unexpected("source of submission", row.submission_id))?,
            attempt: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            lease: token,
            waited_ms: row.waited_ms,
        })
    })))
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

/// Writes a verdict with its case results and the progress it makes, all or nothing.
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
    let mut tx = pool.begin().await?;
    let row = sqlx::query!(
        // Somebody waits again from the end of their last run, not from its beginning: else whoever has many waiting
        // would have waited longer than one who came while the last of them ran.
        "with done as (
             update gradings
             set state = 'done', verdict = $3, shown_verdict = $4, points = $5, remarks = $6, timings = $7,
                 lease_token = null, lease_until = null, finished_at = clock_timestamp()
             where id = $1 and lease_token = $2 and state = 'running'
             returning user_id, standing
         ), turn as (
             update turns set served_at = clock_timestamp() from done where turns.user_id = done.user_id
         )
         select standing from done",
        claimed.grading.0,
        claimed.lease,
        verdict.kind.as_str(),
        shown.as_str(),
        points,
        Json(remarks) as _,
        Json(timings) as _
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else {
        return Ok(Written::LeaseLost);
    };
    write_cases(&mut tx, claimed.grading, verdict).await?;
    sqlx::query!("delete from submission_events where grading_id = $1", claimed.grading.0).execute(&mut *tx).await?;
    if row.standing && claimed.kind == Kind::Submit && verdict.kind != VerdictKind::NotGraded {
        sqlx::query!(
            // The owner is read from the row: a guest may have become somebody else's history meanwhile.
            "insert into progress (user_id, exercise_id, attempts, best_points, passed_at)
             select user_id, exercise_id, 1, $2, case when $3 then now() end from gradings where id = $1
             on conflict (user_id, exercise_id) do update set
                 attempts = progress.attempts + 1,
                 best_points = greatest(progress.best_points, excluded.best_points),
                 passed_at = coalesce(progress.passed_at, excluded.passed_at)",
            claimed.grading.0,
            points,
            verdict.kind == VerdictKind::Passed
        )
        .execute(&mut *tx)
        .await?;
    }
    listen::notify_submission(&mut tx, claimed.submission).await?;
    // The learner's next grading may start now, and a worker may be waiting for just that.
    listen::notify_queue(&mut tx).await?;
    tx.commit().await?;
    Ok(Written::Yes)
}

async fn write_cases(tx: &mut sqlx::PgTransaction<'_>, grading: GradingId, verdict: &Verdict) -> Result<()> {
    let count = verdict.cases.len();
    let mut numbers = Vec::with_capacity(count);
    let mut names = Vec::with_capacity(count);
    let mut hidden = Vec::with_capacity(count);
    let mut outcomes = Vec::with_capacity(count);
    let mut details = Vec::with_capacity(count);
    for (number, case) in (0_i32..).zip(&verdict.cases) {
        numbers.push(number);
        names.push(case.name.replace('\0', "\u{2400}"));
        hidden.push(case.hidden);
        outcomes.push(case.outcome.as_str().to_owned());
        details.push(serde_json::to_string(case).map_err(|error| unexpected("case result", error))?);
    }
    sqlx::query!(
        "insert into case_results (grading_id, case_no, name, hidden, outcome, detail)
         select $1, c.case_no, c.name, c.hidden, c.outcome, c.detail::json
         from unnest($2::int[], $3::text[], $4::bool[], $5::text[], $6::text[])
             as c (case_no, name, hidden, outcome, detail)",
        grading.0,
        &numbers,
        &names,
        &hidden,
        &outcomes,
        &details
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Hands a grading back, to be taken again after a while: our fault, or a worker that stops.
///
/// `counts` is false when the try was cut short by us and must not use one up.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn hand_back(pool: &Pool, claimed: &Claimed, after: Duration, counts: bool) -> Result<Written> {
    let mut tx = pool.begin().await?;
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

/// How much waits, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// Gradings that wait.
    pub waiting: i64,
    /// Age of the oldest, in milliseconds.
    pub oldest_ms: i64,
}

/// How much waits.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn depth(pool: &Pool) -> Result<Depth> {
    let row = sqlx::query!(
        "select count(*) as \"waiting!\",
             coalesce(extract(epoch from clock_timestamp() - min(queued_at)) * 1000, 0)::bigint as \"oldest_ms!\"
         from gradings where state = 'queued'"
    )
    .fetch_one(pool)
    .await?;
    Ok(Depth { waiting: row.waiting, oldest_ms: row.oldest_ms })
}
