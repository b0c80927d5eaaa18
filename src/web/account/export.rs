//! `GET /account/export`: everything that is kept about somebody, in one file. It is written while it is read, a page of rows
//! at a time, so that neither memory nor the first byte's wait grows with it.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::stream;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::db::{accounts, api_tokens, drafts, hints, progress, reports, results};
use crate::domain::account::User;
use crate::domain::ids::{ExerciseId, ReportId, SubmissionId};
use crate::domain::verdict::Verdict;
use crate::web::error::WebError;
use crate::web::state::AppState;
use crate::web::views::draft::{draft_json, other_json};
use crate::web::views::submission::SubmissionJson;
use crate::web::views::tokens::TokenJson;
use crate::web::visitor::Visitor;

/// Submissions, or reports, that are read at a time: with sources of at most 64 KiB and their results some MiB.
const PAGE: i64 = 50;

/// Exercises whose drafts are read at a time: of each there are a dozen at most.
const EXERCISES: i64 = 5;

/// What comes next.
#[derive(Debug)]
enum Step {
    Head,
    Submissions(Option<SubmissionId>),
    Reports(Option<ReportId>),
    Drafts(Option<ExerciseId>),
    End,
}

/// The file.
///
/// # Errors
/// [`WebError::SignInNeeded`] for guests, [`WebError::TooMany`] of them.
pub async fn get(_: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    let user = visitor.account()?.clone();
    let too_many = |wait| WebError::TooMany { what: "downloads of your data", wait };
    state.rates.export_account.check(&user.id).map_err(too_many)?;
    let session = visitor.token.hash();
    let rows = stream::try_unfold(Step::Head, move |step| {
        let (state, user) = (state.clone(), user.clone());
        async move {
            let next = match step {
                Step::Head => (head(&state, &user, &session).await?, Step::Submissions(None)),
                Step::Submissions(after) => submissions(&state, &user, after).await?,
                Step::Reports(after) => reported(&state, &user, after).await?,
                Step::Drafts(after) => drafted(&state, &user, after).await?,
                Step::End => return Ok(None),
            };
            Ok(Some((Bytes::from(next.0), next.1)))
        }
    });
    let rows = Box::pin(futures_util::TryStreamExt::inspect_err(rows, WebError::log));
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"athanor-account.json\""))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(rows))
}

/// Everything of which there is little, and the beginning of the list of submissions. What a new table holds of a person
/// is added here, or as a step of its own where there may be much of it.
async fn head(state: &AppState, user: &User, session: &[u8; 32]) -> Result<String, WebError> {
    let now = Timestamp::now();
    let account = accounts::find(&state.pool, user.id, session).await?.ok_or(WebError::SessionEnded)?;
    let tokens = api_tokens::list(&state.pool, user.id).await?;
    let tokens: Vec<TokenJson> = tokens.iter().map(|token| TokenJson::new(token, now)).collect();
    let mut progress: Vec<_> = progress::of(&state.pool, user.id).await?.into_iter().collect();
    progress.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
    let progress: Vec<Value> = progress
        .into_iter()
        .map(|(exercise, progress)| {
            json!({
                "exercise": exercise.as_str(), "attempts": progress.attempts, "best_points": progress.best_points,
                "passed_at": progress.passed_at.map(|at| at.to_string()),
            })
        })
        .collect();
    let sessions: Vec<Value> = account
        .sessions
        .iter()
        .map(|session| {
            json!({
                "begun_at": session.begun_at.to_string(), "ends_at": session.ends_at.to_string(),
                "present": session.present,
            })
        })
        .collect();
    let hints = hints::of(&state.pool, user.id).await?;
    let hints: Vec<Value> = hints
        .into_iter()
        .map(|(exercise, hint, at)| json!({ "exercise": exercise, "hint": hint, "opened_at": at.to_string() }))
        .collect();
    let head = json!({
        "exported_at": now.to_string(),
        "account": {
            "id": user.id, "name": user.name, "email": user.email, "role": user.role,
            "created_at": account.created_at.to_string(), "has_password": account.has_password,
            "signs_in_with": account.issuers,
        },
        "sessions": sessions,
        "tokens": tokens,
        "progress": progress,
        "hints": hints,
    });
    let mut text = text(&head)?;
    text.pop();
    text.push_str(",\"submissions\":[");
    Ok(text)
}

async fn submissions(state: &AppState, user: &User, after: Option<SubmissionId>) -> Result<(String, Step), WebError> {
    let page = results::of_user(&state.pool, user.id, after, PAGE).await?;
    let mut written = String::new();
    for submission in &page {
        if after.is_some() || !written.is_empty() {
            written.push(',');
        }
        // As a learner may see it, whoever they are: what an instructor sees of hidden cases is not their own data.
        let verdict = submission.verdict.clone().map(Verdict::for_learner);
        written.push_str(&text(&SubmissionJson::new(submission, verdict.as_ref(), None).with_code(&submission.code))?);
    }
    let last = page.last().map(|submission| submission.id);
    if page.len() as i64 == PAGE {
        return Ok((written, Step::Submissions(last)));
    }
    written.push_str("],\"reports\":[");
    Ok((written, Step::Reports(None)))
}

async fn reported(state: &AppState, user: &User, after: Option<ReportId>) -> Result<(String, Step), WebError> {
    let page = reports::of_user(&state.pool, user.id, after, PAGE).await?;
    let mut written = String::new();
    for (submission, report) in &page {
        if after.is_some() || !written.is_empty() {
            written.push(',');
        }
        written.push_str(&text(&json!({
            "submission": submission, "words": report.words, "created_at": report.created_at.to_string(),
            "note": report.note,
        }))?);
    }
    if page.len() as i64 == PAGE {
        return Ok((written, Step::Reports(page.last().map(|(_, report)| report.id))));
    }
    written.push_str("],\"drafts\":[");
    Ok((written, Step::Drafts(None)))
}

/// What is in the editors, and the versions that are kept beside it, a few exercises at a time.
async fn drafted(state: &AppState, user: &User, after: Option<ExerciseId>) -> Result<(String, Step), WebError> {
    let exercises = drafts::exercises_of(&state.pool, user.id, after.as_ref(), EXERCISES).await?;
    let drafts = drafts::of(&state.pool, user.id, &exercises).await?;
    let others = drafts::others_of(&state.pool, user.id, &exercises).await?;
    let drafts = drafts.iter().map(|(exercise, draft)| (exercise, draft_json(draft)));
    let others = others.iter().map(|other| (&other.exercise, other_json(other)));
    let mut written = String::new();
    for (exercise, mut json) in drafts.chain(others) {
        json["exercise"] = json!(exercise.as_str());
        if after.is_some() || !written.is_empty() {
            written.push(',');
        }
        written.push_str(&text(&json)?);
    }
    if exercises.len() as i64 == EXERCISES {
        return Ok((written, Step::Drafts(exercises.into_iter().next_back())));
    }
    written.push_str("]}\n");
    Ok((written, Step::End))
}

fn text(value: &impl Serialize) -> Result<String, WebError> {
    serde_json::to_string(value).map_err(WebError::internal)
}
