//! Programs in containers: each in one of its own, which waited for it and is destroyed after it.

mod container;
mod language;
mod shelf;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use language::Language;
use shelf::Shelf;

use super::activity::Activity;
use super::fleet::Fleet;
use super::reap::Reaper;
use crate::domain::program::{Installed, LanguageName, Program, ProgramResult, SetLimits};
use crate::sandbox::SandboxError;
use crate::sandbox::programs::{ChunkSink, ProgramError, Programs};

/// How often it is looked which images there are.
const LOOK: Duration = Duration::from_secs(20);

/// What of program runs can be set.
#[derive(Debug, Clone, Default)]
pub struct ProgramSettings {
    /// The languages that are wanted; `None` for all that are installed.
    pub languages: Option<Vec<LanguageName>>,
    /// How many containers of each language wait for programs.
    pub waiting: usize,
    /// Limits that go before those of the images.
    pub limits: SetLimits,
}

impl ProgramSettings {
    /// Whether programs of this language may run.
    #[must_use]
    pub fn wants(&self, language: &LanguageName) -> bool {
        self.languages.as_ref().is_none_or(|wanted| wanted.contains(language))
    }
}

/// Runs programs in containers.
pub struct ContainerPrograms {
    fleet: Arc<Fleet>,
    activity: Activity,
    settings: ProgramSettings,
    languages: RwLock<BTreeMap<LanguageName, Language>>,
    shelf: Arc<Shelf>,
    stop: CancellationToken,
}

/// What a sandbox shares with its programs: one engine, one reaper, one view of who uses the CPU.
pub(super) struct Shared {
    pub fleet: Arc<Fleet>,
    pub reaper: Reaper,
    pub activity: Activity,
    pub stop: CancellationToken,
    pub tasks: TaskTracker,
}

impl ContainerPrograms {
    /// Looks which languages there are, and begins to put containers of theirs on the shelf.
    ///
    /// # Errors
    ///
    /// The engine cannot be reached.
    pub(super) async fn start(shared: Shared, settings: ProgramSettings) -> Result<Arc<Self>, SandboxError> {
        let languages = language::find(&*shared.fleet.engine, &settings).await?;
        let Shared { fleet, reaper, activity, stop, tasks } = shared;
        let shelf = Arc::new(Shelf::new(fleet.clone(), reaper, activity.clone(), stop.clone(), tasks.clone()));
        let languages = RwLock::new(languages);
        let programs = Arc::new(Self { fleet, activity, settings, languages, shelf, stop });
        tasks.spawn(programs.clone().tend());
        Ok(programs)
    }

    fn all(&self) -> Vec<Language> {
        self.languages.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn language(&self, name: &LanguageName) -> Option<Language> {
        self.languages.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Keeps the shelf full and looks for new images, until the sandbox stops.
    async fn tend(self: Arc<Self>) {
        let keep = async {
            loop {
                let look = tokio::time::sleep(LOOK);
                tokio::pin!(look);
                tokio::select! {
                    () = &mut look => {}
                    () = self.shelf.fill(|| self.all(), self.settings.waiting) => {}
                }
                match language::find(&*self.fleet.engine, &self.settings).await {
                    Ok(found) => *self.languages.write().unwrap_or_else(PoisonError::into_inner) = found,
                    Err(error) => tracing::debug!(%error, "the images cannot be looked at"),
                }
            }
        };
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = keep => {}
        }
        self.shelf.clear();
    }

    async fn perform(&self, program: &Program, chunks: &ChunkSink) -> Result<ProgramResult, ProgramError> {
        let Some(language) = self.language(&program.language) else {
            return Err(ProgramError::NotInstalled(program.language.clone()));
        };
        let container = self.shelf.take(&language).await?;
        // Nothing runs beside a grading that must be alone.
        let _work = loop {
            match self.activity.begin_program() {
                Some(work) => break work,
                None => self.activity.shared().await,
            }
        };
        Ok(container.run(program, chunks).await?)
    }
}

impl Programs for ContainerPrograms {
    fn languages(&self) -> Vec<Installed> {
        self.all().into_iter().map(|language| language.installed).collect()
    }

    fn run<'a>(
        &'a self,
        program: &'a Program,
        chunks: &'a ChunkSink,
    ) -> BoxFuture<'a, Result<ProgramResult, ProgramError>> {
        async move {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => Err(SandboxError::ShuttingDown.into()),
                result = self.perform(program, chunks) => result,
            }
        }
        .boxed()
    }
}
