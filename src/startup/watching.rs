//! Watches folders: says that something changed, never what. Whoever hears it reads the folder again.
//!
//! Besides the folder itself, every name on the way to it is watched, links included: so a folder that is replaced by
//! another of its name, and a link that is switched to another release, are seen like a file that is saved.

use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

/// Links that are followed on the way to a folder: what Linux does (`path_resolution(7)`).
const MOST_LINKS: usize = 40;

/// How soon a hint follows a change.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Nothing has changed for this long: what was going on is over.
    pub quiet: Duration,
    /// Longest time for which changes that do not end keep a hint back.
    pub longest: Duration,
}

impl Pace {
    /// For somebody who has just saved a file and looks at the page.
    pub const AUTHOR: Self = Self { quiet: Duration::from_millis(30), longest: Duration::from_millis(150) };
    /// For a site: a checkout that replaces many files is read once.
    pub const SITE: Self = Self { quiet: Duration::from_millis(250), longest: Duration::from_secs(3) };
}

/// Why folders cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} cannot be watched: {source}; where the system's limit is reached, raise fs.inotify.max_user_watches or \
     fs.inotify.max_user_instances", path.display()
)]
pub struct WatchError {
    path: PathBuf,
    source: notify::Error,
}

/// Folders that are watched. Dropping it ends that.
#[derive(Debug)]
pub struct Watching {
    given: Vec<PathBuf>,
    pace: Pace,
    watched: Watched,
    told: watch::Sender<u64>,
    hints: watch::Receiver<u64>,
}

#[derive(Debug)]
struct Watched {
    scope: Scope,
    /// Ends its thread when it is dropped.
    _watcher: RecommendedWatcher,
}

impl Watching {
    /// Watches these folders, and of a file the folder that it is in. One that is not there yet is waited for.
    ///
    /// # Errors
    /// [`WatchError`] when the system gives no more watches.
    pub fn new(paths: impl IntoIterator<Item = PathBuf>, pace: Pace) -> Result<Self, WatchError> {
        let given: Vec<PathBuf> = paths.into_iter().collect();
        let (told, hints) = watch::channel(0);
        let watched = watch_scope(Scope::of(&given), told.clone())?;
        Ok(Self { given, pace, watched, told, hints })
    }

    /// Waits until something has changed and things are quiet again. What is read after this holds the change; what
    /// changes later makes another hint.
    ///
    /// # Errors
    /// [`WatchError`] when a folder was replaced and the new one cannot be watched; the old watch stays.
    pub async fn changed(&mut self) -> Result<(), WatchError> {
        // Cannot fail: the other end is our own.
        let _ = self.hints.changed().await;
        let latest = Instant::now() + self.pace.longest;
        while Instant::now() < latest && timeout(self.pace.quiet, self.hints.changed()).await.is_ok() {}
        self.follow()
    }

    /// Watches what the paths lead to now, where that is something else than before.
    fn follow(&mut self) -> Result<(), WatchError> {
        let scope = Scope::of(&self.given);
        if scope != self.watched.scope {
            self.watched = watch_scope(scope, self.told.clone())?;
        }
        Ok(())
    }
}

fn watch_scope(scope: Scope, told: watch::Sender<u64>) -> Result<Watched, WatchError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| WatchError { path, source }
    };
    let seen = scope.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        if event.as_ref().map_or(true, |event| seen.concerns(event)) {
            told.send_modify(|count| *count += 1);
        }
    })
    .map_err(failed(scope.roots.first().map_or(Path::new("."), |root| root.path.as_path())))?;
    // A folder that is gone since we looked is no failure: its name is watched, and that it went is a hint.
    let there = |result: notify::Result<()>| match result {
        Err(error) if is_gone(&error) => Ok(()),
        result => result,
    };
    for folder in scope.names.iter().filter_map(|name| name.parent()).collect::<BTreeSet<_>>() {
        there(watcher.watch(folder, RecursiveMode::NonRecursive)).map_err(failed(folder))?;
    }
    for root in &scope.roots {
        there(watcher.watch(&root.path, RecursiveMode::Recursive)).map_err(failed(&root.path))?;
    }
    Ok(Watched { scope, _watcher: watcher })
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(error) => {
            matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied)
        }
        _ => false,
    }
}

/// What is watched: folders with all that is in them, and names on the way there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Scope {
    roots: Vec<Root>,
    names: BTreeSet<PathBuf>,
}

/// A folder, known by more than its name: another one of the same name is another one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Root {
    path: PathBuf,
    /// Device and number of the folder.
    identity: (u64, u64),
}

impl Scope {
    fn of(given: &[PathBuf]) -> Self {
        let mut scope = Self::default();
        for path in given {
            let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            let mut links = 0;
            let Some(mut end) = scope.walk(&PathBuf::from("/"), &absolute, &mut links) else { continue };
            if end.is_file() {
                end.pop();
            }
            let Ok(found) = rustix::fs::stat(&end) else { continue };
            let identity = (found.st_dev, found.st_ino);
            if scope.roots.iter().all(|root| root.identity != identity) {
                scope.roots.push(Root { path: end, identity });
            }
        }
        scope
    }

    /// Goes from a folder along a path and notes each name on the way. Where the way ends early, what is missing is
    /// noted as well, so that its coming is seen. Answers what the path leads to, with no link in it.
    fn walk(&mut self, from: &Path, path: &Path, links: &mut usize) -> Option<PathBuf> {
        let mut at = from.to_owned();
        for component in path.components() {
            match component {
                Component::RootDir | Component::Prefix(_) => at = PathBuf::from("/"),
                Component::CurDir => {}
                Component::ParentDir => {
                    at.pop();
                }
                Component::Normal(name) => {
                    let next = at.join(name);
                    self.names.insert(next.clone());
                    match std::fs::read_link(&next) {
                        Ok(target) if *links < MOST_LINKS => {
                            *links += 1;
                            at = self.walk(&at, &target, links)?;
                        }
                        Ok(_) => return None,
                        Err(_) if next.exists() => at = next,
                        Err(_) => return None,
                    }
                }
            }
        }
        Some(at)
    }

    /// Whether an event may have changed what is read. That a file is read is one, too: it has to be passed over, or
    /// each reading would bring the next.
    fn concerns(&self, event: &Event) -> bool {
        if event.need_rescan() {
            return true;
        }
        if matches!(event.kind, EventKind::Access(_)) {
            return false;
        }
        event.paths.iter().any(|path| self.names.contains(path) || self.roots.iter().any(|root| root.holds(path)))
    }
}

impl Root {
    /// Whether something of the course is there: git's own files change all the time and are not.
    fn holds(&self, path: &Path) -> bool {
        path.strip_prefix(&self.path).is_ok_and(|inside| inside.components().all(|part| part.as_os_str() != ".git"))
    }
}

#[cfg(test)]
#[path = "watching_tests.rs"]
mod tests;
