//! What every worker does, whatever it takes: look at its queue, work, wait for a hint. Hints may be lost, so it looks without
//! one, too.

use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::db;
use crate::db::listen::Hints;

/// Wait before the next look while the sandbox or the database is not well.
pub const UNWELL: Duration = Duration::from_millis(500);

/// Takes one after the other until `stop`, and looks again when it is woken or `poll` is over. `claim` answers `None` while
/// the sandbox is not well. `what` is the queue's name in the log.
pub async fn take<T, C, W>(
    what: &str,
    (stop, wake, poll): (&CancellationToken, &Notify, Duration),
    claim: impl Fn() -> C,
    work: impl Fn(T) -> W,
) where
    C: Future<Output = Option<db::Result<Option<T>>>>,
    W: Future<Output = ()>,
{
    while !stop.is_cancelled() {
        // Registered before the queue is read, so that nothing is missed between the two.
        let woken = wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        let wait = match claim().await {
            Some(Ok(Some(claimed))) => {
                work(claimed).await;
                // Whoever waits behind it is not told when it is over.
                continue;
            }
            Some(Ok(None)) => poll,
            Some(Err(error)) => {
                debug!(%error, what, "the queue cannot be read");
                UNWELL
            }
            None => UNWELL,
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = &mut woken => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Hears hints for as long as it is polled. `heard` gets what each says, and `None` where some may have been missed.
pub async fn hear<O>(what: &str, open: impl Fn() -> O, heard: impl Fn(Option<&str>))
where
    O: Future<Output = db::Result<Hints>>,
{
    loop {
        match open().await {
            Ok(mut hints) => loop {
                match hints.next().await {
                    Ok(hint) => heard(hint.as_deref()),
                    Err(error) => {
                        debug!(%error, what, "the listener is gone");
                        break;
                    }
                }
            },
            Err(error) => debug!(%error, what, "no listener; polling goes on"),
        }
        tokio::time::sleep(UNWELL).await;
    }
}
