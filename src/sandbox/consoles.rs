//! Where consoles run: the contract beside [`Sandbox`](super::Sandbox), for one IEx that somebody types at.

use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use super::SandboxError;
use crate::domain::console::{PieceKind, Start, Typed};

/// Runs each console in an environment that nothing has run in before and nothing will run in after.
///
/// It promises what a [`Sandbox`](super::Sandbox) promises but for the time, which is for the caller to limit: dropping the
/// future destroys the environment. What is printed waits in the environment until `told` has room for it, so that a
/// reader who is slow, or does not read, is never flooded.
pub trait Consoles: Send + Sync {
    /// Opens a console and stays until it ends. What arrives at `typed` is typed in it, what is shown in it goes to `told`.
    ///
    /// # Errors
    ///
    /// That *we* failed. Whatever was typed is the cause of an `Ok(ConsoleEnd)`.
    fn run<'a>(
        &'a self,
        start: &'a Start,
        typed: mpsc::Receiver<Typed>,
        told: mpsc::Sender<Told>,
    ) -> BoxFuture<'a, Result<ConsoleEnd, SandboxError>>;
}

/// Something that is shown in a console. [`PieceKind::Note`] is not among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What it is.
    pub kind: PieceKind,
    /// Its text. Bytes that are not UTF-8 have become U+FFFD.
    pub text: String,
}

/// How a console ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsoleEnd {
    /// The VM ended, or stopped to make sense.
    Halted,
    /// The kernel ended it at its memory limit.
    OutOfMemory,
}
