//! How a container ended, and whose doing that was.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::engine::DockerEngine;
use super::watch::{Followed, Notes};
use crate::domain::report::End;
use crate::sandbox::SandboxError;
use crate::sandbox::containers::cgroup::Cgroup;
use crate::sandbox::containers::engine::{ENDING, Fate, NOTED, State};

/// How long it may take to say why a container was killed: on a busy machine the kernel's word that memory was short comes
/// more than a second after the end.
const REASON: Duration = Duration::from_millis(2_500);

/// Asks the engine how a container ended.
pub struct DockerFate {
    engine: Arc<DockerEngine>,
    name: String,
    followed: Followed,
    /// Where the kernel accounts for it, if that can be seen from here.
    group: Option<Cgroup>,
    /// The engine's generation when the job began.
    generation: u64,
}

impl DockerFate {
    /// Of the container of this name.
    pub fn new(engine: Arc<DockerEngine>, name: String, followed: Followed, group: Option<Cgroup>) -> Self {
        let generation = engine.watch.generation();
        Self { engine, name, followed, group, generation }
    }

    /// Whether the kernel has no process of it any more. In doubt it has.
    fn is_empty(&self) -> bool {
        self.group.as_ref().is_some_and(|group| group.processes().is_empty())
    }

    async fn ask(&self) -> Result<State, SandboxError> {
        let closed = Instant::now();
        loop {
            let state = self.state().await?;
            if let Some(settled) = settle(state, self.followed.notes(), self.is_empty(), closed.elapsed()) {
                return settled.map_err(|reason| SandboxError::Lost(reason.to_owned()));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn state(&self) -> Result<State, SandboxError> {
        let state = self.engine.state(&self.name).await.map_err(|error| SandboxError::Lost(error.to_string()))?;
        // An engine that went away took the container with it: that says nothing about the code.
        if self.engine.watch.generation() != self.generation {
            return Err(SandboxError::Lost("the engine was restarted".to_owned()));
        }
        Ok(state)
    }
}

impl Fate for DockerFate {
    fn engage(&mut self) {
        self.generation = self.engine.watch.generation();
    }

    fn has_ended(&self) -> bool {
        self.followed.notes().ended
    }

    fn settled(&self) -> BoxFuture<'_, Result<State, SandboxError>> {
        self.ask().boxed()
    }

    fn now(&self) -> BoxFuture<'_, Result<State, SandboxError>> {
        async {
            let (state, notes) = (self.state().await?, self.followed.notes());
            let state = State { out_of_memory: state.out_of_memory || notes.out_of_memory, ..state };
            if !state.out_of_memory {
                self.undisturbed()?;
            }
            Ok(state)
        }
        .boxed()
    }

    fn undisturbed(&self) -> Result<(), SandboxError> {
        if self.followed.notes().interfered { Err(SandboxError::Lost(INTERFERED.to_owned())) } else { Ok(()) }
    }
}

const INTERFERED: &str = "someone stopped it through the engine";
const UNHEARD: &str = "the engine had no word of its end";

/// What is to be made of a channel that ended; `None` to ask again. The channel closes a moment before the engine has noted
/// the end, and the reason of a kill may come later still. `empty` says that the kernel has no process of it any more.
fn settle(state: State, notes: Notes, empty: bool, since: Duration) -> Option<Result<State, &'static str>> {
    if state.out_of_memory || notes.out_of_memory {
        return Some(Ok(State { out_of_memory: true, ..state }));
    }
    if notes.interfered {
        return Some(Err(INTERFERED));
    }
    match state.exit_code.filter(|_| !state.running) {
        None if empty => (since > NOTED).then_some(Err(UNHEARD)),
        // Code that closed the channel by itself lives on.
        None => (since > ENDING).then_some(Ok(State { exit_code: None, ..state })),
        Some(_) if !notes.ended => (since > NOTED).then_some(Err(UNHEARD)),
        // The kernel kills so when memory is short, and says so a little later; and a program may choose the same code.
        Some(End::KILLED) if since <= REASON => None,
        Some(_) => Some(Ok(state)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: Duration = Duration::ZERO;
    const LATER: Duration = Duration::from_secs(1);
    const AT_LAST: Duration = Duration::from_secs(3);
    const TOO_LATE: Duration = Duration::from_secs(6);

    #[test]
    fn an_end_is_the_codes_own_only_when_nothing_speaks_against_it() {
        let exited = |code| State { running: false, out_of_memory: false, exit_code: Some(code) };
        let running = State { running: true, out_of_memory: false, exit_code: Some(0) };
        let quiet = Notes { ended: true, ..Notes::default() };
        let unheard = Notes::default();
        let killed = Notes { interfered: true, ..quiet };
        let starved = Notes { out_of_memory: true, ..quiet };
        let code = |code| Some(Ok((false, Some(code))));
        let no_memory = Some(Ok((true, Some(137))));
        let cases = [
            ("halted", exited(0), quiet, AT_ONCE, code(0)),
            ("halted as if it was killed: not at once", exited(137), quiet, AT_ONCE, None),
            ("halted as if it was killed: not soon", exited(137), quiet, LATER, None),
            ("halted as if it was killed", exited(137), quiet, AT_LAST, code(137)),
            ("was killed by someone", exited(137), killed, AT_ONCE, Some(Err(INTERFERED))),
            ("was stopped by someone, and left properly", exited(0), killed, AT_ONCE, Some(Err(INTERFERED))),
            ("had no memory, says the event", exited(137), starved, AT_ONCE, no_memory),
            ("had no memory, says its state", State { out_of_memory: true, ..exited(137) }, quiet, AT_ONCE, no_memory),
            (
                "had no memory before someone killed it",
                exited(137),
                Notes { interfered: true, ..starved },
                AT_ONCE,
                no_memory,
            ),
            ("closed its channel: not at once", running, unheard, AT_ONCE, None),
            ("closed its channel", running, unheard, LATER, Some(Ok((false, None)))),
            ("ended, and the event is to come", exited(0), unheard, AT_LAST, None),
            ("ended, and the event never came", exited(0), unheard, TOO_LATE, Some(Err(UNHEARD))),
        ];
        for (what, state, notes, since, expected) in cases {
            let settled = settle(state, notes, false, since);
            let seen = settled.map(|settled| settled.map(|state| (state.out_of_memory, state.exit_code)));
            assert_eq!(seen, expected, "one that {what}");
        }
    }

    #[test]
    fn one_that_has_no_process_left_has_ended_whatever_the_engine_still_believes() {
        let running = State { running: true, out_of_memory: false, exit_code: Some(0) };
        let settled = |since| settle(running, Notes::default(), true, since).map(|settled| settled.map(|_| ()));
        assert_eq!(settled(LATER), None);
        assert_eq!(settled(AT_LAST), None);
        assert_eq!(settled(TOO_LATE), Some(Err(UNHEARD)));
    }
}
