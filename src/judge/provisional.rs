//! Provisional results: written in small batches beside the run, so that they never hold it up.

use std::time::Duration;

use tracing::debug;

use super::shelf::Ready;
use crate::db::queue::Claimed;
use crate::db::{self, Pool};
use crate::domain::verdict::{self, CaseResult};
use crate::sandbox::Event;

/// How long results are gathered before they are written. Most gradings end sooner, and then the verdict says it all
/// and nothing provisional was written.
const GATHER: Duration = Duration::from_millis(40);

/// Writes what the events say until they end.
pub(super) async fn write(
    pool: &Pool,
    claimed: &Claimed,
    ready: &Ready,
    mut events: tokio::sync::mpsc::UnboundedReceiver<Event>,
) {
    let mut written = 0;
    let mut batch: Vec<CaseResult> = Vec::new();
    while let Some(event) = events.recv().await {
        batch.extend(seen_by_learner(ready, event));
        if batch.is_empty() {
            continue;
        }
        let gathered = tokio::time::sleep(GATHER);
        tokio::pin!(gathered);
        loop {
            tokio::select! {
                () = &mut gathered => break,
                event = events.recv() => match event {
                    Some(event) => batch.extend(seen_by_learner(ready, event)),
                    // The run ended while we gathered: its verdict is on the way.
                    None => return,
                },
            }
        }
        match db::events::add(pool, claimed.grading, claimed.submission, claimed.lease, written, &batch).await {
            Ok(()) => written += i32::try_from(batch.len()).unwrap_or(0),
            // Only the verdict matters; a learner who sees a case a little later loses nothing.
            Err(error) => debug!(submission = %claimed.submission, %error, "provisional results not written"),
        }
        batch.clear();
    }
}

fn seen_by_learner(ready: &Ready, event: Event) -> Option<CaseResult> {
    let expected = ready.expected.as_ref().ok()?;
    let (index, report) = match event {
        Event::CaseEnded { index, report } => (index, report),
        Event::TestEnded { slot, report } => return verdict::judge_ended_test(&expected.suite, slot, &report),
        _ => return None,
    };
    verdict::judge_ended_case(ready.tests.cases.get(index)?, expected.values.get(index)?, &report)
}
