//! What a worker does with one run it holds.

use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::Runner;
use crate::db;
use crate::db::programs::{self as queue, Claimed, MAX_ATTEMPTS, RunKind, Written};
use crate::domain::block::{self, Block};
use crate::domain::formatting::Formatting;
use crate::domain::program::{Chunk, LanguageName, Program, ProgramResult};
use crate::sandbox::programs::{ChunkSink, ProgramError};
use crate::sandbox::{EventSink, SandboxError};

/// How long output is gathered before it is written: what a person does not notice.
const GATHER: Duration = Duration::from_millis(30);

/// Wait between two tries to write while the database is away.
const WRITE_AGAIN: Duration = Duration::from_millis(200);

/// How an attempt ended.
enum Attempt {
    Done {
        result: serde_json::Value,
        end: &'static str,
    },
    Fault(String),
    /// Trying again cannot help.
    Hopeless(String),
    LeaseLost,
    CutShort,
}

/// Runs what was claimed and writes what came of it, or hands it back. `called_off` and `cut_short` end it at once.
pub(super) async fn process(
    runner: &Runner,
    kind: RunKind,
    claimed: &Claimed,
    called_off: &CancellationToken,
    cut_short: &CancellationToken,
) {
    let taken = Instant::now();
    let attempt = tokio::select! {
        attempt = attempt(runner, kind, claimed) => attempt,
        () = keep_lease(runner, claimed) => Attempt::LeaseLost,
        () = called_off.cancelled() => Attempt::LeaseLost,
        () = cut_short.cancelled() => Attempt::CutShort,
    };
    let end = match attempt {
        Attempt::Done { result, end } => {
            write(runner, claimed, taken, || queue::finish(&runner.pool, claimed, &result)).await;
            end
        }
        Attempt::Fault(fault) if claimed.attempt < MAX_ATTEMPTS => {
            warn!(run = %claimed.id, %fault, "our fault; the program is run again");
            write(runner, claimed, taken, || queue::hand_back(&runner.pool, claimed)).await;
            "tried_again"
        }
        Attempt::CutShort if claimed.attempt < MAX_ATTEMPTS => {
            info!(run = %claimed.id, "program cut short by a stop; it is handed back");
            write(runner, claimed, taken, || queue::hand_back(&runner.pool, claimed)).await;
            "handed_back"
        }
        Attempt::Fault(fault) | Attempt::Hopeless(fault) => {
            error!(run = %claimed.id, %fault, "our fault; the program was not run");
            write(runner, claimed, taken, || queue::fail(&runner.pool, claimed, &fault)).await;
            "fault"
        }
        Attempt::CutShort => {
            write(runner, claimed, taken, || queue::fail(&runner.pool, claimed, "the machine was stopped")).await;
            "fault"
        }
        Attempt::LeaseLost => {
            debug!(run = %claimed.id, "nobody waits for this program any more, or another worker has it");
            "called_off"
        }
    };
    runner.metrics.count(kind.as_str(), end);
    runner.metrics.waited.observe(Duration::from_millis(claimed.waited_ms.unsigned_abs()).as_secs_f64());
    runner.metrics.ran.observe(taken.elapsed().as_secs_f64());
    info!(
        run = %claimed.id,
        kind = kind.as_str(),
        language = claimed.language,
        end,
        attempt = claimed.attempt,
        queued_ms = claimed.waited_ms,
        ran_ms = u64::try_from(taken.elapsed().as_millis()).unwrap_or(u64::MAX),
        "ran"
    );
}

async fn attempt(runner: &Runner, kind: RunKind, claimed: &Claimed) -> Attempt {
    match kind {
        RunKind::Program => program(runner, claimed).await,
        RunKind::Block => block(runner, claimed).await,
        RunKind::Format => format(runner, claimed).await,
    }
}

async fn program(runner: &Runner, claimed: &Claimed) -> Attempt {
    let (Some(programs), Ok(language)) = (&runner.programs, LanguageName::parse(&claimed.language)) else {
        return Attempt::Hopeless(format!("no language {}", claimed.language));
    };
    let program = Program { language, code: claimed.code.clone(), input: claimed.input.clone() };
    let ran = if claimed.streams {
        let (sink, chunks) = ChunkSink::channel();
        let run = async {
            let ran = programs.run(&program, &sink).await;
            drop(sink);
            ran
        };
        let (ran, written) = tokio::join!(run, stream(runner, claimed, chunks));
        if written == Written::LeaseLost {
            return Attempt::LeaseLost;
        }
        ran
    } else {
        programs.run(&program, &ChunkSink::none()).await
    };
    match ran {
        Ok(result) => {
            let end = end_of(&result);
            serde_json::to_value(result)
                .map_or_else(|error| Attempt::Hopeless(error.to_string()), |result| Attempt::Done { result, end })
        }
        Err(ProgramError::NotInstalled(language)) => Attempt::Hopeless(format!("no language {language}")),
        Err(ProgramError::Sandbox(SandboxError::ShuttingDown)) => Attempt::CutShort,
        Err(ProgramError::Sandbox(fault)) => Attempt::Fault(fault.to_string()),
    }
}

