//! `GET /runs/{id}`: waits for what comes of a block. `GET /api/v1/runs/{id}` is the same for programs.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use minijinja::context;
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use crate::db::programs::{self, Run};
use crate::domain::block::{Block, BlockResult};
use crate::domain::ids::RunId;
use crate::web::error::WebError;
use crate::web::programs::{requester, wait};
use crate::web::state::AppState;
use crate::web::views::block::{BlockDesk, BlockResultView, waiting_words};
use crate::web::views::exercise::Message;
use crate::web::visitor::Visitor;

/// How long an answer waits for the result before it says that there is none yet.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longest pause between two looks at the row, should a notification have been lost.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// What comes of a block, for the script of its page: `{"html", "sentence"}`, or `{"headline"}` when it is not there yet.
///
/// # Errors
/// [`WebError::NotFound`] for everybody but who asked for it.
pub async fn show(path: web::Path<String>, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    let id = path.parse().map_err(|_| WebError::NotFound)?;
    let run = settled(&state, &visitor, id, PATIENCE).await?;
    let desk = desk(&run);
    if let Some(headline) = desk.waiting {
        return Ok(HttpResponse::Accepted().json(json!({ "headline": headline })));
    }
    let sentence = desk.sentence().unwrap_or_default().to_owned();
    let html = state.templates.render("block_result.html", context! { block => desk })?;
    Ok(HttpResponse::Ok().json(json!({ "html": html, "sentence": sentence })))
}

/// What comes of a block, for programs: `{"state", "result"}`, with `result` once the state is `done`.
///
/// # Errors
/// [`WebError::NotFound`] for everybody but who asked for it, or why nothing comes of it.
pub async fn result(path: web::Path<String>, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    let id = path.parse().map_err(|_| WebError::NotFound)?;
    let run = settled(&state, &visitor, id, PATIENCE).await?;
    Ok(match wait::outcome(Some(&run))? {
        Some(result) => HttpResponse::Ok().json(json!({ "state": "done", "result": result })),
        None => HttpResponse::Accepted().json(json!({ "state": "waiting" })),
    })
}

/// A reader's run once nothing will change any more, or as it is after `patience`.
///
/// # Errors
/// [`WebError::NotFound`] for everybody but who asked for it, or a failing database.
pub async fn settled(state: &AppState, visitor: &Visitor, id: RunId, patience: Duration) -> Result<Run, WebError> {
    // Registered before the first look, so that nothing is missed between the two.
    let mut watcher = state.hub.watch(id);
    let deadline = Instant::now() + patience;
    let requester = requester::of_visitor(visitor);
    loop {
        let run = programs::find(&state.pool, id).await?.filter(|run| run.requester == requester);
        let run = run.ok_or(WebError::NotFound)?;
        let now = Instant::now();
        if now >= deadline || run.state.is_final() || run.expired {
            return Ok(run);
        }
        let look = timeout_at(deadline.min(now + LOOK_AGAIN), watcher.changed());
        // Whether it was a change or the time that passed, the row is looked at; unless the server stops.
        if state.shutdown.run_until_cancelled(look).await.is_none() {
            return Ok(run);
        }
    }
}

/// What a run leaves at its block.
#[must_use]
pub fn desk(run: &Run) -> BlockDesk {
    let code = serde_json::from_str::<Block>(&run.code).ok().map(|block| block.code);
    let desk = BlockDesk { code, ..BlockDesk::default() };
    match wait::outcome(Some(run)) {
        Ok(None) => BlockDesk { waiting: Some(waiting_words(&run.state)), ..desk },
        Ok(Some(result)) => match serde_json::from_value::<BlockResult>(result) {
            Ok(result) => BlockDesk { result: Some(BlockResultView::new(&result)), ..desk },
            Err(error) => {
                WebError::internal(error).log();
                BlockDesk { message: Some(Message::bad(WebError::Internal(String::new()).problem().detail)), ..desk }
            }
        },
        Err(trouble) => BlockDesk {
            message: Some(Message { tone: "warn", text: trouble.problem().detail, ..Message::default() }),
            ..desk
        },
    }
}
