//! `GET /consoles/{id}`: a console as it stands. Its page works without scripts.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use minijinja::context;
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use super::of_path;
use crate::db::consoles::{self, Console, ConsoleState, Numbered};
use crate::domain::console::PieceKind;
use crate::domain::ids::{ConsoleId, UserId};
use crate::web::client;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::page::{self, Frame};
use crate::web::state::AppState;
use crate::web::views::console::ConsoleView;
use crate::web::views::course::Standings;
use crate::web::visitor::Visitor;

/// How long a page waits for a prompt before it says that there is none yet.
const PATIENCE: Duration = Duration::from_secs(1);

/// Longest pause between two looks, should a notification have been lost.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// The console: a page, or as JSON `{"id", "title", "state", "ahead", "reason", "words", "pieces", "html"}`. `after` is the
/// number of the last piece that is known already; `seen` that of the last one before something was typed, and what comes of
/// that is waited for.
///
/// # Errors
/// [`WebError::NotFound`] for everybody but its owner.
pub async fn show(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    let (id, user) = of_path(&path, &visitor)?;
    let query = Form::parse(request.query_string().as_bytes());
    let number = |name| query.text(name).parse().unwrap_or(0);
    let (after, seen) = (number("after"), number("seen"));
    let (console, pieces) = settled(&state, id, user, after, seen).await?;
    // Whoever has no socket is there for as long as nobody is idle.
    consoles::attach(&state.pool, id, user, state.settings.consoles.limits.idle()).await?;
    let view = ConsoleView::new(id, &console, &pieces, seen);
    if client::wants_json(&request) {
        let html = state.templates.render("console_panel.html", context! { console => &view })?;
        let (state, ahead, reason) = match console.state {
            ConsoleState::Queued { ahead } => ("queued", Some(ahead), None),
            ConsoleState::Running => ("running", None, None),
            ConsoleState::Ended(reason) => ("ended", None, Some(reason)),
        };
        let pieces: Vec<_> =
            pieces.iter().map(|piece| json!({ "seq": piece.seq, "kind": piece.kind, "text": piece.text })).collect();
        return Ok(HttpResponse::Ok().json(json!({
            "id": id, "title": console.title, "state": state, "ahead": ahead, "reason": reason, "words": view.words(),
            "pieces": pieces, "html": html,
        })));
    }
    let layout = Frame::of_request(&request).layout(&state, "IEx", &Standings::default(), None);
    let layout = crate::web::views::layout::Layout { tallies: false, ..layout };
    page::respond(&state, StatusCode::OK, &layout, "console.html", context! { console => view })
}

/// The console once it waits for a line or is over, or as it is after a while.
async fn settled(
    state: &AppState,
    id: ConsoleId,
    user: UserId,
    after: i32,
    seen: i32,
) -> Result<(Console, Vec<Numbered>), WebError> {
    // Registered before the first look, so that nothing is missed between the two.
    let mut watcher = state.hub.watch(id);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let console = consoles::find(&state.pool, id, user).await?.ok_or(WebError::NotFound)?;
        let pieces = consoles::newest(&state.pool, id, after, state.settings.consoles.limits.page_bytes).await?;
        let over = matches!(console.state, ConsoleState::Ended(_));
        let asked = pieces.last().is_some_and(|last| last.kind == PieceKind::Prompt && last.seq > seen);
        let now = Instant::now();
        if over || asked || now >= deadline {
            return Ok((console, pieces));
        }
        let look = timeout_at(deadline.min(now + LOOK_AGAIN), watcher.changed());
        if state.shutdown.run_until_cancelled(look).await.is_none() {
            return Ok((console, pieces));
        }
    }
}
