//! Where whole programs run: the contract beside [`Sandbox`](super::Sandbox), for languages that are not graded.

use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use super::SandboxError;
use crate::domain::program::{Chunk, Installed, LanguageName, Program, ProgramResult};

/// Runs each program in an environment that nothing has run in before and nothing will run in after.
///
/// It promises what a [`Sandbox`](super::Sandbox) promises, and gives way to it: gradings come first.
pub trait Programs: Send + Sync {
    /// The languages that are installed now, by name.
    fn languages(&self) -> Vec<Installed>;

    /// Runs a program and tells `chunks` what it writes, as it writes it.
    ///
    /// Dropping the future destroys the environment, and the program with it.
    ///
    /// # Errors
    ///
    /// [`ProgramError`]: that *we* failed. Whatever the program did is an `Ok(ProgramResult)`.
    fn run<'a>(
        &'a self,
        program: &'a Program,
        chunks: &'a ChunkSink,
    ) -> BoxFuture<'a, Result<ProgramResult, ProgramError>>;
}

/// Why a program was not run to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// The language is not installed, or not any more.
    #[error("the language {0} is not installed")]
    NotInstalled(LanguageName),
    /// The sandbox failed. The program may be run again.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

/// Where a program's output goes as it comes. At most what is kept is told, so a slow reader holds nothing up.
#[derive(Debug, Clone, Default)]
pub struct ChunkSink(Option<mpsc::UnboundedSender<Chunk>>);

impl ChunkSink {
    /// A sink that nobody listens to.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// A sink and the end to read it from. The reader ends when the sink is dropped.
    #[must_use]
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Chunk>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(Some(sender)), receiver)
    }

    /// Tells a piece. A reader that has gone is no reason to stop a program.
    pub(crate) fn tell(&self, chunk: Chunk) {
        if let Some(sender) = &self.0 {
            let _ = sender.send(chunk);
        }
    }
}
