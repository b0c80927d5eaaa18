//! How a container ended, and whose doing that was. The kernel's own word is there at once, so nothing has to be waited for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::exit::{Ended, Exit};
use crate::domain::report::End;
use crate::sandbox::SandboxError;
use crate::sandbox::containers::cgroup::Cgroup;
use crate::sandbox::containers::engine::{ENDING, Fate, NOTED, State};

/// The number of the signal that cannot be caught. Nothing in a container can send it to the container's first process:
/// only the kernel, for want of memory, and somebody outside.
const KILL: i32 = 9;

/// Knows what becomes of one container.
pub struct OciFate {
    ended: Ended,
    group: Cgroup,
    /// Somebody was seen to have frozen it.
    disturbed: AtomicBool,
}

impl OciFate {
    /// Of a container with this group.
    pub fn new(ended: Ended, group: Cgroup) -> Self {
        Self { ended, group, disturbed: AtomicBool::new(false) }
    }

    fn starved(&self) -> bool {
        self.group.out_of_memory_kills().is_some_and(|count| count > 0)
    }

    async fn wait(&self) -> Option<Exit> {
        match wait_for(&self.ended, ENDING).await {
            None if self.group.processes().is_empty() => {
                Some(wait_for(&self.ended, NOTED).await.unwrap_or(Exit::Unknown))
            }
            exit => exit,
        }
    }
}

/// How it ended, if it does within this time.
async fn wait_for(ended: &Ended, limit: Duration) -> Option<Exit> {
    let mut ended = ended.clone();
    match tokio::time::timeout(limit, ended.wait_for(Option::is_some)).await {
        Ok(Ok(exit)) => *exit,
        Ok(Err(_)) => Some(Exit::Unknown),
        Err(_) => None,
    }
}

/// What is to be made of an end.
fn settle(exit: Option<Exit>, starved: bool) -> Result<State, &'static str> {
    let state = |running, exit_code| State { running, out_of_memory: starved, exit_code };
    match exit {
        // Code that closed the channel by itself lives on.
        None => Ok(state(true, None)),
        Some(Exit::Code(code)) => Ok(state(false, Some(code.into()))),
        Some(Exit::Signal(KILL)) if !starved => Err("someone killed it"),
        Some(Exit::Signal(signal)) => Ok(state(false, Some(128 + i64::from(signal)))),
        Some(Exit::Unknown) if starved => Ok(state(false, Some(End::KILLED))),
        Some(Exit::Unknown) => Err("nobody knows how it ended"),
    }
}

impl Fate for OciFate {
    fn engage(&mut self) {}

    fn has_ended(&self) -> bool {
        self.ended.borrow().is_some()
    }

    fn settled(&self) -> BoxFuture<'_, Result<State, SandboxError>> {
        async {
            let exit = self.wait().await;
            settle(exit, self.starved()).map_err(|reason| SandboxError::Lost(reason.to_owned()))
        }
        .boxed()
    }

    fn now(&self) -> BoxFuture<'_, Result<State, SandboxError>> {
        async {
            let starved = self.starved();
            if !starved && self.group.is_frozen() {
                self.disturbed.store(true, Ordering::Relaxed);
            }
            if !starved {
                self.undisturbed()?;
            }
            Ok(State { running: !self.has_ended(), out_of_memory: starved, exit_code: None })
        }
        .boxed()
    }

    fn undisturbed(&self) -> Result<(), SandboxError> {
        // A pause shows as a time-out that the harness itself reports, so it is looked for here, too.
        if self.disturbed.load(Ordering::Relaxed) || self.group.is_frozen() {
            return Err(SandboxError::Lost("someone froze it".to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_the_codes_own_only_when_nothing_speaks_against_it() {
        let code = |code| Ok((false, Some(code)));
        let cases = [
            ("halted", Some(Exit::Code(3)), false, code(3)),
            ("halted as if it was killed", Some(Exit::Code(137)), false, code(137)),
            ("crashed", Some(Exit::Signal(11)), false, code(139)),
            ("was killed by someone", Some(Exit::Signal(9)), false, Err("someone killed it")),
            ("had no memory", Some(Exit::Signal(9)), true, Ok((true, Some(137)))),
            (
                "lost a process for want of memory and went on to its end",
                Some(Exit::Code(0)),
                true,
                Ok((true, Some(0))),
            ),
            ("closed its channel and lives on", None, false, Ok((false, None))),
            ("ended unseen", Some(Exit::Unknown), false, Err("nobody knows how it ended")),
        ];
        for (what, exit, starved, expected) in cases {
            let seen = settle(exit, starved).map(|state| (state.out_of_memory, state.exit_code));
            assert_eq!(seen, expected, "one that {what}");
        }
    }
}
