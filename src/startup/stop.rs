//! When to stop.

use std::process::exit;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// What a shell says of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// Does `work`, whose token is cancelled by the first SIGINT or SIGTERM. A second one ends the process at once. What `work`
/// holds is dropped before, so that our own database is asked to end; containers are left for the next start, which finds
/// and removes them. A third one does not wait for that, either.
///
/// # Errors
/// As `work`; the system lets nobody listen for signals.
pub async fn until_signalled<W>(work: impl FnOnce(CancellationToken) -> W) -> anyhow::Result<()>
where
    W: Future<Output = anyhow::Result<()>>,
{
    let (stop, at_once) = (CancellationToken::new(), CancellationToken::new());
    listen([stop.clone(), at_once.clone()])?;
    match at_once.run_until_cancelled_owned(work(stop)).await {
        Some(result) => result,
        None => exit(INTERRUPTED),
    }
}

/// A token that is cancelled by the first SIGINT or SIGTERM. A second one ends the process at once.
///
/// # Errors
/// The system lets nobody listen for signals.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    listen([stop.clone()])?;
    Ok(stop)
}

/// Each signal cancels one more of these; one more than there are ends the process.
fn listen<const N: usize>(stages: [CancellationToken; N]) -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        for stage in 0.. {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            match stage {
                0 => info!("stopping: what is being graded gets its verdict first"),
                _ => warn!("stopping at once"),
            }
            match stages.get(stage) {
                Some(token) => token.cancel(),
                None => exit(INTERRUPTED),
            }
        }
    });
    Ok(())
}
