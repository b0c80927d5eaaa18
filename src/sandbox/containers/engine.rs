//! What makes containers and takes them away: the contract between the pool and those who keep it.
//!
//! [`super::super::docker`] asks a daemon, [`super::super::oci`] calls a runtime itself. Everything else, from the pool to
//! the verdict, is the same for both.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::Stream;
use tokio::io::AsyncWrite;
use tokio_util::sync::CancellationToken;

use super::cgroup::Cgroup;
use crate::domain::limits::Limits;
use crate::sandbox::SandboxError;

/// How long a container whose channel has closed may take to end, before it counts as one that lives on without it.
pub const ENDING: Duration = Duration::from_millis(800);

/// How long it may take, after the last process in a container ended, until whoever keeps it says so: on a busy machine, with
/// another kernel's runtime, seconds.
pub const NOTED: Duration = Duration::from_secs(5);

/// Makes containers, looks at them, and takes them away.
///
/// It promises of each container what `docs/ARCHITECTURE.md` promises of a sandbox: no network, every limit held from
/// outside, nothing shared with another. A container is known by the name that it was asked for under.
pub trait Engine: Send + Sync {
    /// The id of the image of this name: a digest of everything in it.
    ///
    /// # Errors
    ///
    /// [`SandboxError::NoSuchImage`], [`SandboxError::Unreachable`].
    fn image<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Image, SandboxError>>;

    /// The images that say of themselves that whole programs can run in them, by name.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`].
    fn program_images(&self) -> BoxFuture<'_, Result<Vec<ProgramImage>, SandboxError>>;

    /// Makes a container of this name and starts it. Once asked for something may exist, even if the answer never comes.
    ///
    /// # Errors
    ///
    /// Whatever was in the way.
    fn boot<'a>(&'a self, name: &'a str, recipe: &'a Recipe) -> BoxFuture<'a, Result<Vessel, SandboxError>>;

    /// Ends all processes of a container at once. One that has ended or gone is fine.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`].
    fn kill<'a>(&'a self, container: &'a str) -> BoxFuture<'a, Result<(), SandboxError>>;

    /// Removes a container, whatever it does, and everything that was made for it. One that is not there is removed.
    /// `leaving` says that it is on its way out by itself, so that a moment's wait is cheaper than a kill.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`], also when it is being removed by someone else and still there.
    fn remove<'a>(&'a self, container: &'a str, leaving: bool) -> BoxFuture<'a, Result<(), SandboxError>>;

    /// The containers of this owner.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`].
    fn own(&self) -> BoxFuture<'_, Result<Vec<Found>, SandboxError>>;

    /// The containers whose owner has gone.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Unreachable`].
    fn orphans(&self) -> BoxFuture<'_, Result<Vec<Found>, SandboxError>>;

    /// Listens to what becomes of containers, until `stop`.
    fn listen(self: Arc<Self>, stop: CancellationToken) -> BoxFuture<'static, ()>;
}

/// An image for jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// Digest of everything in it.
    pub id: String,
    /// Flavours of the VM that it has, as its label says; empty where it says nothing.
    pub flavours: Vec<String>,
    /// The flavour that runs where none is asked for.
    pub flavour: Option<String>,
}

impl Image {
    /// Label with the flavours that there are, with commas between.
    pub const FLAVOURS: &str = "athanor.flavours";
    /// Label with the one that is taken where none is asked for.
    pub const FLAVOUR: &str = "athanor.flavour";

    /// An image by its id and its labels.
    pub fn new(id: String, label: impl Fn(&str) -> Option<String>) -> Self {
        let flavours = label(Self::FLAVOURS).unwrap_or_default();
        let flavours = flavours.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Self { id, flavours, flavour: label(Self::FLAVOUR) }
    }

    /// Whether it was built to be told a flavour.
    #[must_use]
    pub fn has_flavours(&self) -> bool {
        !self.flavours.is_empty()
    }
}

/// An image in which whole programs run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramImage {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// The `image.toml` that it was built with.
    pub file: String,
    /// What its interpreter said when it was asked for its version.
    pub version: String,
}

