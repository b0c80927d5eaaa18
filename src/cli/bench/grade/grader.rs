//! One that can be asked for a verdict, whatever is behind it.

use futures_util::future::BoxFuture;

/// Brings the measured exercise's reference to a verdict.
pub trait Grader: Send + Sync {
    /// One submission, from handing in to the verdict.
    ///
    /// # Errors
    /// It could not be graded, or the verdict is not the right one.
    fn grade(&self) -> BoxFuture<'_, anyhow::Result<()>>;

    /// Waits until nothing is left to be done of earlier submissions, and so many are ready for.
    fn rest(&self, _ready_for: usize) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Whether processes that this one has started belong to the container runtime, rather than being a client of Docker.
    fn children_are_runtime(&self) -> bool {
        false
    }

    /// Ends what it has started.
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
