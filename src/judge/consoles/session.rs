//! One console that a worker holds: what is typed goes from its rows to its container, what is shown comes back.

use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error};

use super::Keeper;
use crate::db::consoles::{self as rows, Claimed, Held};
use crate::domain::console::{ConsoleLimits, EndReason, Judged, Meter, Piece, PieceKind, Typed};
use crate::sandbox::SandboxError;
use crate::sandbox::consoles::{ConsoleEnd, Consoles, Told};

/// How long output is gathered before it is written: what a person does not notice.
const GATHER: Duration = Duration::from_millis(25);

/// Pieces that are gathered at most.
const GATHERED: usize = 64;

/// What is typed that the container has not taken yet.
const TYPED: usize = 16;

/// Holds a console until its end, and answers what that was. The container is gone then, or on its way.
pub(super) async fn hold(
    keeper: &Keeper,
    consoles: &dyn Consoles,
    claimed: &Claimed,
    touched: &Notify,
    stop: &CancellationToken,
) -> &'static str {
    let (typed, typed_end) = mpsc::channel(TYPED);
    let (told_end, mut told) = mpsc::channel::<Told>(TYPED);
    let ended = {
        let run = consoles.run(&claimed.start, typed_end, told_end);
        tokio::pin!(run);
        let mut session = Session::new(keeper, claimed, typed);
        let ended = loop {
            let step = tokio::select! {
                biased;
                // Whatever is printed, the lease is kept and what is typed arrives.
                () = stop.cancelled() => Step::End(EndReason::Lost),
                () = tokio::time::sleep_until(session.renew_at) => session.renew().await,
                () = touched.notified() => session.type_in().await,
                ended = &mut run => Step::Ended(ended),
                Some(told) = told.recv() => session.hear(told).await,
                () = tokio::time::sleep_until(session.write_at.unwrap_or(session.renew_at)),
                    if session.write_at.is_some() => session.write().await,
                () = tokio::time::sleep_until(session.deadline()) => session.overdue().await,
            };
            match step {
                Step::On => {}
                step => break step,
            }
        };
        // Its last words.
        while let Ok(last) = told.try_recv() {
            let _ = session.hear(last).await;
        }
        let _ = session.write().await;
        ended
    };
    let reason = match ended {
        Step::End(reason) => reason,
        Step::Ended(Ok(ConsoleEnd::Halted)) => EndReason::Halted,
        Step::Ended(Ok(ConsoleEnd::OutOfMemory)) => EndReason::Memory,
        Step::Ended(Err(SandboxError::ShuttingDown)) => EndReason::Lost,
        Step::Ended(Err(fault)) => {
            error!(console = %claimed.id, %fault, "our fault; the console is over");
            EndReason::Failed
        }
        Step::On | Step::Over => return reason_of(keeper, claimed).await,
    };
    if let Err(error) = rows::end_held(&keeper.pool, claimed, reason).await {
        // Its lease runs out, and it is lost then.
        debug!(console = %claimed.id, %error, "the end of a console was not written");
    }
    reason.as_str()
}

/// Why somebody else has ended a console.
async fn reason_of(keeper: &Keeper, claimed: &Claimed) -> &'static str {
    match rows::reason(&keeper.pool, claimed.id).await {
        Ok(Some(reason)) => reason.as_str(),
        // Its owner's account was deleted.
        Ok(None) => "gone",
        Err(error) => {
            debug!(console = %claimed.id, %error, "nobody knows why a console ended");
            "unknown"
        }
    }
}

enum Step {
    On,
    End(EndReason),
    /// The container ended by itself.
    Ended(Result<ConsoleEnd, SandboxError>),
    /// Somebody else has ended it.
    Over,
}

struct Session<'a> {
    keeper: &'a Keeper,
    claimed: &'a Claimed,
    typed: mpsc::Sender<Typed>,
    limits: ConsoleLimits,
    meter: Meter,
    /// Pieces to be written, and by when.
    gathered: Vec<Piece>,
    write_at: Option<Instant>,
    /// When a prompt may be written at once again.
    prompt_at: Instant,
    next: i32,
    renew_at: Instant,
    idle_at: Instant,
    total_at: Instant,
    /// When what runs is interrupted; `None` at a prompt.
    evaluation_at: Option<Instant>,
    began: Instant,
    /// Whether there was a prompt.
    ready: bool,
}

impl<'a> Session<'a> {
    fn new(keeper: &'a Keeper, claimed: &'a Claimed, typed: mpsc::Sender<Typed>) -> Self {
        let (now, limits) = (Instant::now(), keeper.settings.limits);
        let mut meter = Meter::default();
        meter.passed(claimed.start.typed.len());
        Self {
            keeper,
            claimed,
            typed,
            limits,
            meter,
            gathered: Vec::new(),
            write_at: None,
            prompt_at: now,
            next: 1,
            // At once for the first time: one that was ended between its claim and the listening is known here, and what
            // was typed meanwhile is taken.
            renew_at: now,
            idle_at: now + limits.idle(),
            total_at: now + Duration::from_millis(limits.total_ms),
            evaluation_at: None,
            began: now,
            ready: false,
        }
    }

