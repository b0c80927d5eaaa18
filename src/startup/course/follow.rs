//! Keeps the course on the site in line with its folder.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{CourseMetrics, publishable, read};
use crate::config::Config;
use crate::db::Pool;
use crate::startup::watching::{Pace, Watching};
use crate::web::AppState;

/// Wait before what could not be shown is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// Reads the course again whenever its folders change, if that is wished, and at each SIGHUP, until `stop`.
///
/// SIGHUP, which ends a process that does not listen for it, is listened for from the call on.
pub(in crate::startup) fn follow(
    config: Config,
    pool: Pool,
    state: AppState,
    metrics: CourseMetrics,
    stop: CancellationToken,
) -> impl Future<Output = ()> {
    let asked = signal(SignalKind::hangup());
    async move {
        match asked {
            Ok(asked) => read_again(asked, &config, &pool, &state, &metrics, &stop).await,
            Err(error) => error!(%error, "SIGHUP cannot be heard: the course is not read again"),
        }
    }
}

async fn read_again(
    mut asked: Signal,
    config: &Config,
    pool: &Pool,
    state: &AppState,
    metrics: &CourseMetrics,
    stop: &CancellationToken,
) {
    let mut watching = if config.watch_lessons { watch(config) } else { None };
    // What changed between the first reading and the beginning of the watch.
    let mut due = watching.is_some();
    loop {
        if !std::mem::take(&mut due) {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = asked.recv() => info!("SIGHUP: the course is read again"),
                changed = changed(&mut watching) => if !changed { watching = None },
            }
        }
        if let Err(error) = renew(config, pool, state, metrics).await {
            error!(error = format!("{error:#}"), "a changed course could not be shown; it is tried again");
            due = true;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    }
}

fn watch(config: &Config) -> Option<Watching> {
    let folders = [Some(config.lessons.clone()), config.private_lessons.clone()];
    Watching::new(folders.into_iter().flatten(), Pace::SITE)
        .inspect_err(|error| warn!(%error, "the lessons are not watched: send SIGHUP after a change"))
        .ok()
}

/// Waits for a change; for ever, if nothing is watched. `false` when it cannot be watched any more.
async fn changed(watching: &mut Option<Watching>) -> bool {
    let Some(watching) = watching else { return std::future::pending().await };
    let watched = watching.changed().await;
    watched
        .inspect_err(|error| warn!(%error, "the lessons are not watched any more: send SIGHUP after a change"))
        .is_ok()
}

/// Reads the course, and shows it if anything is different.
async fn renew(config: &Config, pool: &Pool, state: &AppState, metrics: &CourseMetrics) -> anyhow::Result<()> {
    let now = state.present();
    let shown = now.published();
    let read = read(config, pool, Arc::clone(&shown.course)).await?;
    if read.course == *shown.course && read.problems == shown.problems {
        return Ok(());
    }
    let published = publishable(pool, read, metrics).await?;
    info!(
        lessons = published.course.lessons().count(),
        exercises = published.versions.len(),
        problems = published.problems.len(),
        "a changed course is shown"
    );
    state.publish(published);
    Ok(())
}
