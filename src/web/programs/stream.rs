//! A run's events, as they happen:
//!
//! - `position`: `{"position"}`, how many runs are before this one and itself, whenever that changes while it waits;
//! - `started`: `{"attempt"}`, also when it is run again because we failed: what was written before does not count then;
//! - `stdout`, `stderr`: `{"text"}`, what it wrote;
//! - `result`: the whole result, the last one; or `error`: a problem, when nothing came of it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, Responder as _};
use actix_web_lab::sse::{Data, Event, Sse};
use futures_util::Stream;
use serde::Serialize;
use serde_json::json;
use tokio::time::{Instant, timeout};

use super::trouble::ProgramTrouble;
use super::wait::{Awaited, outcome};
use crate::db::programs::{self, Run, RunState};
use crate::domain::ids::RunId;
use crate::web::error::WebError;
use crate::web::state::AppState;
use crate::web::watch::Watcher;

/// Longest silence, after which a comment keeps the connection open and the row is looked at again. It also finds out
/// whether anybody is still there.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// The stream of a run's events.
pub fn respond(request: &HttpRequest, state: &AppState, id: RunId, deadline: Instant) -> HttpResponse {
    // Registered before the row is read, so that nothing is missed between the two.
    let watcher = state.hub.watch(id);
    let teller = Teller {
        awaited: Awaited::new(state.clone(), id),
        watcher,
        state: state.clone(),
        deadline,
        position: None,
        attempt: 0,
        told: 0,
        queue: VecDeque::new(),
        first: true,
        over: false,
    };
    Sse::from_stream(tell(teller)).respond_to(request).map_into_boxed_body()
}

struct Teller {
    awaited: Awaited,
    watcher: Watcher,
    state: AppState,
    deadline: Instant,
    position: Option<i64>,
    attempt: i32,
    /// Pieces of output of this attempt that were told.
    told: i32,
    queue: VecDeque<Event>,
    first: bool,
    over: bool,
}

fn tell(teller: Teller) -> impl Stream<Item = Result<Event, Infallible>> {
    futures_util::stream::unfold(teller, |mut teller| async move {
        let event = teller.next().await?;
        Some((Ok(event), teller))
    })
}

impl Teller {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            if !std::mem::take(&mut self.first) {
                let shutdown = self.state.shutdown.clone();
                match shutdown.run_until_cancelled(timeout(HEARTBEAT, self.watcher.changed())).await {
                    None => self.fail(&ProgramTrouble::Away.into()),
                    Some(Err(_)) => self.queue.push_back(Event::Comment("still here".into())),
                    Some(Ok(())) => {}
                }
            }
            if !self.over
                && let Err(error) = self.look().await
            {
                self.fail(&error);
            }
        }
    }

    async fn look(&mut self) -> Result<(), WebError> {
        let run = programs::find(&self.state.pool, self.awaited.id).await?;
        let result = outcome(run.as_ref())?;
        if let Some(Run { state, attempt, .. }) = &run {
            if let RunState::Queued { ahead } = state
                && self.position != Some(*ahead)
            {
                self.position = Some(*ahead);
                self.push("position", &json!({ "position": ahead + 1 }));
            }
            if *attempt != self.attempt {
                (self.attempt, self.told, self.position) = (*attempt, 0, None);
                self.push("started", &json!({ "attempt": attempt }));
            }
        }
        for chunk in programs::output(&self.state.pool, self.awaited.id, self.attempt, self.told).await? {
            self.told += 1;
            self.push(chunk.stream.as_str(), &json!({ "text": chunk.text }));
        }
        if let Some(result) = result {
            self.push("result", &result);
            self.end();
        } else if Instant::now() >= self.deadline {
            return Err(ProgramTrouble::Late.into());
        }
        Ok(())
    }

    fn end(&mut self) {
        self.over = true;
        self.awaited.ended();
    }

    fn fail(&mut self, error: &WebError) {
        error.log();
        self.push("error", &error.problem());
        self.over = true;
    }

    fn push(&mut self, name: &'static str, data: &impl Serialize) {
        if let Ok(data) = Data::new_json(data) {
            self.queue.push_back(data.event(name).into());
        }
    }
}
