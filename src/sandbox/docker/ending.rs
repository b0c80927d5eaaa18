//! How a container ended, and whose doing that was.

use std::time::{Duration, Instant};

use super::engine::{Engine, State};
use super::watch::{Followed, Notes};
use crate::domain::report::End;
use crate::sandbox::SandboxError;

/// How long the engine may take to say how a container ended.
const ENDING: Duration = Duration::from_millis(800);

/// How long it may take to say why a container was killed: on a busy machine the kernel's word that memory was short comes
/// more than a second after the end.
const REASON: Duration = Duration::from_millis(2_500);

/// Asks the engine how a container ended.
pub struct Ending<'a> {
    engine: &'a Engine,
    name: &'a str,
    followed: &'a Followed,
    /// The engine's generation when the job began.
    generation: u64,
}

impl<'a> Ending<'a> {
    /// Of the container of this name, whose job begins now.
    pub fn new(engine: &'a Engine, name: &'a str, followed: &'a Followed) -> Self {
        Self { engine, name, followed, generation: engine.watch.generation() }
    }

    /// After its channel ended.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Lost`] when it was not the code's doing, or nobody can say.
    pub async fn ask(&self) -> Result<End, SandboxError> {
        let closed = Instant::now();
        loop {
            let state = self.state().await?;
            if let Some(end) = how(state, self.followed.notes(), closed.elapsed()) {
                return end.map_err(|reason| SandboxError::Lost(reason.to_owned()));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// At a deadline. On some runtimes an out-of-memory kill looks like silence, and a paused container does on all, so both
    /// are asked for before a time-out is called one.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Lost`] when the silence was not the code's doing.
    pub async fn at_deadline(&self) -> Result<End, SandboxError> {
        let (state, notes) = (self.state().await?, self.followed.notes());
        if state.out_of_memory || notes.out_of_memory {
            return Ok(End::OutOfMemory);
        }
        self.undisturbed().map(|()| End::Deadline)
    }

    /// Whether nobody interfered so far.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Lost`] when someone did.
    pub fn undisturbed(&self) -> Result<(), SandboxError> {
        if self.followed.notes().interfered { Err(SandboxError::Lost(INTERFERED.to_owned())) } else { Ok(()) }
    }

    async fn state(&self) -> Result<State, SandboxError> {
        let state = match tokio::time::timeout(ENDING, self.engine.state(self.name)).await {
            Ok(state) => state.map_err(|error| SandboxError::Lost(error.to_string()))?,
            Err(_) => return Err(SandboxError::Lost("the engine does not say how it ended".to_owned())),
        };
        // An engine that went away took the container with it: that says nothing about the code.
        if self.engine.watch.generation() != self.generation {
            return Err(SandboxError::Lost("the engine was restarted".to_owned()));
        }
        Ok(state)
    }
}

const INTERFERED: &str = "someone stopped it through the engine";

/// What is to be made of a channel that ended; `None` to ask again. The channel closes a moment before the engine has noted
/// the end, and the reason of a kill may come later still.
fn how(state: State, notes: Notes, since: Duration) -> Option<Result<End, &'static str>> {
    if state.out_of_memory || notes.out_of_memory {
        return Some(Ok(End::OutOfMemory));
    }
    if notes.interfered {
        return Some(Err(INTERFERED));
    }
    let waited = since > ENDING;
    match state.exit_code.filter(|_| !state.running) {
        // Code that closed the channel by itself lives on.
        None => waited.then_some(Ok(End::Exited { code: None })),
        Some(_) if !notes.ended => waited.then_some(Err("the engine had no word of its end")),
        // The kernel kills so when memory is short, and says so a little later; and a program may choose the same code.
        Some(End::KILLED) if since <= REASON => None,
        Some(code) => Some(Ok(End::Exited { code: Some(code) })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: Duration = Duration::ZERO;
    const LATER: Duration = Duration::from_secs(1);
    const AT_LAST: Duration = Duration::from_secs(3);

    #[test]
    fn an_end_is_the_codes_own_only_when_nothing_speaks_against_it() {
        let exited = |code| State { running: false, out_of_memory: false, exit_code: Some(code) };
        let running = State { running: true, out_of_memory: false, exit_code: Some(0) };
        let quiet = Notes { ended: true, ..Notes::default() };
        let unheard = Notes::default();
        let killed = Notes { interfered: true, ..quiet };
        let starved = Notes { out_of_memory: true, ..quiet };
        let code = |code| Some(Ok(End::Exited { code }));
        let cases = [
            ("halted", exited(0), quiet, AT_ONCE, code(Some(0))),
            ("halted as if it was killed: not at once", exited(137), quiet, AT_ONCE, None),
            ("halted as if it was killed: not soon", exited(137), quiet, LATER, None),
            ("halted as if it was killed", exited(137), quiet, AT_LAST, code(Some(137))),
            ("was killed by someone", exited(137), killed, AT_ONCE, Some(Err(INTERFERED))),
            ("was stopped by someone, and left properly", exited(0), killed, AT_ONCE, Some(Err(INTERFERED))),
            ("had no memory, says the event", exited(137), starved, AT_ONCE, Some(Ok(End::OutOfMemory))),
            (
                "had no memory, says its state",
                State { out_of_memory: true, ..exited(137) },
                quiet,
                AT_ONCE,
                Some(Ok(End::OutOfMemory)),
            ),
            (
                "had no memory before someone killed it",
                exited(137),
                Notes { interfered: true, ..starved },
                AT_ONCE,
                Some(Ok(End::OutOfMemory)),
            ),
            ("closed its channel: not at once", running, unheard, AT_ONCE, None),
            ("closed its channel", running, unheard, LATER, code(None)),
            ("ended, and the event is to come", exited(0), unheard, AT_ONCE, None),
            (
                "ended, and the event never came",
                exited(0),
                unheard,
                LATER,
                Some(Err("the engine had no word of its end")),
            ),
        ];
        for (what, state, notes, since, expected) in cases {
            assert_eq!(how(state, notes, since), expected, "one that {what}");
        }
    }
}