const fn end_of(result: &ProgramResult) -> &'static str {
    match result {
        ProgramResult { memory_exceeded: true, .. } => "memory_exceeded",
        ProgramResult { timed_out: true, .. } => "timed_out",
        ProgramResult { exit_code: Some(0), .. } => "succeeded",
        ProgramResult { exit_code: Some(_), .. } => "failed",
        ProgramResult { exit_code: None, .. } => "output_exceeded",
    }
}

/// Writes output as it comes, in small batches.
async fn stream(runner: &Runner, claimed: &Claimed, mut chunks: UnboundedReceiver<Chunk>) -> Written {
    let mut next = 0;
    let mut open = true;
    while open && let Some(first) = chunks.recv().await {
        let mut batch = vec![first];
        let gathered = tokio::time::sleep(GATHER);
        tokio::pin!(gathered);
        loop {
            tokio::select! {
                () = &mut gathered => break,
                chunk = chunks.recv() => match chunk {
                    Some(chunk) => join(&mut batch, chunk),
                    None => {
                        open = false;
                        break;
                    }
                },
            }
        }
        match queue::add_output(&runner.pool, claimed, next, &batch).await {
            Ok(Written::Yes) => next += i32::try_from(batch.len()).unwrap_or(i32::MAX),
            Ok(Written::LeaseLost) => return Written::LeaseLost,
            // The result has it all.
            Err(error) => debug!(run = %claimed.id, %error, "output not written"),
        }
    }
    Written::Yes
}

/// Pieces of one stream that come right after each other are one piece.
fn join(batch: &mut Vec<Chunk>, chunk: Chunk) {
    match batch.last_mut() {
        Some(last) if last.stream == chunk.stream => last.text.push_str(&chunk.text),
        _ => batch.push(chunk),
    }
}

async fn block(runner: &Runner, claimed: &Claimed) -> Attempt {
    let block: Block = match serde_json::from_str(&claimed.code) {
        Ok(block) => block,
        Err(error) => return Attempt::Hopeless(error.to_string()),
    };
    let report = match runner.sandbox.run(block.job(runner.settings.limits), &EventSink::none()).await {
        Ok(report) => report,
        Err(SandboxError::ShuttingDown) => return Attempt::CutShort,
        Err(fault) => return Attempt::Fault(fault.to_string()),
    };
    if block::was_not_loaded(&report) {
        return Attempt::Fault("the image does not load an empty file".to_owned());
    }
    succeeded(serde_json::to_value(block.result(report)))
}

fn succeeded(result: serde_json::Result<serde_json::Value>) -> Attempt {
    result
        .map_or_else(|error| Attempt::Hopeless(error.to_string()), |result| Attempt::Done { result, end: "succeeded" })
}

async fn format(runner: &Runner, claimed: &Claimed) -> Attempt {
    let asked: Formatting = match serde_json::from_str(&claimed.code) {
        Ok(asked) => asked,
        Err(error) => return Attempt::Hopeless(error.to_string()),
    };
    match runner.sandbox.run(asked.job(runner.settings.limits), &EventSink::none()).await {
        Ok(report) => succeeded(serde_json::to_value(asked.result(report))),
        Err(SandboxError::ShuttingDown) => Attempt::CutShort,
        Err(fault) => Attempt::Fault(fault.to_string()),
    }
}

/// Returns when the lease is lost. While the database is away nobody else can take the lease either.
async fn keep_lease(runner: &Runner, claimed: &Claimed) {
    loop {
        // At once for the first time: a run that was called off between its claim and the listening is known here.
        match queue::renew(&runner.pool, claimed, runner.settings.lease).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => debug!(run = %claimed.id, %error, "lease not renewed"),
        }
        tokio::time::sleep(runner.settings.lease / 3).await;
    }
}

async fn write<F: Future<Output = db::Result<Written>>>(
    runner: &Runner,
    claimed: &Claimed,
    taken: Instant,
    attempt: impl Fn() -> F,
) {
    let began = Instant::now();
    loop {
        match attempt().await {
            Ok(Written::Yes) => return,
            Ok(Written::LeaseLost) => return debug!(run = %claimed.id, "nobody waits for this result any more"),
            Err(error) if error.is_passing() && began.elapsed() < runner.settings.lease => {
                debug!(run = %claimed.id, %error, ?taken, "not written yet");
                tokio::time::sleep(WRITE_AGAIN).await;
            }
            Err(error) => return error!(run = %claimed.id, %error, "what came of a program could not be written"),
        }
    }
}