impl ProgramImage {
    /// The label with the whole `image.toml`.
    pub const FILE: &str = "athanor.program";
    /// The label with the version.
    pub const VERSION: &str = "athanor.version";
}

/// What a container is made of. Whatever is not here is the same for all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// Id of the image.
    pub image: String,
    /// What is started; `None` for what the image says.
    pub command: Option<Vec<String>>,
    /// Variables of the environment beside the image's own, as `NAME=value`.
    pub environment: Vec<String>,
    /// What it may use.
    pub limits: Limits,
    /// Its share of the CPU while it boots.
    pub share: Share,
    /// System calls that it may make beside those of a grading.
    pub more_calls: &'static [&'static str],
    /// Longer than it will be there.
    pub lifetime: Duration,
}

/// Share of the CPU when others want it, too. Alone, each gets all that its limit allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// A boot that nobody waits for.
    Boot,
    /// A console, which may be busy for long: everything else comes first.
    Console,
    /// A whole program: gradings come first.
    Program,
    /// A grading, or a boot that somebody waits for.
    Grading,
}

impl Share {
    /// In the units of cgroup v1, where an ordinary process has 1024 (`cpu.shares`).
    #[must_use]
    pub const fn shares(self) -> u16 {
        match self {
            Self::Boot => 32,
            Self::Console => 64,
            Self::Program => 256,
            Self::Grading => 1024,
        }
    }

    /// In the units of cgroup v2, where an ordinary process has 100 (`cpu.weight`).
    #[must_use]
    pub const fn weight(self) -> u16 {
        match self {
            Self::Boot => 3,
            Self::Console => 6,
            Self::Program => 25,
            Self::Grading => 100,
        }
    }
}

/// Where a container's standard input is written.
pub type Input = Pin<Box<dyn AsyncWrite + Send>>;

/// What a container writes, until it ends.
pub type Chunks = Pin<Box<dyn Stream<Item = std::io::Result<Chunk>> + Send>>;

/// A piece of what a container writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// On standard output.
    Out(Bytes),
    /// On standard error.
    Err(Bytes),
}

/// A container that was started: its channel, and what becomes of it.
pub struct Vessel {
    /// Its standard input.
    pub input: Input,
    /// Its standard output and error.
    pub output: Chunks,
    /// What becomes of it.
    pub fate: Box<dyn Fate>,
    /// Where the kernel accounts for it, if that can be seen from here.
    pub cgroup: Option<Cgroup>,
}

/// Knows how a container ended, and whose doing that was.
pub trait Fate: Send + Sync {
    /// Foreign code runs in it from now on.
    fn engage(&mut self);

    /// Whether it is known to have ended. In doubt it is not.
    fn has_ended(&self) -> bool;

    /// After its channel ended: how it ended, or that it lives on without one.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Lost`] when that was not the code's doing, or nobody can say.
    fn settled(&self) -> BoxFuture<'_, Result<State, SandboxError>>;

    /// At a deadline: how it is now. On some runtimes an out-of-memory kill looks like silence, and a paused container does
    /// on all, so both are asked for before a time-out is called one.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Lost`] when its silence was not the code's doing.
    fn now(&self) -> BoxFuture<'_, Result<State, SandboxError>>;

    /// Whether nobody interfered so far, as far as is known without asking.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Lost`] when someone did.
    fn undisturbed(&self) -> Result<(), SandboxError>;
}

/// How a container is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// Whether it runs.
    pub running: bool,
    /// Whether the kernel ended a process in it for want of memory.
    pub out_of_memory: bool,
    /// Its exit code, once it ended; that of a signal is 128 more than its number.
    pub exit_code: Option<i64>,
}

/// A container that the engine has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What the engine calls it.
    pub id: String,
    /// The name under which it was made.
    pub name: String,
}

/// Whether a runtime is gVisor's: `runsc`, or a name for it with other arguments (`runsc-kvm`), with or without its folder.
#[must_use]
pub fn is_gvisor(runtime: &str) -> bool {
    let name = Path::new(runtime).file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.starts_with("runsc") || name.starts_with("gvisor")
}
