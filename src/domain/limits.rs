//! Every limit on what a submission may use, in one place.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The limits of one grading job. Defaults are those of the design; each has a setting `ATHANOR_LIMIT_…` (see
/// `docs/OPERATIONS.md`) and a hostile test that shows it hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Largest accepted source, in bytes after a byte-order mark is taken off.
    pub source_bytes: usize,
    /// Longest time to compile and load a submission, in milliseconds.
    pub compile_ms: u64,
    /// Longest time for one step of a case, in milliseconds, where the lesson sets no other.
    pub case_ms: u64,
    /// Longest time for a whole job, in milliseconds, from handing over the source to the last value.
    pub job_ms: u64,
    /// Output kept of each case, in bytes, half from its head and half from its tail.
    pub kept_output_bytes: usize,
    /// Output that a whole job may send, in bytes, past which the verdict is `output_exceeded`.
    pub job_output_bytes: usize,
    /// Largest value a step may return, in bytes of Erlang's external term format.
    pub term_bytes: usize,
    /// Longest text of a value that is kept, in bytes.
    pub text_bytes: usize,
    /// Largest single frame on the channel, in bytes.
    pub frame_bytes: usize,
    /// Memory of a container, in bytes; swap is not added to it.
    pub memory_bytes: i64,
    /// Processes and threads of a container.
    pub pids: i64,
    /// CPUs of a container, in thousandths of a core.
    pub cpu_millis: i64,
    /// Size of the container's `/tmp`, in bytes.
    pub tmp_bytes: i64,
    /// Open files of a container.
    pub open_files: i64,
}

impl Limits {
    /// The limits of the design.
    pub const DEFAULT: Self = Self {
        source_bytes: 64 * 1024,
        compile_ms: 5_000,
        case_ms: 2_000,
        job_ms: 10_000,
        kept_output_bytes: 64 * 1024,
        job_output_bytes: 8 * 1024 * 1024,
        term_bytes: 256 * 1024,
        text_bytes: 16 * 1024,
        frame_bytes: 1024 * 1024,
        memory_bytes: 256 * 1024 * 1024,
        pids: 64,
        cpu_millis: 1_000,
        tmp_bytes: 16 * 1024 * 1024,
        open_files: 1024,
    };

    /// Longest time to compile and load a submission.
    #[must_use]
    pub const fn compile(&self) -> Duration {
        Duration::from_millis(self.compile_ms)
    }

    /// Longest time for a whole job.
    #[must_use]
    pub const fn job(&self) -> Duration {
        Duration::from_millis(self.job_ms)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
