//! One single-use container for one program: started, waiting, given the program, destroyed.

use std::time::{Duration, Instant};

use futures_util::{FutureExt as _, StreamExt as _};
use tokio::io::AsyncWriteExt as _;

use super::super::container::Grave;
use super::super::engine::{Chunk as Piece, Chunks, Fate, Input, Recipe, Share, Vessel};
use super::super::fleet::Fleet;
use super::super::reap::Reaper;
use super::language::Language;
use crate::domain::program::{Chunk, Program, ProgramLimits, ProgramResult, Stream};
use crate::sandbox::SandboxError;
use crate::sandbox::kept::Kept;
use crate::sandbox::programs::ChunkSink;

/// What waits in a container whose command does not do so itself.
const WAIT: &str = include_str!("wait.sh");

/// What a container says once it waits.
const READY: &[u8] = b"ready\n";

/// Bytes that a container may say before it is ready, all of which are complaints.
const READY_BYTES: usize = 4096;

/// System calls that whole programs need beside those of a grading: files with owners and links, timers, local sockets,
/// and questions about oneself. None of them reaches anything without the capabilities that a container lacks.
const MORE_CALLS: &[&str] = &[
    "accept",
    "accept4",
    "alarm",
    "bind",
    "chown",
    "connect",
    "copy_file_range",
    "creat",
    "eventfd",
    "fallocate",
    "fchown",
    "fchownat",
    "futimesat",
    "getcpu",
    "getdents",
    "getitimer",
    "getpeername",
    "getresgid",
    "getresuid",
    "getsockname",
    "inotify_add_watch",
    "inotify_init",
    "inotify_init1",
    "inotify_rm_watch",
    "lchown",
    "link",
    "linkat",
    "listen",
    "mincore",
    "mknod",
    "mknodat",
    "mlock",
    "msync",
    "munlock",
    "pause",
    "preadv2",
    "pwritev2",
    "recvmmsg",
    "restart_syscall",
    "rt_sigqueueinfo",
    "sched_get_priority_max",
    "sched_get_priority_min",
    "sched_getparam",
    "sched_getscheduler",
    "sched_setaffinity",
    "sendfile",
    "sendmmsg",
    "setitimer",
    "setpriority",
    "signalfd4",
    "splice",
    "symlink",
    "symlinkat",
    "timer_create",
    "timer_delete",
    "timer_settime",
    "timerfd_gettime",
    "tkill",
    "utime",
    "utimes",
];

/// A container that waits for its program.
pub struct Waiting {
    input: Input,
    output: Chunks,
    fate: Box<dyn Fate>,
    grave: Grave,
    since: Instant,
    language: Language,
}

impl Waiting {
    /// Starts one and waits until it is ready.
    ///
    /// # Errors
    ///
    /// Whatever was in the way. The container, if there is one by then, goes to the reaper.
    pub async fn boot(fleet: &Fleet, reaper: &Reaper, language: Language) -> Result<Self, SandboxError> {
        let timeout = fleet.settings.boot_timeout;
        match tokio::time::timeout(timeout, Self::boot_unbounded(fleet, reaper, language)).await {
            Ok(container) => container,
            Err(_) => Err(SandboxError::BootTimeout(timeout)),
        }
    }

    async fn boot_unbounded(fleet: &Fleet, reaper: &Reaper, language: Language) -> Result<Self, SandboxError> {
        let name = fleet.next_name();
        // From here on something may exist, even if the engine's answer never comes.
        let grave = Grave::new(name.clone(), reaper.clone());
        let Vessel { input, output, fate, .. } = fleet.engine.boot(&name, &recipe(fleet, &language)).await?;
        let mut container = Self { input, output, fate, grave, since: Instant::now(), language };
        container.wait_until_ready().await?;
        Ok(container)
    }

    async fn wait_until_ready(&mut self) -> Result<(), SandboxError> {
        let (mut said, mut complaints) = (Vec::new(), Vec::new());
        while said.len() + complaints.len() < READY_BYTES {
            match self.output.next().await {
                Some(Ok(Piece::Out(bytes))) => said.extend_from_slice(&bytes),
                Some(Ok(Piece::Err(bytes))) => complaints.extend_from_slice(&bytes),
                Some(Err(error)) => return Err(SandboxError::Boot(error.to_string())),
                None => break,
            }
            if said == READY {
                return Ok(());
            }
        }
        complaints.extend(said);
        let said = String::from_utf8_lossy(&complaints);
        Err(SandboxError::Boot(format!(
            "the image of {} ended before it was ready, and said: {}",
            self.language.installed.name,
            said.trim()
        )))
    }

