//! Takes rows into an empty database, all of them or none.

use jiff_sqlx::{Timestamp, ToSqlx as _};
use serde_json::value::RawValue;
use sqlx::{PgConnection, PgTransaction};
use uuid::Uuid;

use super::rows::{
    CaseResult, Draft, DraftOther, Exercise, ExerciseVersion, Grading, HintOpened, Progress, Regrade, Report, Row,
    Submission, User,
};
use super::{Pool, TransferError, begin, listen};

type Done<T = ()> = Result<T, TransferError>;

/// Whether the database holds nobody and nothing that could be exported.
///
/// # Errors
/// [`super::super::Error`] when the database fails.
pub async fn is_empty(pool: &Pool) -> super::super::Result<bool> {
    Ok(sqlx::query_scalar!(
        "select not exists (select 1 from users) and not exists (select 1 from exercises) as \"empty!\""
    )
    .fetch_one(pool)
    .await?)
}

/// Rows on their way in. Dropped before [`Import::finish`], it leaves nothing.
pub struct Import {
    tx: PgTransaction<'static>,
    /// Exercises and their present versions, which come after them. As many as a course has, so they fit.
    current: Vec<(String, Uuid)>,
}

impl Import {
    /// Begins. Whoever else writes to these tables waits until it ends.
    ///
    /// # Errors
    /// [`TransferError::Unfit`] when the database is not empty any more.
    pub async fn begin(pool: &Pool) -> Done<Self> {
        let mut tx = begin(pool).await?;
        sqlx::query!("lock table users, exercises in share row exclusive mode").execute(&mut *tx).await?;
        let empty = sqlx::query_scalar!(
            "select not exists (select 1 from users) and not exists (select 1 from exercises) as \"empty!\""
        )
        .fetch_one(&mut *tx)
        .await?;
        if !empty {
            return Err(TransferError::Unfit("somebody else has begun to use the database".to_owned()));
        }
        // Turns are counted once, at the end. Counted for each grading, a learner's row would get as many versions as
        // they have gradings, and each count would walk along all of them.
        sqlx::query!("alter table gradings disable trigger gradings_turn_inserted").execute(&mut *tx).await?;
        Ok(Self { tx, current: Vec::new() })
    }

    /// Takes a row.
    ///
    /// # Errors
    /// [`TransferError::Unfit`] when it does not fit what came before; nothing more can be taken then.
    pub async fn row(&mut self, row: &Row) -> Done {
        match row {
            Row::User(row) => user(&mut self.tx, row).await,
            Row::Exercise(row) => {
                self.current.extend(row.current_version.map(|version| (row.id.clone(), version)));
                exercise(&mut self.tx, row).await
            }
            Row::ExerciseVersion(row) => version(&mut self.tx, row).await,
            Row::Regrade(row) => regrade(&mut self.tx, row).await,
            Row::Submission(row) => submission(&mut self.tx, row).await,
            Row::Grading(row) => grading(&mut self.tx, row).await,
            Row::CaseResult(row) => case_result(&mut self.tx, row).await,
            Row::Progress(row) => progress(&mut self.tx, row).await,
            Row::Report(row) => report(&mut self.tx, row).await,
            Row::Draft(row) => draft(&mut self.tx, row).await,
            Row::DraftOther(row) => draft_other(&mut self.tx, row).await,
            Row::HintOpened(row) => hint(&mut self.tx, row).await,
        }
    }

    /// Lets it all stand.
    ///
    /// # Errors
    /// [`TransferError::Unfit`] when an exercise's present version, or the standing grading of a submission, is missing.
    pub async fn finish(mut self) -> Done {
        for (exercise, version) in &self.current {
            let set = sqlx::query!(
                "update exercises set current_version = $2
                 where id = $1 and exists (select 1 from exercise_versions where id = $2 and exercise_id = $1)",
                exercise,
                version
            )
            .execute(&mut *self.tx)
            .await?;
            if set.rows_affected() == 0 {
                let message = format!("the present version {version} of the exercise `{exercise}` is missing");
                return Err(TransferError::Unfit(message));
            }
        }
        let ungraded = sqlx::query_scalar!(
            "select s.id from submissions s
             where not exists (select 1 from gradings g where g.submission_id = s.id and g.standing) limit 1"
        )
        .fetch_optional(&mut *self.tx)
        .await?;
        if let Some(id) = ungraded {
            return Err(TransferError::Unfit(format!("the submission {id} has no grading that stands")));
        }
        sqlx::query!("alter table gradings enable trigger gradings_turn_inserted").execute(&mut *self.tx).await?;
        sqlx::query!(
            "select count_turn(user_id, false) from (
                 select distinct user_id from gradings where state = 'queued' and reason <> 'regrade') waiting"
        )
        .fetch_all(&mut *self.tx)
        .await?;
        listen::notify_queue(&mut self.tx).await?;
        self.tx.commit().await?;
        Ok(())
    }
}

