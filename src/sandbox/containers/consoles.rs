//! Consoles in containers: IEx in the image of exercises, one container each, which is destroyed after it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use serde::Serialize;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::activity::{Activity, Work};
use super::container::Grave;
use super::engine::{Chunk, Chunks, Fate, Image, Input, Recipe, Share, Vessel};
use super::fleet::Fleet;
use super::kind::Kind;
use super::reap::Reaper;
use crate::domain::console::{PieceKind, Start, Typed};
use crate::domain::exercise::SourceFile;
use crate::domain::ids::ImageName;
use crate::sandbox::SandboxError;
use crate::sandbox::consoles::{ConsoleEnd, Consoles, Told};
use crate::sandbox::protocol::{Decoder, frame_of};

/// What runs in the container, in Elixir. It is sent as the first frame, so that any image of exercises will do.
const PROGRAM: &str = include_str!("console.exs");

/// What the VM runs at its start, in Erlang: takes the first frame and runs it. A console that fails is no console.
const BOOT: &str = "{ok,_}=application:ensure_all_started(elixir),spawn(fun()->try P=open_port({fd,3,4},\
                    [binary,{packet,4},eof]),receive {P,{data,S}}->'Elixir.Code':eval_string(S,[{port,P}]) end \
                    after erlang:halt(70,[{flush,false}]) end end).";

/// Largest frame of a container, in bytes: it sends text in pieces of a quarter of this.
const FRAME_BYTES: usize = 64 * 1024;

/// Frames that have come and were not told yet, past which nothing is read.
const AHEAD: usize = 8;

/// Runs consoles in containers.
pub struct ContainerConsoles {
    pub(super) fleet: Arc<Fleet>,
    pub(super) reaper: Reaper,
    pub(super) activity: Activity,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
}

#[derive(Serialize)]
struct Begin<'a> {
    files: &'a [SourceFile],
    typed: &'a [String],
}

/// A container in which the VM boots.
struct Booting {
    input: Input,
    output: Chunks,
    fate: Box<dyn Fate>,
    grave: Grave,
}

impl ContainerConsoles {
    /// In a task of its own: a boot that has begun is never cut off, see the pool of gradings.
    async fn boot(&self, image: Option<&ImageName>) -> Result<Booting, SandboxError> {
        let (fleet, reaper) = (self.fleet.clone(), self.reaper.clone());
        let image = fleet.images.get(image).await?;
        let work = self.activity.begin_boot();
        let boot = self.tasks.spawn(async move {
            let name = fleet.next_name();
            // From here on something may exist, even if the engine's answer never comes.
            let grave = Grave::new(name.clone(), reaper);
            let Vessel { input, output, fate, .. } = fleet.engine.boot(&name, &recipe(&fleet, &image)).await?;
            drop(work);
            Ok(Booting { input, output, fate, grave })
        });
        boot.await.unwrap_or_else(|panic| Err(SandboxError::Boot(panic.to_string())))
    }

    async fn perform(
        &self,
        start: &Start,
        typed: mpsc::Receiver<Typed>,
        told: mpsc::Sender<Told>,
    ) -> Result<ConsoleEnd, SandboxError> {
        let begin = serde_json::to_vec(&Begin { files: &start.files, typed: &start.typed })
            .map_err(|error| SandboxError::Boot(error.to_string()))?;
        let Booting { input, output, mut fate, mut grave } = self.boot(start.image.as_ref()).await?;
        grave.is_urgent();
        fate.engage();
        let mut pending = frame_of(PROGRAM.as_bytes());
        pending.extend(frame_of(&[b"s", begin.as_slice()].concat()));
        let decoder = Decoder::new(FRAME_BYTES, usize::MAX);
        let mut line = Line { input, output, decoder, pending, written: 0, came: VecDeque::new(), ready: false };
        let boot = self.fleet.settings.boot_timeout;
        let ended = line.serve(&self.activity, typed, told, boot).await?;
        if matches!(ended, Served::Closed) {
            let state = fate.settled().await?;
            if !line.ready && !state.out_of_memory {
                return Err(SandboxError::Boot("a console ended before it was ready".to_owned()));
            }
            return Ok(if state.out_of_memory { ConsoleEnd::OutOfMemory } else { ConsoleEnd::Halted });
        }
        Ok(ConsoleEnd::Halted)
    }
}

