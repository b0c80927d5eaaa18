//! Follows how many containers are wished for: by the schedule of the settings, and by somebody on the command line.

use std::time::{Duration, Instant};

use jiff::Zoned;
use jiff::tz::TimeZone;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::db::{Pool, pool_wishes};
use crate::domain::schedule::Schedule;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(2);

/// How long before a class the pool begins to grow: time for some hundred boots.
const LEAD: Duration = Duration::from_secs(120);

/// Tells `wished` the larger of both, until `stop`. While the database does not answer, its last word stands until its time is over.
pub async fn follow(
    pool: Pool,
    schedule: Schedule,
    zone: TimeZone,
    wished: watch::Sender<usize>,
    stop: CancellationToken,
) {
    let mut asked: Option<(usize, Instant)> = None;
    loop {
        let standing = asked.filter(|(_, until)| Instant::now() < *until).map_or(0, |(count, _)| count);
        let planned = schedule.wish_at(&Zoned::now().with_time_zone(zone.clone()), LEAD);
        wished.send_if_modified(|wish| std::mem::replace(wish, standing.max(planned)) != *wish);
        match stop.run_until_cancelled(pool_wishes::current(&pool)).await {
            None => return,
            Some(Ok(wish)) => {
                let found = wish.map(|wish| (wish.count, Instant::now() + wish.left));
                // What is new is told at once.
                if found.map(|(count, _)| count) != std::mem::replace(&mut asked, found).map(|(count, _)| count) {
                    continue;
                }
            }
            Some(Err(error)) => debug!(%error, "could not look how many containers are wished for"),
        }
        if stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_none() {
            return;
        }
    }
}
