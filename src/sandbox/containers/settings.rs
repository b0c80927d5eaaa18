//! What of the container sandbox can be set.

use std::time::Duration;

use tokio::sync::watch;

use super::programs::ProgramSettings;
use crate::domain::job::Flavour;
use crate::domain::limits::Limits;
use crate::sandbox::oci::OciSettings;

/// Memory that an idle container takes, in bytes, rounded up: 40 to 50 MB were measured.
pub(super) const IDLE_BYTES: u64 = 64 * 1024 * 1024;

/// Most warm containers where nothing else is set.
const MOST: usize = 64;

/// Settings of the container sandbox.
#[derive(Debug, Clone)]
pub struct ContainerSettings {
    /// Who makes the containers.
    pub engine: EngineSettings,
    /// Name of the image.
    pub image: String,
    /// The VM that gradings run in where an exercise wants no other; `None` takes the image's own choice.
    pub flavour: Option<Flavour>,
    /// Runtime, such as `runc`, `crun` or `runsc`; `None` takes the engine's default.
    pub runtime: Option<String>,
    /// How many warm containers wait for jobs; 0 boots one for each job.
    pub pool_size: usize,
    /// Whether the pool follows what is asked for. If not, it always has its size, and nothing of other kinds.
    pub adapt: bool,
    /// How many warm containers there are at most, of all kinds.
    pub pool_most: usize,
    /// How many somebody wishes to be warm: a schedule, or an operator before a class.
    pub wish: Option<watch::Receiver<usize>>,
    /// How many jobs run at once.
    pub max_jobs: usize,
    /// How many containers boot at once to refill the pool.
    pub max_boots: usize,
    /// Age at which an idle container is replaced by a fresh one.
    pub recycle_after: Duration,
    /// How long a container may take to become ready.
    pub boot_timeout: Duration,
    /// How many used containers may wait for a quiet moment before they are removed among running jobs.
    pub removal_backlog: usize,
    /// How long a used container waits for a quiet moment at most.
    pub removal_age: Duration,
    /// How often it is looked for containers that nobody sees to: of workers that died, or made by the engine after their
    /// boot was given up.
    pub sweep_every: Duration,
    /// What containers may use. A job with other limits on its container boots one of its own.
    pub limits: Limits,
    /// Whether and how whole programs run beside the jobs.
    pub programs: Option<ProgramSettings>,
}

/// Who makes the containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineSettings {
    /// A Docker engine.
    Docker {
        /// Its address (`unix:///run/docker.sock`); `None` takes `DOCKER_HOST`, or the usual socket.
        host: Option<String>,
    },
    /// A runtime that is called directly.
    Oci(OciSettings),
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self::Docker { host: None }
    }
}

/// The image of Elixir exercises where nothing else is asked for. A build with `ATHANOR_IMAGE` set takes that one, so that
/// the tests of two checkouts can use two versions of it on one machine.
pub const ELIXIR_IMAGE: &str = match option_env!("ATHANOR_IMAGE") {
    Some(image) => image,
    None => "athanor-runner-elixir",
};

impl ContainerSettings {
    /// Settings for a machine with so many cores and so many bytes of memory.
    ///
    /// The pool takes at most an eighth of the memory, and between 4 and 16 containers: enough for a burst, and refilled
    /// within seconds.
    #[must_use]
    pub fn for_machine(cores: usize, memory_bytes: u64) -> Self {
        let fits = usize::try_from(memory_bytes / 8 / IDLE_BYTES).unwrap_or(usize::MAX);
        Self {
            engine: EngineSettings::default(),
            image: ELIXIR_IMAGE.to_owned(),
            flavour: None,
            runtime: None,
            pool_size: fits.clamp(4, (4 * cores).clamp(4, 16)),
            adapt: false,
            pool_most: fits.clamp(4, MOST),
            wish: None,
            max_jobs: cores.max(1),
            max_boots: cores.max(1),
            recycle_after: Duration::from_secs(30 * 60),
            boot_timeout: Duration::from_secs(30),
            removal_backlog: 16,
            removal_age: Duration::from_secs(3),
            sweep_every: Duration::from_secs(60),
            limits: Limits::DEFAULT,
            programs: None,
        }
    }

    /// Settings for this machine.
    #[must_use]
    pub fn detect() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let pages = rustix::system::sysinfo();
        #[expect(clippy::useless_conversion, reason = "the width of these fields differs between machines")]
        let memory = u64::from(pages.totalram).saturating_mul(u64::from(pages.mem_unit));
        Self::for_machine(cores, memory)
    }
}
