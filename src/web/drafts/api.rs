//! `GET`, `PUT` and `DELETE /api/v1/exercises/{id}/draft`

use actix_web::http::header::{ETAG, IF_MATCH};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::trouble::DraftTrouble;
use crate::db::drafts::{self, Draft, DraftError};
use crate::domain::draft::{Basis, Writer};
use crate::domain::ids::{DraftRevision, ExerciseId};
use crate::web::error::WebError;
use crate::web::form;
use crate::web::lessons;
use crate::web::problems;
use crate::web::state::AppState;
use crate::web::submissions::handed::{JsonFile, Typed};
use crate::web::views::draft::{draft_json, other_json};
use crate::web::visitor::Visitor;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonBody {
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    files: Option<Vec<JsonFile>>,
    /// The page that sends it, and which of its changes it is.
    #[serde(default)]
    page: Option<Uuid>,
    #[serde(default)]
    seq: i64,
    /// For whom that page was made.
    #[serde(default)]
    owner: Option<String>,
}

/// The revision that a request is based on.
fn revision(request: &HttpRequest) -> Result<Option<DraftRevision>, WebError> {
    let Some(value) = request.headers().get(IF_MATCH) else { return Ok(None) };
    let tag = value.to_str().ok().and_then(|value| value.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    tag.map(Some).ok_or(WebError::BadRequest("'If-Match' takes the revision of a draft in quotation marks"))
}

/// Somebody's own draft, with the versions that are kept beside it.
///
/// # Errors
/// [`WebError::NotFound`] when there is none.
pub async fn get(path: web::Path<String>, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    let exercise = ExerciseId::parse(&path).map_err(|_| WebError::UnknownExercise)?;
    let user = visitor.user()?.ok_or(WebError::NotFound)?.id;
    let draft = drafts::find(&state.pool, user, &exercise).await?.ok_or(WebError::NotFound)?;
    let others = drafts::others_of(&state.pool, user, std::slice::from_ref(&exercise)).await?;
    let mut json = draft_json(&draft);
    json["exercise"] = json!(exercise);
    json["others"] = others.iter().map(other_json).collect();
    Ok(HttpResponse::Ok().insert_header((ETAG, format!("\"{}\"", draft.revision))).json(json))
}

/// Makes code the draft, if it is based on what it replaces. A guest gets their row here.
///
/// # Errors
/// [`WebError::UnknownExercise`], [`WebError::SessionEnded`], [`WebError::TooMany`], what is wrong with the code, or
/// [`DraftTrouble::AnotherPerson`]. `409` brings the draft that is there.
pub async fn put(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    mut visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let course = std::sync::Arc::clone(state.course());
    let (_, placed) = lessons::exercise(&course, &path)?;
    // Counted before anything is read.
    if let Some(user) = visitor.user_if_known() {
        super::count(&state, user.id)?;
    }
    let revision = revision(&request)?;
    let JsonBody { source, files, page, seq, owner } = read(&request, payload).await?;
    let typed = Typed::of_json(source, files).ok_or(WebError::BadRequest(SHAPE))?;
    if owner.is_some_and(|owner| !visitor.owners().contains(&owner)) {
        return Err(DraftTrouble::AnotherPerson.into());
    }
    let code = typed.as_draft(&placed.exercise.tests, state.settings.source_bytes)?;
    let user = visitor.author(&request, &state, false).await?;
    let basis = Basis { revision, writer: page.map(|page| Writer { page, seq }) };
    match drafts::put(&state.pool, user, &placed.exercise.id, &code, basis).await {
        Ok(draft) => {
            visitor.renew(&state).await;
            let owner = visitor.owners().into_iter().next();
            Ok(HttpResponse::Ok().insert_header((ETAG, format!("\"{}\"", draft.revision))).json(json!({
                "exercise": placed.exercise.id,
                "revision": draft.revision,
                "updated_at": draft.updated_at,
                "owner": owner,
            })))
        }
        Err(DraftError::Conflict(draft)) => changed(draft),
        Err(error) => Err(error.into()),
    }
}

/// Removes the draft, if it is still of the revision in `If-Match` where there is one.
///
/// # Errors
/// As [`put`].
pub async fn delete(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    let exercise = ExerciseId::parse(&path).map_err(|_| WebError::UnknownExercise)?;
    let user = visitor.user()?.ok_or(WebError::NotFound)?.id;
    super::count(&state, user)?;
    match drafts::remove(&state.pool, user, &exercise, revision(&request)?).await {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(DraftError::Conflict(draft)) => changed(draft),
        Err(error) => Err(error.into()),
    }
}

const SHAPE: &str = "the body must be JSON with either \"source\" or \"files\", a list of {\"name\", \"text\"}, and may have \
                     \"page\", \"seq\" and \"owner\"";

async fn read(request: &HttpRequest, payload: Payload) -> Result<JsonBody, WebError> {
    if !form::is_json(request) {
        return Err(WebError::UnsupportedMedia);
    }
    form::read_json_code(payload, SHAPE).await
}

/// The conflict, with the draft that is there.
fn changed(draft: Box<Draft>) -> Result<HttpResponse, WebError> {
    let shown = draft_json(&draft);
    let problem = DraftTrouble::Changed(draft).problem();
    let mut body = serde_json::to_value(&problem).map_err(WebError::internal)?;
    body["draft"] = shown;
    Ok(problems::builder(&problem).content_type("application/problem+json").body(body.to_string()))
}
