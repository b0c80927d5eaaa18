//! One single-use container for one program: started, waiting, given the program, destroyed.

use std::pin::Pin;
use std::time::{Duration, Instant};

use bollard::container::{AttachContainerResults, LogOutput};
use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{AttachContainerOptionsBuilder, CreateContainerOptionsBuilder, StartContainerOptions};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::super::container::{Chunks, Grave};
use super::super::engine::{Engine, State};
use super::super::identity;
use super::super::reap::Reaper;
use super::image::Language;
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

/// Share of the CPU when others want it too, where a grading has 1024: gradings come first.
const CPU_SHARES: i64 = 256;

/// How long the engine may take to say how a container ended.
const ENDING: Duration = Duration::from_millis(800);

/// The exit code of a program that was killed, by the kernel or by itself.
const KILLED: i64 = 137;

/// A container that waits for its program.
pub struct Waiting {
    input: Pin<Box<dyn AsyncWrite + Send>>,
    output: Chunks,
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
    pub async fn boot(engine: &Engine, reaper: &Reaper, language: Language) -> Result<Self, SandboxError> {
        let timeout = engine.settings.boot_timeout;
        match tokio::time::timeout(timeout, Self::boot_unbounded(engine, reaper, language)).await {
            Ok(container) => container,
            Err(_) => Err(SandboxError::BootTimeout(timeout)),
        }
    }

    async fn boot_unbounded(engine: &Engine, reaper: &Reaper, language: Language) -> Result<Self, SandboxError> {
        let name = engine.next_name();
        // From here on something may exist, even if the engine's answer never comes.
        let grave = Grave::new(name.clone(), reaper.clone());
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        let docker = &engine.docker;
        docker.create_container(Some(options), recipe(engine, &language)).await.map_err(boot_error)?;
        // Attached before the start, so that not a byte is missed.
        let options =
            AttachContainerOptionsBuilder::default().stdin(true).stdout(true).stderr(true).stream(true).build();
        let AttachContainerResults { output, input } =
            docker.attach_container(&name, Some(options)).await.map_err(boot_error)?;
        docker.start_container(&name, None::<StartContainerOptions>).await.map_err(boot_error)?;
        let mut container = Self { input, output, grave, since: Instant::now(), language };
        container.wait_until_ready().await?;
        Ok(container)
    }

    async fn wait_until_ready(&mut self) -> Result<(), SandboxError> {
        let (mut said, mut complaints) = (Vec::new(), Vec::new());
        while said.len() + complaints.len() < READY_BYTES {
            match self.output.next().await {
                Some(Ok(LogOutput::StdOut { message })) => said.extend_from_slice(&message),
                Some(Ok(other)) => complaints.extend_from_slice(&other.into_bytes()),
                Some(Err(error)) => return Err(boot_error(error)),
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
    pub async fn run(
        mut self,
        engine: &Engine,
        program: &Program,
        chunks: &ChunkSink,
    ) -> Result<ProgramResult, SandboxError> {
        self.grave.is_urgent();
        let limits = self.language.installed.limits;
        let ending = Ending { engine, name: self.grave.name().to_owned(), generation: engine.watch.generation() };
        let deadline = Instant::now() + limits.time();
        let mut written = Written::new(&limits);
        let sent = send(self.input, program);
        tokio::pin!(sent);
        let mut sending = true;
        let stopped = loop {
            tokio::select! {
                biased;
                chunk = self.output.next() => match chunk {
                    Some(Ok(chunk)) => written.take(chunk, chunks),
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
            None => ending.ask().await?,
            // On some runtimes an out-of-memory kill looks like silence.
            Some(_) => ending.state().await?,
        };
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
fn recipe(engine: &Engine, language: &Language) -> ContainerCreateBody {
    let file = format!("/tmp/{}", language.installed.file);
    let command = if language.waits {
        language.command.clone()
    } else {
        let shell = ["/bin/sh", "-c", WAIT, "athanor", file.as_str()].map(str::to_owned);
        shell.into_iter().chain(language.command.iter().cloned()).collect()
    };
    let mut body = engine.recipe(&language.installed.limits.of_container());
    body.image = Some(language.image.clone());
    body.entrypoint = Some(Vec::new());
    body.cmd = Some(command);
    body.working_dir = Some("/tmp".to_owned());
    if let Some(labels) = &mut body.labels {
        labels.insert(identity::IMAGE.to_owned(), language.image.clone());
    }
    if let Some(host) = &mut body.host_config {
        host.cpu_shares = Some(CPU_SHARES);
    }
    body
}

/// Sends the program and what is typed, and closes the input. A program that does not read is no error.
async fn send(mut input: Pin<Box<dyn AsyncWrite + Send>>, program: &Program) {
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

    fn take(&mut self, chunk: LogOutput, chunks: &ChunkSink) {
        let (stream, kept) = match &chunk {
            LogOutput::StdErr { .. } => (Stream::Stderr, &mut self.err),
            _ => (Stream::Stdout, &mut self.out),
        };
        if let Some(text) = kept.keep(&chunk.into_bytes()) {
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

/// Asks the engine how a container ended.
struct Ending<'a> {
    engine: &'a Engine,
    name: String,
    /// The engine's generation when the program began.
    generation: u64,
}

impl Ending<'_> {
    async fn state(&self) -> Result<State, SandboxError> {
        let state = match tokio::time::timeout(ENDING, self.engine.state(&self.name)).await {
            Ok(state) => state.map_err(|error| SandboxError::Lost(error.to_string()))?,
            Err(_) => return Err(SandboxError::Lost("the engine does not say how it ended".to_owned())),
        };
        // An engine that went away took the container with it: that says nothing about the program.
        if self.engine.watch.generation() != self.generation {
            return Err(SandboxError::Lost("the engine was restarted".to_owned()));
        }
        Ok(state)
    }

    /// After its output ended. The engine notes the end a moment later, and the reason of a kill later still.
    async fn ask(&self) -> Result<State, SandboxError> {
        let closed = Instant::now();
        loop {
            let state = self.state().await?;
            let settled = !state.running && (state.exit_code != Some(KILLED) || state.out_of_memory);
            if settled || closed.elapsed() > ENDING {
                return Ok(state);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn boot_error(error: bollard::errors::Error) -> SandboxError {
    SandboxError::Boot(error.to_string())
}