/// Whether a row was taken by a statement that looks at what it belongs to.
fn taken(result: &sqlx::postgres::PgQueryResult, otherwise: &str) -> Done {
    if result.rows_affected() == 1 { Ok(()) } else { Err(TransferError::Unfit(otherwise.to_owned())) }
}

fn moment(at: Option<jiff::Timestamp>) -> Option<Timestamp> {
    at.map(jiff::Timestamp::to_sqlx)
}

fn text(json: Option<&RawValue>) -> Option<&str> {
    json.map(RawValue::get)
}

async fn user(tx: &mut PgConnection, row: &User) -> Done {
    sqlx::query!(
        "insert into users (id, role, name, email, created_at) values ($1, $2, $3, $4, $5)",
        row.id,
        row.role,
        row.name,
        row.email,
        row.created_at.to_sqlx() as Timestamp
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn exercise(tx: &mut PgConnection, row: &Exercise) -> Done {
    sqlx::query!(
        "insert into exercises (id, lesson, title, retired_at) values ($1, $2, $3, $4)",
        row.id,
        row.lesson,
        row.title,
        moment(row.retired_at) as Option<Timestamp>
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn version(tx: &mut PgConnection, row: &ExerciseVersion) -> Done {
    sqlx::query!(
        "insert into exercise_versions (id, exercise_id, content_hash, tests, points, created_at)
         values ($1, $2, decode($3, 'hex'), $4::text::json, $5, $6)",
        row.id,
        row.exercise_id,
        row.content_hash,
        row.tests.get(),
        row.points,
        row.created_at.to_sqlx() as Timestamp
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn regrade(tx: &mut PgConnection, row: &Regrade) -> Done {
    let result = sqlx::query!(
        "insert into regrades (id, exercise_id, to_version, since, take_back, asked_by, state, submissions, outcome,
             created_at, ended_at)
         select $1, $2, v.id, $4, $5, $6, $7, $8, $9::text::json, $10, $11
         from exercise_versions v where v.id = $3 and v.exercise_id = $2",
        row.id,
        row.exercise_id,
        row.to_version,
        moment(row.since) as Option<Timestamp>,
        row.take_back,
        row.asked_by,
        row.state,
        row.submissions,
        text(row.outcome.as_deref()),
        row.created_at.to_sqlx() as Timestamp,
        moment(row.ended_at) as Option<Timestamp>
    )
    .execute(tx)
    .await?;
    taken(&result, "its exercise has no such version above")
}

async fn submission(tx: &mut PgConnection, row: &Submission) -> Done {
    let result = sqlx::query!(
        "insert into submissions (id, user_id, exercise_id, version_id, kind, source, source_is_files, idempotency_key,
             created_at, source_removed_at)
         select $1, $2, $3, v.id, $5, $6, $7, $8, $9, $10
         from exercise_versions v where v.id = $4 and v.exercise_id = $3",
        row.id,
        row.user_id,
        row.exercise_id,
        row.version_id,
        row.kind,
        row.source.bytes().unwrap_or_default(),
        row.source_is_files,
        row.idempotency_key,
        row.created_at.to_sqlx() as Timestamp,
        moment(row.source_removed_at) as Option<Timestamp>
    )
    .execute(tx)
    .await?;
    taken(&result, "its exercise has no such version above")
}

async fn grading(tx: &mut PgConnection, row: &Grading) -> Done {
    let result = sqlx::query!(
        "insert into gradings (id, submission_id, user_id, exercise_id, version_id, kind, reason, state, standing,
             queued_at, run_after, attempts, worker, started_at, finished_at, verdict, shown_verdict, points, remarks,
             timings, regrade_id, details_removed_at)
         select $1, s.id, s.user_id, s.exercise_id, v.id, s.kind, $7, $8, $9, $10, $10, $11, $12, $13, $14, $15, $16, $17,
             $18::text::json, $19::text::json, $20, $21
         from submissions s join exercise_versions v on v.id = $5 and v.exercise_id = s.exercise_id
         where s.id = $2 and s.user_id = $3 and s.exercise_id = $4 and s.kind = $6",
        row.id,
        row.submission_id,
        row.user_id,
        row.exercise_id,
        row.version_id,
        row.kind,
        row.reason,
        row.state,
        row.standing,
        row.queued_at.to_sqlx() as Timestamp,
        row.attempts,
        row.worker.as_deref(),
        moment(row.started_at) as Option<Timestamp>,
        moment(row.finished_at) as Option<Timestamp>,
        row.verdict.as_deref(),
        row.shown_verdict.as_deref(),
        row.points,
        text(row.remarks.as_deref()),
        text(row.timings.as_deref()),
        row.regrade_id,
        moment(row.details_removed_at) as Option<Timestamp>
    )
    .execute(tx)
    .await?;
    taken(
        &result,
        "no submission above is of the same id, learner, exercise and kind, or its exercise has no such version",
    )
}

async fn case_result(tx: &mut PgConnection, row: &CaseResult) -> Done {
    let result = sqlx::query!(
        "insert into case_results (grading_id, case_no, name, hidden, outcome, detail)
         select g.id, $2, $3, $4, $5, $6::text::json from gradings g
         where g.id = $1 and g.state not in ('queued', 'running')",
        row.grading_id,
        row.case_no,
        row.name,
        row.hidden,
        row.outcome,
        row.detail.get()
    )
    .execute(tx)
    .await?;
    taken(&result, "no grading above that is at its end has this id")
}

async fn progress(tx: &mut PgConnection, row: &Progress) -> Done {
    sqlx::query!(
        "insert into progress (user_id, exercise_id, attempts, best_points, passed_at, begun_at)
         values ($1, $2, $3, $4, $5, $6)",
        row.user_id,
        row.exercise_id,
        row.attempts,
        row.best_points,
        moment(row.passed_at) as Option<Timestamp>,
        row.begun_at.to_sqlx() as Timestamp
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn report(tx: &mut PgConnection, row: &Report) -> Done {
    let result = sqlx::query!(
        "insert into reports (id, submission_id, grading_id, words, created_at, resolved_at, resolved_by, note)
         select $1, g.submission_id, g.id, $4, $5, $6, $7, $8 from gradings g where g.id = $3 and g.submission_id = $2",
        row.id,
        row.submission_id,
        row.grading_id,
        row.words,
        row.created_at.to_sqlx() as Timestamp,
        moment(row.resolved_at) as Option<Timestamp>,
        row.resolved_by,
        row.note.as_deref()
    )
    .execute(tx)
    .await?;
    taken(&result, "no grading above has this id and submission")
}

async fn draft(tx: &mut PgConnection, row: &Draft) -> Done {
    sqlx::query!(
        "insert into drafts (user_id, exercise_id, source, source_is_files, revision, writer, writer_seq, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        row.user_id,
        row.exercise_id,
        row.source.bytes().unwrap_or_default(),
        row.source_is_files,
        row.revision,
        row.writer,
        row.writer_seq,
        row.updated_at.to_sqlx() as Timestamp
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn draft_other(tx: &mut PgConnection, row: &DraftOther) -> Done {
    sqlx::query!(
        "insert into draft_others (id, user_id, exercise_id, source, source_is_files, reason, written_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        row.id,
        row.user_id,
        row.exercise_id,
        row.source.bytes().unwrap_or_default(),
        row.source_is_files,
        row.reason,
        row.written_at.to_sqlx() as Timestamp
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn hint(tx: &mut PgConnection, row: &HintOpened) -> Done {
    sqlx::query!(
        "insert into hints_opened (user_id, exercise_id, hint_no, opened_at) values ($1, $2, $3, $4)",
        row.user_id,
        row.exercise_id,
        row.hint_no,
        row.opened_at.to_sqlx() as Timestamp
    )
    .execute(tx)
    .await?;
    Ok(())
}
