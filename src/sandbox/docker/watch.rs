//! Listens to the engine: that it went away, and what became of containers that is not their code's doing.
//!
//! An engine that is stopped ends its containers, and so does an operator with `docker kill`. Afterwards the engine says of
//! them only that they ended and with which code, which looks as if the code in them had ended its VM. Its events tell
//! the two apart. They tell of a lack of memory, too, where a runtime of another kernel keeps silent about it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bollard::Docker;
use bollard::models::EventMessage;
use bollard::query_parameters::EventsOptionsBuilder;
use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

/// Pause before the engine is listened to again.
const PAUSE: Duration = Duration::from_millis(100);

/// What is listened for. Someone who stops, kills or restarts a container sends it a signal in each case.
const ACTIONS: [&str; 4] = ["die", "oom", "kill", "pause"];

/// How often the engine went away so far, and what it said of the containers that are followed.
#[derive(Debug, Clone, Default)]
pub struct Watch(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    generation: AtomicU64,
    followed: Mutex<HashMap<String, Notes>>,
}

/// What the engine said of one container.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notes {
    /// The kernel ended a process in it for want of memory.
    pub out_of_memory: bool,
    /// Someone sent it a signal or paused it, through the engine.
    pub interfered: bool,
    /// It ended. Whatever else was to be said of a signal was said before.
    pub ended: bool,
}

/// A container that is followed for as long as this lives.
#[derive(Debug)]
pub struct Followed {
    watch: Watch,
    name: String,
}

impl Watch {
    /// A number that changes when the engine goes away.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.0.generation.load(Ordering::SeqCst)
    }

    /// Follows the container of this name.
    #[must_use]
    pub fn follow(&self, name: &str) -> Followed {
        self.followed().insert(name.to_owned(), Notes::default());
        Followed { watch: self.clone(), name: name.to_owned() }
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<String, Notes>> {
        self.0.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens until `stop` for what becomes of containers with this label. A stream of events that ends means that the
    /// engine did.
    pub async fn keep(self, docker: Docker, label: String, stop: CancellationToken) {
        let filters = HashMap::from([
            ("type", vec!["container".to_owned()]),
            ("label", vec![label]),
            ("event", ACTIONS.map(str::to_owned).to_vec()),
        ]);
        let listen = async {
            loop {
                let options = EventsOptionsBuilder::default().filters(&filters).build();
                let mut events = docker.events(Some(options));
                while let Some(Ok(event)) = events.next().await {
                    self.note(&event);
                }
                self.0.generation.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = listen => {}
        }
    }

    fn note(&self, event: &EventMessage) {
        let attributes = event.actor.as_ref().and_then(|actor| actor.attributes.as_ref());
        let (Some(action), Some(name)) = (&event.action, attributes.and_then(|all| all.get("name"))) else {
            return;
        };
        if let Some(notes) = self.followed().get_mut(name) {
            match action.as_str() {
                "oom" => notes.out_of_memory = true,
                "kill" | "pause" => notes.interfered = true,
                "die" => notes.ended = true,
                _ => {}
            }
        }
    }
}

impl Followed {
    /// What was said of it so far.
    #[must_use]
    pub fn notes(&self) -> Notes {
        self.watch.followed().get(&self.name).copied().unwrap_or_default()
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.watch.followed().remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::EventActor;

    use super::*;

    fn event(name: &str, action: &str) -> EventMessage {
        let attributes = HashMap::from([("name".to_owned(), name.to_owned())]);
        EventMessage {
            action: Some(action.to_owned()),
            actor: Some(EventActor { id: None, attributes: Some(attributes) }),
            ..EventMessage::default()
        }
    }

    #[test]
    fn only_what_is_followed_is_noted_and_only_for_as_long() {
        let watch = Watch::default();
        let one = watch.follow("one");
        watch.note(&event("one", "oom"));
        watch.note(&event("other", "kill"));
        assert_eq!(one.notes(), Notes { out_of_memory: true, ..Notes::default() });
        drop(one);
        watch.note(&event("one", "kill"));
        assert!(watch.followed().is_empty());
    }

    #[test]
    fn signals_and_pauses_are_someone_elses_doing() {
        let watch = Watch::default();
        for action in ["kill", "pause"] {
            let one = watch.follow("one");
            watch.note(&event("one", action));
            watch.note(&event("one", "die"));
            assert_eq!(one.notes(), Notes { interfered: true, ended: true, ..Notes::default() }, "{action}");
        }
    }
}