    /// How long it has been there.
    pub fn age(&self) -> Duration {
        self.since.elapsed()
    }

    /// Whether it is of this language, as that is now.
    pub fn suits(&self, language: &Language) -> bool {
        self.language == *language
    }

    /// Whether it still waits quietly. One that ended or says anything unasked is of no use.
    pub fn is_waiting(&mut self) -> bool {
        self.output.next().now_or_never().is_none()
    }

    /// Gives it the program and stays until that has ended. The container is used up.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Lost`] when the engine failed.
    pub async fn run(mut self, program: &Program, chunks: &ChunkSink) -> Result<ProgramResult, SandboxError> {
        self.grave.is_urgent();
        let limits = self.language.installed.limits;
        self.fate.engage();
        let deadline = Instant::now() + limits.time();
        let mut written = Written::new(&limits);
        let sent = send(self.input, program);
        tokio::pin!(sent);
        let mut sending = true;
        let stopped = loop {
            tokio::select! {
                biased;
                chunk = self.output.next() => match chunk {
                    Some(Ok(piece)) => written.take(&piece, chunks),
                    Some(Err(_)) | None => break None,
                },
                () = &mut sent, if sending => sending = false,
                () = tokio::time::sleep_until(deadline.into()) => break Some(Stopped::Time),
            }
            if written.too_much(&limits) {
                break Some(Stopped::Output);
            }
        };
        let state = match stopped {
            // Read to its end; the engine knows the rest.
            None => self.fate.settled().await?,
            Some(_) => self.fate.now().await?,
        };
        self.fate.undisturbed()?;
        let mut result = written.into_result();
        result.memory_exceeded = state.out_of_memory;
        result.timed_out = stopped == Some(Stopped::Time) && !state.out_of_memory;
        result.truncated |= stopped == Some(Stopped::Output);
        result.exit_code = if stopped.is_none() { state.exit_code.filter(|_| !state.running) } else { None };
        Ok(result)
    }
}

/// Why a program was stopped by us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stopped {
    Time,
    Output,
}

/// What a container is made of: that of a grading, with another image and a smaller share of the CPU.
fn recipe(fleet: &Fleet, language: &Language) -> Recipe {
    let file = format!("/tmp/{}", language.installed.file);
    let command = if language.waits {
        language.command.clone()
    } else {
        let shell = ["/bin/sh", "-c", WAIT, "athanor", file.as_str()].map(str::to_owned);
        shell.into_iter().chain(language.command.iter().cloned()).collect()
    };
    Recipe {
        image: language.image.clone(),
        command: Some(command),
        more_calls: MORE_CALLS,
        ..fleet.recipe(&fleet.images.usual, &language.installed.limits.of_container(), Share::Program)
    }
}

/// Sends the program and what is typed, and closes the input. A program that does not read is no error.
async fn send(mut input: Input, program: &Program) {
    let head = format!("{} {}\n", program.code.len(), program.code.chars().count());
    for part in [head.as_str(), program.code.as_str(), program.input.as_str()] {
        if input.write_all(part.as_bytes()).await.is_err() {
            return;
        }
    }
    let _ = input.flush().await;
    let _ = input.shutdown().await;
}

/// What a program wrote.
struct Written {
    out: Kept,
    err: Kept,
}

impl Written {
    const fn new(limits: &ProgramLimits) -> Self {
        Self { out: Kept::new(limits.kept_output_bytes), err: Kept::new(limits.kept_output_bytes) }
    }

    fn take(&mut self, piece: &Piece, chunks: &ChunkSink) {
        let (stream, kept, bytes) = match piece {
            Piece::Err(bytes) => (Stream::Stderr, &mut self.err, bytes),
            Piece::Out(bytes) => (Stream::Stdout, &mut self.out, bytes),
        };
        if let Some(text) = kept.keep(bytes) {
            chunks.tell(Chunk { stream, text });
        }
    }

    const fn too_much(&self, limits: &ProgramLimits) -> bool {
        self.out.bytes() + self.err.bytes() > limits.output_bytes as u64
    }

    fn into_result(self) -> ProgramResult {
        let ((stdout, cut_out), (stderr, cut_err)) = (self.out.into_text(), self.err.into_text());
        ProgramResult { stdout, stderr, truncated: cut_out || cut_err, ..ProgramResult::default() }
    }
}