    fn deadline(&self) -> Instant {
        let soonest = self.idle_at.min(self.total_at);
        self.evaluation_at.map_or(soonest, |at| at.min(soonest))
    }

    async fn overdue(&mut self) -> Step {
        let now = Instant::now();
        if now >= self.total_at {
            return Step::End(EndReason::Total);
        }
        if now >= self.idle_at {
            return Step::End(EndReason::Idle);
        }
        self.evaluation_at = None;
        self.note(format!("This took longer than {} seconds, so it is interrupted.", self.limits.evaluation_ms / 1000));
        self.interrupt();
        Step::On
    }

    /// Whoever does not take an interruption is full of what was typed, and the limits end it.
    fn interrupt(&self) {
        let _ = self.typed.try_send(Typed::Interrupt);
    }

    fn note(&mut self, text: String) {
        self.gather(Piece::note(text));
    }

    fn gather(&mut self, piece: Piece) {
        match self.gathered.last_mut() {
            Some(last) if last.kind == PieceKind::Output && piece.kind == PieceKind::Output => {
                last.text.push_str(&piece.text);
            }
            _ => self.gathered.push(piece),
        }
        self.write_at.get_or_insert_with(|| Instant::now() + GATHER);
    }

    async fn hear(&mut self, mut told: Told) -> Step {
        match told.kind {
            PieceKind::Prompt => {
                if !std::mem::replace(&mut self.ready, true) {
                    self.keeper.metrics.ready(self.claimed.waited_ms, self.began.elapsed());
                }
                self.evaluation_at = None;
                told.text.truncate(told.text.floor_char_boundary(self.limits.prompt_bytes));
            }
            PieceKind::Typed => {
                if self.meter.typed() {
                    self.evaluation_at = Some(Instant::now() + Duration::from_millis(self.limits.evaluation_ms));
                }
            }
            PieceKind::Output | PieceKind::Note => {}
        }
        let joins =
            told.kind == PieceKind::Output && self.gathered.last().is_some_and(|last| last.kind == PieceKind::Output);
        match self.meter.told(told.kind, told.text.len(), joins, &self.limits) {
            Judged::Show => self.gather(Piece { kind: told.kind, text: told.text }),
            Judged::Interrupt => {
                let limit = self.limits.evaluation_output_bytes / 1024;
                self.note(format!(
                    "More than {limit} KiB were printed: the rest is not shown, and what ran is interrupted. Variables are \
                     gone then, modules are not."
                ));
                self.interrupt();
            }
            Judged::Drop => {}
            Judged::End => return Step::End(EndReason::Output),
        }
        // Somebody waits for a prompt. Those that come faster than anybody types are gathered.
        if (told.kind == PieceKind::Prompt && Instant::now() >= self.prompt_at) || self.gathered.len() >= GATHERED {
            return self.write().await;
        }
        Step::On
    }

    async fn write(&mut self) -> Step {
        self.write_at = None;
        self.prompt_at = Instant::now() + GATHER;
        if self.gathered.is_empty() {
            return Step::On;
        }
        let pieces = std::mem::take(&mut self.gathered);
        match rows::add(&self.keeper.pool, self.claimed, self.next, &pieces, self.limits.kept_pieces).await {
            Ok(true) => {
                self.next += i32::try_from(pieces.len()).unwrap_or(i32::MAX);
                Step::On
            }
            Ok(false) => Step::Over,
            Err(error) => {
                debug!(console = %self.claimed.id, %error, "not written yet");
                self.gathered = pieces;
                self.write_at = Some(Instant::now() + super::UNWELL);
                Step::On
            }
        }
    }

    /// Takes what was typed, as far as there is room for it.
    async fn type_in(&mut self) -> Step {
        let room = i64::try_from(self.typed.capacity()).unwrap_or(0);
        match rows::take(&self.keeper.pool, self.claimed, room).await {
            Ok(Some(typed)) => {
                for typed in typed {
                    self.idle_at = Instant::now() + self.limits.idle();
                    let lines = match &typed {
                        Typed::Lines(lines) => lines.split('\n').count(),
                        Typed::Interrupt => 0,
                    };
                    if self.typed.try_send(typed).is_ok() {
                        self.meter.passed(lines);
                    }
                }
                Step::On
            }
            Ok(None) => Step::Over,
            Err(error) => {
                debug!(console = %self.claimed.id, %error, "what was typed is taken later");
                Step::On
            }
        }
    }

    async fn renew(&mut self) -> Step {
        self.renew_at = Instant::now() + self.keeper.settings.lease / 3;
        match rows::renew(&self.keeper.pool, self.claimed, self.keeper.settings.lease).await {
            Ok(Held::Attended) => self.type_in().await,
            Ok(Held::Left) => Step::End(EndReason::Left),
            Ok(Held::Lost) => Step::Over,
            Err(error) => {
                debug!(console = %self.claimed.id, %error, "lease not renewed");
                Step::On
            }
        }
    }
}
