//! Reads all results, one row after the other, as they were at one moment.

use futures_util::TryStreamExt as _;
use jiff_sqlx::Timestamp;
use serde_json::value::RawValue;
use sqlx::PgConnection;

use super::rows::{
    CaseResult, Draft, DraftOther, Exercise, ExerciseVersion, Grading, HintOpened, Progress, Regrade, Report, Row,
    Source, Submission, User,
};
use super::{Pool, TransferError, begin, unexpected};

type Done = Result<(), TransferError>;

/// Hands every row to `take`, in the order of [`Row`]'s kinds and then of their keys: what a row names comes before it. It
/// all happens in one transaction that sees one moment; rows come as they are read, so that memory does not grow with them.
///
/// # Errors
/// [`TransferError`] of the database, or whatever `take` answers.
pub async fn read(pool: &Pool, mut take: impl FnMut(Row) -> Done) -> Done {
    let mut tx = begin(pool).await?;
    sqlx::query!("set transaction isolation level repeatable read, read only").execute(&mut *tx).await?;
    users(&mut tx, &mut take).await?;
    exercises(&mut tx, &mut take).await?;
    versions(&mut tx, &mut take).await?;
    regrades(&mut tx, &mut take).await?;
    submissions(&mut tx, &mut take).await?;
    gradings(&mut tx, &mut take).await?;
    case_results(&mut tx, &mut take).await?;
    progress(&mut tx, &mut take).await?;
    reports(&mut tx, &mut take).await?;
    drafts(&mut tx, &mut take).await?;
    draft_others(&mut tx, &mut take).await?;
    hints(&mut tx, &mut take).await?;
    tx.rollback().await?;
    Ok(())
}

fn json(text: String) -> Result<Box<RawValue>, TransferError> {
    RawValue::from_string(text).map_err(|error| unexpected("JSON", error).into())
}

async fn users(tx: &mut PgConnection, take: &mut impl FnMut(Row) -> Done) -> Done {
    let mut rows =
        sqlx::query!("select id, role, name, email, created_at as \"created_at: Timestamp\" from users order by id")
            .fetch(tx);
    while let Some(row) = rows.try_next().await? {
        let created_at = row.created_at.to_jiff();
        take(Row::User(User { id: row.id, role: row.role, name: row.name, email: row.email, created_at }))?;
    }
    Ok(())
}

async fn exercises(tx: &mut PgConnection, take: &mut impl FnMut(Row) -> Done) -> Done {
    let mut rows = sqlx::query!(
        "select id, lesson, title, current_version, retired_at as \"retired_at: Timestamp\" from exercises
         order by id collate \"C\""
    )
    .fetch(tx);
    while let Some(row) = rows.try_next().await? {
        take(Row::Exercise(Exercise {
            id: row.id,
            lesson: row.lesson,
            title: row.title,
            current_version: row.current_version,
            retired_at: row.retired_at.map(Timestamp::to_jiff),
        }))?;
    }
    Ok(())
}

async fn versions(tx: &mut PgConnection, take: &mut impl FnMut(Row) -> Done) -> Done {
    let mut rows = sqlx::query!(
        "select id, exercise_id, encode(content_hash, 'hex') as \"content_hash!\", tests::text as \"tests!\", points,
             created_at as \"created_at: Timestamp\"
         from exercise_versions order by id"
    )
    .fetch(tx);
    while let Some(row) = rows.try_next().await? {
        take(Row::ExerciseVersion(ExerciseVersion {
            id: row.id,
            exercise_id: row.exercise_id,
            content_hash: row.content_hash,
            tests: json(row.tests)?,
            points: row.points,
            created_at: row.created_at.to_jiff(),
        }))?;
    }
    Ok(())
}

