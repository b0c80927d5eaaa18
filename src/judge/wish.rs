//! Follows how many containers are wished for: by the schedule of the settings, and by somebody on the command line.

use std::time::Duration;

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

/// Tells `wished` the larger of both, until `stop`. While the database does not answer, the last word stands.
pub async fn follow(
    pool: Pool,
    schedule: Schedule,
    zone: TimeZone,
    wished: watch::Sender<usize>,
    stop: CancellationToken,
) {
    let mut asked = 0;
    loop {
        match pool_wishes::current(&pool).await {
            Ok(wish) => asked = wish.map_or(0, |wish| wish.count),
            Err(error) => debug!(%error, "could not look how many containers are wished for"),
        }
        let planned = schedule.wish_at(&Zoned::now().with_time_zone(zone.clone()), LEAD);
        wished.send_if_modified(|now| std::mem::replace(now, asked.max(planned)) != *now);
        if stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_none() {
            return;
        }
    }
}
