//! Where code that nobody trusts runs: the contract, and the two that keep it.
//!
//! [`containers`] runs a job in a warm, single-use container, which a Docker engine makes or, without one, [`oci`]. [`fake`] answers by a script, for tests of everything else.
//! Both turn what the harness says into a [`Report`] through the same [`driver`].

pub mod consoles;
pub mod containers;
mod counts;
mod docker;
pub mod driver;
mod error;
mod event;
pub mod fake;
pub mod fake_consoles;
pub mod fake_programs;
mod frame;
mod kept;
pub mod memory;
pub mod oci;
pub mod programs;
pub mod protocol;
mod stray;

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

pub use consoles::Consoles;
pub use counts::{BOOT_CLASSES_S, Counts, Tally};
pub use error::SandboxError;
pub use event::{Event, EventSink};
pub use programs::Programs;

use crate::domain::ids::ImageName;
use crate::domain::job::{Flavour, Job};
use crate::domain::report::Report;

/// Runs each job in an environment that nothing has run in before and nothing will run in after.
///
/// It promises: single use; no network; limits on memory, processes, CPU, output, files and time that are held from
/// outside; a result or an error before the job's deadline plus one second, once it has a container; nothing left behind.
pub trait Sandbox: Send + Sync {
    /// Runs a job and tells `events` what happens meanwhile.
    ///
    /// Dropping the future destroys the environment.
    ///
    /// # Errors
    ///
    /// That *we* failed, and the job should be tried again. Whatever the submitted code did is an `Ok(Report)`.
    fn run<'a>(&'a self, job: Job, events: &'a EventSink) -> BoxFuture<'a, Result<Report, SandboxError>>;

    /// Which image jobs run in: the key under which expected values are kept, since terms are compared by their bytes.
    fn image_digest(&self) -> &str;

    /// The same of the image with packages that an exercise asks for. It is looked for when it is first asked for.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Packages`], [`SandboxError::Unreachable`].
    fn digest_of<'a>(&'a self, _image: Option<&'a ImageName>) -> BoxFuture<'a, Result<String, SandboxError>> {
        async { Ok(self.image_digest().to_owned()) }.boxed()
    }

    /// Which VM jobs run in that do not ask for another, where there is a choice.
    fn flavour(&self) -> Option<Flavour> {
        None
    }

    /// How many environments there are now, for metrics.
    fn status(&self) -> Status;

    /// What it has counted since it began, for metrics.
    fn counts(&self) -> Counts {
        Counts::default()
    }

    /// Where whole programs run, if they do. It ends with this sandbox.
    fn programs(&self) -> Option<Arc<dyn Programs>> {
        None
    }

    /// Where consoles run, if they do. It ends with this sandbox.
    fn consoles(&self) -> Option<Arc<dyn Consoles>> {
        None
    }

    /// Refuses new jobs and removes everything it owns. Jobs that still run are cut off with an error.
    fn shutdown(&self) -> BoxFuture<'_, ()>;
}

/// How many environments a sandbox has, by what they do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Status {
    /// Warm, and waiting for a job.
    pub idle: usize,
    /// Not ready yet.
    pub booting: usize,
    /// Running a job.
    pub running: usize,
    /// Used up, and waiting to be removed.
    pub removing: usize,
    /// Whether the last attempt to make one succeeded.
    pub healthy: bool,
}