async fn regrades(tx: &mut PgConnection, take: &mut impl FnMut(Row) -> Done) -> Done {
    let mut rows = sqlx::query!(
        "select id, exercise_id, to_version, since as \"since: Timestamp\", take_back, asked_by, state, submissions,
             outcome::text, created_at as \"created_at: Timestamp\", ended_at as \"ended_at: Timestamp\"
         from regrades order by id"
    )
    .fetch(tx);
    while let Some(row) = rows.try_next().await? {
        take(Row::Regrade(Regrade {
            id: row.id,
            exercise_id: row.exercise_id,
            to_version: row.to_version,
            since: row.since.map(Timestamp::to_jiff),
            take_back: row.take_back,
            asked_by: row.asked_by,
            state: row.state,
            submissions: row.submissions,
            outcome: row.outcome.map(json).transpose()?,
            created_at: row.created_at.to_jiff(),
            ended_at: row.ended_at.map(Timestamp::to_jiff),
        }))?;
    }
    Ok(())
}

async fn submissions(tx: &mut PgConnection, take: &mut impl FnMut(Row) -> Done) -> Done {
    let mut rows = sqlx::query!(
        "select id, user_id, exercise_id, version_id, kind, source, source_is_files, idempotency_key,
             created_at as \"created_at: Timestamp\", source_removed_at as \"source_removed_at: Timestamp\"
         from submissions order by id"
    )
    .fetch(tx);
    while let Some(row) = rows.try_next().await? {
        take(Row::Submission(Submission {
            id: row.id,
            user_id: row.user_id,
            exercise_id: row.exercise_id,
            version_id: row.version_id,
            kind: row.kind,
            source: Source::of(row.source),
            source_is_files: row.source_is_files,
            idempotency_key: row.idempotency_key,
            created_at: row.created_at.to_jiff(),
            source_removed_at: row.source_removed_at.map(Timestamp::to_jiff),
        }))?;
    }
    Ok(())
}

async fn gradings(tx: &mut PgConnection, take: &mut impl FnMut(Row) -> Done) -> Done {
    // What is not at its end says nothing of who tried it here.
    let mut rows = sqlx::query!(
        "select g.id, g.submission_id, g.user_id, g.exercise_id, g.version_id, g.kind, g.reason,
             case when e.ended then g.state else 'queued' end as \"state!\", g.standing,
             g.queued_at as \"queued_at: Timestamp\", case when e.ended then g.attempts else 0 end as \"attempts!\",
             case when e.ended then g.worker end as worker,
             case when e.ended then g.started_at end as \"started_at: Timestamp\",
             g.finished_at as \"finished_at: Timestamp\", g.verdict, g.shown_verdict, g.points, g.remarks::text,
             g.timings::text, g.regrade_id, g.details_removed_at as \"details_removed_at: Timestamp\"
         from gradings g cross join lateral (select g.state not in ('queued', 'running') as ended) e order by g.id"
    )
    .fetch(tx);
    while let Some(row) = rows.try_next().await? {
        take(Row::Grading(Grading {
            id: row.id,
            submission_id: row.submission_id,
            user_id: row.user_id,
            exercise_id: row.exercise_id,
            version_id: row.version_id,
            kind: row.kind,
            reason: row.reason,
            state: row.state,
            standing: row.standing,
            queued_at: row.queued_at.to_jiff(),
            attempts: row.attempts,
            worker: row.worker,
            started_at: row.started_at.map(Timestamp::to_jiff),
            finished_at: row.finished_at.map(Timestamp::to_jiff),
            verdict: row.verdict,
            shown_verdict: row.shown_verdict,
            points: row.points,
            remarks: row.remarks.map(json).transpose()?,
            timings: row.timings.map(json).transpose()?,
            regrade_id: row.regrade_id,
            details_removed_at: row.details_removed_at.map(Timestamp::to_jiff),
        }))?;
    }
    Ok(())
}

async fn case_results(tx: &mut PgConnection, take: &mut impl FnMut(Row) -> Done) -> Done {
    let mut rows = sqlx::query!(
        "select c.grading_id, c.case_no, c.name, c.hidden, c.outcome, c.detail::text as \"detail!\"
         from case_results c join gradings g on g.id = c.grading_id
         where g.state not in ('queued', 'running') order by c.grading_id, c.case_no"
    )
    .fetch(tx);
    while let Some(row) = rows.try_next().await? {
        take(Row::CaseResult(CaseResult {
            grading_id: row.grading_id,
            case_no: row.case_no,
            name: row.name,
            hidden: row.hidden,
            outcome: row.outcome,
            detail: json(row.detail)?,
        }))?;
    }
    Ok(())
}