impl Consoles for ContainerConsoles {
    fn run<'a>(
        &'a self,
        start: &'a Start,
        typed: mpsc::Receiver<Typed>,
        told: mpsc::Sender<Told>,
    ) -> BoxFuture<'a, Result<ConsoleEnd, SandboxError>> {
        async move {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => Err(SandboxError::ShuttingDown),
                ended = self.perform(start, typed, told) => ended,
            }
        }
        .boxed()
    }
}

/// Longer than any console may live.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What a container is made of: that of a grading, with IEx on its path and a smaller share of the CPU.
fn recipe(fleet: &Fleet, image: &Image) -> Recipe {
    let command = ["/athanor/boot", "-pa", "/athanor/elixir/iex/ebin", "-eval", BOOT];
    let usual = fleet.recipe(image, &fleet.settings.limits, Share::Console);
    Recipe {
        command: Some(command.map(str::to_owned).to_vec()),
        environment: Kind::usual(fleet.settings.flavour, image).environment(),
        lifetime: usual.lifetime + LONGEST,
        ..usual
    }
}

/// How serving came to its end.
enum Served {
    /// The container's channel closed.
    Closed,
    /// What it said made no sense, or nobody listens any more.
    Given,
}

/// A console's channel.
struct Line {
    input: Input,
    output: Chunks,
    decoder: Decoder,
    pending: Vec<u8>,
    written: usize,
    came: VecDeque<Told>,
    ready: bool,
}

impl Line {
    /// Carries frames in both directions until the end. `boot` is how long it may take to be ready.
    async fn serve(
        &mut self,
        activity: &Activity,
        mut typed: mpsc::Receiver<Typed>,
        told: mpsc::Sender<Told>,
        boot: Duration,
    ) -> Result<Served, SandboxError> {
        let late = tokio::time::sleep(boot);
        tokio::pin!(late);
        let mut evaluation: Option<Work> = Some(activity.begin_evaluation());
        loop {
            tokio::select! {
                biased;
                room = told.reserve(), if !self.came.is_empty() => match (room, self.came.pop_front()) {
                    (Ok(room), Some(told)) => room.send(told),
                    _ => return Ok(Served::Given),
                },
                result = self.input.write(&self.pending[self.written..]), if !self.pending.is_empty() => {
                    // One that does not read any more has ended, or will; its output says so.
                    self.written += result.unwrap_or(self.pending.len());
                    if self.written >= self.pending.len() {
                        let _ = self.input.flush().await;
                        (self.pending, self.written) = (Vec::new(), 0);
                    }
                }
                said = typed.recv(), if self.ready && self.pending.is_empty() => match said {
                    Some(Typed::Lines(lines)) => {
                        evaluation.get_or_insert_with(|| activity.begin_evaluation());
                        self.pending = frame_of(&[b"l", lines.as_bytes()].concat());
                    }
                    Some(Typed::Interrupt) => self.pending = frame_of(b"i"),
                    None => return Ok(Served::Given),
                },
                chunk = self.output.next(), if self.came.len() < AHEAD => match chunk {
                    Some(Ok(chunk)) => {
                        if !self.take(chunk) {
                            return Ok(Served::Given);
                        }
                        if self.came.back().is_some_and(|last| last.kind == PieceKind::Prompt) {
                            evaluation = None;
                        }
                    }
                    Some(Err(_)) | None => {
                        self.tell_rest(&told).await;
                        return Ok(Served::Closed);
                    }
                },
                () = &mut late, if !self.ready => return Err(SandboxError::BootTimeout(boot)),
            }
        }
    }

    /// Takes what came; whether it made sense.
    fn take(&mut self, chunk: Chunk) -> bool {
        let bytes = match chunk {
            // What was written past the VM's own output: complaints of the VM itself, for one.
            Chunk::Err(bytes) => {
                self.came.push_back(Told { kind: PieceKind::Output, text: lossy(&bytes) });
                return true;
            }
            Chunk::Out(bytes) => bytes,
        };
        if self.decoder.push(&bytes).is_err() {
            return false;
        }
        loop {
            let frame = match self.decoder.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => return true,
                Err(_) => return false,
            };
            let kind = match frame.first() {
                Some(b'o') => PieceKind::Output,
                Some(b'p') => PieceKind::Prompt,
                Some(b't') => PieceKind::Typed,
                Some(b'r') => {
                    self.ready = true;
                    continue;
                }
                _ => return false,
            };
            let text = lossy(&frame[1..]);
            self.came.push_back(Told { kind, text });
        }
    }

    /// Its last words.
    async fn tell_rest(&mut self, told: &mpsc::Sender<Told>) {
        for last in self.came.drain(..) {
            if told.send(last).await.is_err() {
                return;
            }
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
