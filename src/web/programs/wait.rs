//! Waits for a run, and calls it off when nobody waits any more.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::trouble::ProgramTrouble;
use crate::db::programs::{self, Run, RunState};
use crate::domain::ids::RunId;
use crate::domain::program::ProgramResult;
use crate::web::error::WebError;
use crate::web::state::AppState;

/// Longest pause between two looks at the row, should a notification have been lost.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What a run may take beyond its wait and its time limit: a container that has to boot first, a second try after a
/// worker that vanished.
const SLACK: Duration = Duration::from_secs(45);

/// A run that somebody waits for. Dropped before it has ended, it is called off: its container is killed.
#[derive(Debug)]
pub struct Awaited {
    /// The run.
    pub id: RunId,
    state: AppState,
    ended: bool,
}

impl Awaited {
    /// Somebody waits for this run from now on.
    #[must_use]
    pub const fn new(state: AppState, id: RunId) -> Self {
        Self { id, state, ended: false }
    }

    /// Notes that it has ended.
    pub const fn ended(&mut self) {
        self.ended = true;
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let (pool, id) = (self.state.pool.clone(), self.id);
        actix_web::rt::spawn(async move {
            if let Err(error) = programs::cancel(&pool, id).await {
                // Nobody takes it once its time to wait is over, and what runs ends at its time limit.
                tracing::debug!(run = %id, %error, "a program that nobody waits for could not be called off");
            }
        });
    }
}

/// When to give up a run that is asked for now and may take so long.
#[must_use]
pub fn deadline(state: &AppState, time_ms: u64) -> Instant {
    Instant::now() + state.settings.programs.room.wait + Duration::from_millis(time_ms) + SLACK
}

/// The result of a run, as soon as it is there.
///
/// # Errors
/// [`ProgramTrouble`] when nothing came of it, or a failing database.
pub async fn result(state: &AppState, id: RunId, deadline: Instant) -> Result<ProgramResult, WebError> {
    let mut awaited = Awaited::new(state.clone(), id);
    // Registered before the first look, so that nothing is missed between the two.
    let mut watcher = state.hub.watch(id);
    loop {
        let run = programs::find(&state.pool, id).await?;
        if let Some(result) = outcome(run.as_ref())? {
            awaited.ended();
            return serde_json::from_value(result).map_err(WebError::internal);
        }
        let now = Instant::now();
        if now >= deadline {
            return Err(ProgramTrouble::Late.into());
        }
        let look = timeout_at(deadline.min(now + LOOK_AGAIN), watcher.changed());
        // Whether it was a change or the time that passed, the row is looked at; unless the server stops.
        if state.shutdown.run_until_cancelled(look).await.is_none() {
            return Err(ProgramTrouble::Away.into());
        }
    }
}

/// The result as JSON, or `None` while there may yet be one.
///
/// # Errors
/// [`ProgramTrouble`] when there will be none.
pub fn outcome(run: Option<&Run>) -> Result<Option<serde_json::Value>, ProgramTrouble> {
    match run {
        None => Err(ProgramTrouble::Failed),
        Some(Run { state: RunState::Done(result), .. }) => Ok(Some(result.clone())),
        Some(Run { state: RunState::Failed, attempt: 0, .. }) | Some(Run { expired: true, .. }) => {
            Err(ProgramTrouble::Late)
        }
        Some(Run { state: RunState::Failed | RunState::Cancelled, .. }) => Err(ProgramTrouble::Failed),
        Some(_) => Ok(None),
    }
}
