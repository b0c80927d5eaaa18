//! When to stop.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// A token that is cancelled by the first SIGINT or SIGTERM. A second one ends the process at once: containers and the
/// database are then left for the next start, which finds and removes or adopts them.
///
/// # Errors
/// The system lets nobody listen for signals.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let token = stop.clone();
    tokio::spawn(async move {
        let mut asked = false;
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if asked {
                warn!("stopping at once");
                std::process::exit(130);
            }
            asked = true;
            info!("stopping: what is being graded gets its verdict first");
            token.cancel();
        }
    });
    Ok(stop)
}
