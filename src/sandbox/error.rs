//! How a sandbox can fail us. None of these says anything about the submitted code.

use std::time::Duration;

/// Our fault, never the learner's: the job may be tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SandboxError {
    /// The container engine does not answer.
    #[error("the container engine cannot be reached: {0}")]
    Unreachable(String),
    /// The engine lacks the runtime that the settings name.
    #[error("the container engine has no runtime `{wanted}`; it has: {}", present.join(", "))]
    NoSuchRuntime {
        /// The runtime of the settings.
        wanted: String,
        /// The runtimes that there are.
        present: Vec<String>,
    },
    /// The image is not there.
    #[error("there is no image `{image}`; `bin/image` builds it")]
    NoSuchImage {
        /// The image of the settings.
        image: String,
    },
    /// An image with packages, for which an exercise asks, is not there or cannot be used: no other exercise is concerned.
    #[error("the image with packages `{image}` cannot be used: {why}")]
    Packages {
        /// The image's name.
        image: String,
        /// What is wrong with it.
        why: String,
    },
    /// This machine lacks something that the sandbox cannot do without.
    #[error("this machine cannot run the sandbox: {0}")]
    Host(String),
    /// The image speaks another version of the protocol, so it was built from other sources.
    #[error(
        "the image speaks version {theirs} of the runner protocol and this program version {ours}; build it again with `bin/image`"
    )]
    ProtocolVersion {
        /// What the image said.
        theirs: u32,
        /// What this program speaks.
        ours: u32,
    },
    /// A container did not become ready.
    #[error("a container did not become ready: {0}")]
    Boot(String),
    /// A container took too long to become ready.
    #[error("a container was not ready after {0:?}")]
    BootTimeout(Duration),
    /// A container was lost through no fault of the code in it.
    #[error("a container was lost: {0}")]
    Lost(String),
    /// The sandbox is shutting down.
    #[error("the sandbox is shutting down")]
    ShuttingDown,
}

impl SandboxError {
    /// What failed us, in a word, for metrics.
    #[must_use]
    pub const fn cause(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "engine_unreachable",
            Self::NoSuchRuntime { .. } => "no_runtime",
            Self::NoSuchImage { .. } => "no_image",
            Self::Packages { .. } => "packages",
            Self::Host(_) => "host",
            Self::ProtocolVersion { .. } => "protocol_version",
            Self::Boot(_) => "boot",
            Self::BootTimeout(_) => "boot_timeout",
            Self::Lost(_) => "container_lost",
            Self::ShuttingDown => "shutting_down",
        }
    }

    /// Whether someone has to change the installation first: trying again by itself cannot help.
    #[must_use]
    pub const fn needs_operator(&self) -> bool {
        matches!(
            self,
            Self::NoSuchRuntime { .. }
                | Self::NoSuchImage { .. }
                | Self::Packages { .. }
                | Self::ProtocolVersion { .. }
                | Self::Host(_)
        )
    }
}
