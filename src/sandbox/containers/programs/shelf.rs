//! Containers that wait for programs, a few of each language.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::super::activity::Activity;
use super::super::fleet::Fleet;
use super::super::reap::Reaper;
use super::container::Waiting;
use super::language::Language;
use crate::sandbox::SandboxError;

/// First and longest pause after a boot that failed.
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Pause when there is no room for a boot.
const PAUSE: Duration = Duration::from_millis(20);

/// How often containers on the shelf are looked at.
const HEALTH: Duration = Duration::from_secs(2);

/// Containers that wait for programs.
pub struct Shelf {
    fleet: Arc<Fleet>,
    reaper: Reaper,
    activity: Activity,
    waiting: Mutex<VecDeque<Waiting>>,
    /// Images that could not be booted: not to be tried again before, and the next pause.
    broken: Mutex<HashMap<String, (Instant, Duration)>>,
    taken: Notify,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Shelf {
    /// An empty shelf.
    pub fn new(
        fleet: Arc<Fleet>,
        reaper: Reaper,
        activity: Activity,
        stop: CancellationToken,
        tasks: TaskTracker,
    ) -> Self {
        Self {
            fleet,
            reaper,
            activity,
            waiting: Mutex::default(),
            broken: Mutex::default(),
            taken: Notify::new(),
            stop,
            tasks,
        }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A container of this language: one that waits, or else one that is booted now.
    ///
    /// # Errors
    ///
    /// Why none could be booted.
    pub async fn take(self: &Arc<Self>, language: &Language) -> Result<Waiting, SandboxError> {
        if let Some(container) = self.take_waiting(language) {
            self.taken.notify_one();
            return Ok(container);
        }
        // In a task of its own: a boot that has begun is never cut off, see the pool of gradings.
        let (shelf, language) = (self.clone(), language.clone());
        let work = self.activity.begin_boot();
        let boot = self.tasks.spawn(async move {
            let booted = shelf.boot(language).await;
            drop(work);
            booted
        });
        boot.await.unwrap_or_else(|panic| Err(SandboxError::Boot(panic.to_string())))
    }

    fn take_waiting(&self, language: &Language) -> Option<Waiting> {
        let mut waiting = self.waiting();
        while let Some(at) = waiting.iter().position(|container| container.suits(language)) {
            if let Some(mut container) = waiting.remove(at)
                && container.is_waiting()
            {
                return Some(container);
            }
        }
        None
    }

    async fn boot(&self, language: Language) -> Result<Waiting, SandboxError> {
        if self.stop.is_cancelled() {
            return Err(SandboxError::ShuttingDown);
        }
        Waiting::boot(&self.fleet, &self.reaper, language).await
    }

    /// Keeps so many of each language waiting, for as long as it is polled. Boots give way to gradings.
    pub async fn fill(self: &Arc<Self>, languages: impl Fn() -> Vec<Language>, each: usize) {
        loop {
            let languages = languages();
            self.retire(&languages);
            let Some(lacking) = self.lacking(&languages, each) else {
                tokio::select! {
                    () = self.taken.notified() => {}
                    () = tokio::time::sleep(HEALTH) => {}
                }
                continue;
            };
            self.activity.quiet().await;
            let Some(work) = self.activity.begin_spare_boot() else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let shelf = self.clone();
            let image = lacking.image.clone();
            let boot = self.tasks.spawn(async move {
                let booted = shelf.boot(lacking).await;
                drop(work);
                booted.map(|container| shelf.put(container))
            });
            match boot.await {
                Ok(Ok(())) => drop(self.broken().remove(&image)),
                Ok(Err(SandboxError::ShuttingDown)) => return,
                failed => {
                    tracing::warn!(image, ?failed, "a container for programs cannot be booted");
                    let mut broken = self.broken();
                    let pause = broken.get(&image).map_or(RETRY.0, |(_, pause)| (*pause * 2).min(RETRY.1));
                    broken.insert(image, (Instant::now() + pause, pause));
                }
            }
        }
    }

    fn broken(&self) -> MutexGuard<'_, HashMap<String, (Instant, Duration)>> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, container: Waiting) {
        let mut waiting = self.waiting();
        if !self.stop.is_cancelled() {
            waiting.push_back(container);
        }
    }

    /// The language of which the fewest wait, if they are too few.
    fn lacking(&self, languages: &[Language], each: usize) -> Option<Language> {
        let (waiting, broken, now) = (self.waiting(), self.broken(), Instant::now());
        let may_be_tried = |language: &&Language| broken.get(&language.image).is_none_or(|(until, _)| *until <= now);
        let count = |language: &Language| waiting.iter().filter(|container| container.suits(language)).count();
        let (least, language) = languages
            .iter()
            .filter(may_be_tried)
            .map(|language| (count(language), language))
            .min_by_key(|(count, _)| *count)?;
        (least < each).then(|| language.clone())
    }

    /// Drops those that are too old, have ended, or are of a language that is not there any more as it was.
    fn retire(&self, languages: &[Language]) {
        let oldest = self.fleet.settings.recycle_after;
        self.waiting().retain_mut(|container| {
            container.age() < oldest
                && languages.iter().any(|language| container.suits(language))
                && container.is_waiting()
        });
    }

    /// Drops all of them.
    pub fn clear(&self) {
        self.waiting().clear();
    }
}
