//! Waits for a verdict.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::db::results::{self, Submission};
use crate::domain::ids::SubmissionId;
use crate::web::error::WebError;
use crate::web::state::AppState;

/// Longest pause between two looks at the row, should a notification have been lost.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// The submission once nothing will change any more, or as it is after `patience`; `None` when there is none.
///
/// # Errors
/// A failing database.
pub async fn settled(state: &AppState, id: SubmissionId, patience: Duration) -> Result<Option<Submission>, WebError> {
    // Registered before the first look, so that nothing is missed between the two.
    let mut watcher = state.hub.watch(id);
    let deadline = Instant::now() + patience;
    loop {
        let submission = results::find(&state.pool, id).await?;
        let now = Instant::now();
        if now >= deadline || submission.as_ref().is_none_or(|submission| submission.state.is_final()) {
            return Ok(submission);
        }
        // Whether it was a change or the time that passed, the row is looked at.
        let _ = timeout_at(deadline.min(now + LOOK_AGAIN), watcher.changed()).await;
    }
}