async fn progress(tx: &mut PgConnection, take: &mut impl FnMut(Row) -> Done) -> Done {
    let mut rows = sqlx::query!(
        "select user_id, exercise_id, attempts, best_points, passed_at as \"passed_at: Timestamp\",
             begun_at as \"begun_at: Timestamp\"
         from progress order by user_id, exercise_id collate \"C\""
    )
    .fetch(tx);
    while let Some(row) = rows.try_next().await? {
        take(Row::Progress(Progress {
            user_id: row.user_id,
            exercise_id: row.exercise_id,
            attempts: row.attempts,
            best_points: row.best_points,
            passed_at: row.passed_at.map(Timestamp::to_jiff),
            begun_at: row.begun_at.to_jiff(),
        }))?;
    }
    Ok(())
}

async fn reports(tx: &mut PgConnection, take: &mut impl FnMut(Row) -> Done) -> Done {
    let mut rows = sqlx::query!(
        "select id, submission_id, grading_id, words, created_at as \"created_at: Timestamp\",
             resolved_at as \"resolved_at: Timestamp\", resolved_by, note
         from reports order by id"
    )
    .fetch(tx);
    while let Some(row) = rows.try_next().await? {
        take(Row::Report(Report {
            id: row.id,
            submission_id: row.submission_id,
            grading_id: row.grading_id,
            words: row.words,
            created_at: row.created_at.to_jiff(),
            resolved_at: row.resolved_at.map(Timestamp::to_jiff),
            resolved_by: row.resolved_by,
            note: row.note,
        }))?;
    }
    Ok(())
}

async fn drafts(tx: &mut PgConnection, take: &mut impl FnMut(Row) -> Done) -> Done {
    let mut rows = sqlx::query!(
        "select user_id, exercise_id, source, source_is_files, revision, writer, writer_seq,
             updated_at as \"updated_at: Timestamp\"
         from drafts order by user_id, exercise_id collate \"C\""
    )
    .fetch(tx);
    while let Some(row) = rows.try_next().await? {
        take(Row::Draft(Draft {
            user_id: row.user_id,
            exercise_id: row.exercise_id,
            source: Source::of(row.source),
            source_is_files: row.source_is_files,
            revision: row.revision,
            writer: row.writer,
            writer_seq: row.writer_seq,
            updated_at: row.updated_at.to_jiff(),
        }))?;
    }
    Ok(())
}

async fn draft_others(tx: &mut PgConnection, take: &mut impl FnMut(Row) -> Done) -> Done {
    let mut rows = sqlx::query!(
        "select id, user_id, exercise_id, source, source_is_files, reason, written_at as \"written_at: Timestamp\"
         from draft_others order by id"
    )
    .fetch(tx);
    while let Some(row) = rows.try_next().await? {
        take(Row::DraftOther(DraftOther {
            id: row.id,
            user_id: row.user_id,
            exercise_id: row.exercise_id,
            source: Source::of(row.source),
            source_is_files: row.source_is_files,
            reason: row.reason,
            written_at: row.written_at.to_jiff(),
        }))?;
    }
    Ok(())
}

async fn hints(tx: &mut PgConnection, take: &mut impl FnMut(Row) -> Done) -> Done {
    let mut rows = sqlx::query!(
        "select user_id, exercise_id, hint_no, opened_at as \"opened_at: Timestamp\"
         from hints_opened order by user_id, exercise_id collate \"C\", hint_no"
    )
    .fetch(tx);
    while let Some(row) = rows.try_next().await? {
        take(Row::HintOpened(HintOpened {
            user_id: row.user_id,
            exercise_id: row.exercise_id,
            hint_no: row.hint_no,
            opened_at: row.opened_at.to_jiff(),
        }))?;
    }
    Ok(())
}
