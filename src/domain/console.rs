//! Consoles: IEx in a container of its own, kept open for one person, and what may be used of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::exercise::SourceFile;
use super::ids::ImageName;

/// What a console may use beside what a container may (`domain::limits`). Each has a test that shows it hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsoleLimits {
    /// Most that is typed at once, in bytes.
    pub line_bytes: usize,
    /// Times something was typed that no worker has taken yet.
    pub waiting_lines: i64,
    /// Output that is shown of one evaluation, in bytes. Past it the evaluation is interrupted.
    pub evaluation_output_bytes: usize,
    /// Output of one evaluation that is not shown any more, in bytes, past which the console ends: an interruption was no help.
    pub flood_bytes: usize,
    /// Output that is shown in all, in bytes. Past it the console ends.
    pub output_bytes: usize,
    /// Longest evaluation, in milliseconds, after which it is interrupted. Waiting for input is none.
    pub evaluation_ms: u64,
    /// How long nobody types before it ends, in milliseconds.
    pub idle_ms: u64,
    /// Longest life, in milliseconds.
    pub total_ms: u64,
    /// How long it waits for somebody to come back whose page was closed or loaded again, in milliseconds.
    pub grace_ms: u64,
    /// Pieces of what is shown that are kept.
    pub kept_pieces: i32,
    /// Longest prompt, in bytes: the rest is cut off.
    pub prompt_bytes: usize,
    /// What is shown on a page at once, in bytes: the newest pieces of so many, and the one that passes it.
    pub page_bytes: i64,
    /// Sockets that one person may have open at a time.
    pub sockets: usize,
    /// Pings and pongs a second, past which a socket is closed.
    pub control_frames: u32,
}

impl ConsoleLimits {
    /// The usual limits.
    pub const DEFAULT: Self = Self {
        line_bytes: 64 * 1024,
        waiting_lines: 32,
        evaluation_output_bytes: 64 * 1024,
        flood_bytes: 8 * 1024 * 1024,
        output_bytes: 1024 * 1024,
        evaluation_ms: 60_000,
        idle_ms: 10 * 60_000,
        total_ms: 30 * 60_000,
        grace_ms: 15_000,
        kept_pieces: 2_000,
        prompt_bytes: 256,
        page_bytes: 256 * 1024,
        sockets: 4,
        control_frames: 50,
    };

    /// How long somebody who left is waited for.
    #[must_use]
    pub const fn grace(&self) -> Duration {
        Duration::from_millis(self.grace_ms)
    }

    /// How long nobody types before it ends.
    #[must_use]
    pub const fn idle(&self) -> Duration {
        Duration::from_millis(self.idle_ms)
    }
}

/// What a console begins with: a person's own code, and nothing that judges it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Files that are compiled before the first prompt.
    pub files: Vec<SourceFile>,
    /// Lines that are typed at the first prompts.
    pub typed: Vec<String>,
    /// The image with packages that the exercise asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageName>,
}

/// What somebody does at a console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// Types one or several lines, without the last line's end.
    Lines(String),
    /// Interrupts what runs, or drops an expression that is not complete.
    Interrupt,
}

impl Typed {
    /// The kind as it is written in the database.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Lines(_) => "lines",
            Self::Interrupt => "interrupt",
        }
    }
}

/// What a piece of what is shown is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PieceKind {
    /// Something that was printed, values included.
    Output,
    /// A line is waited for.
    Prompt,
    /// A line as it was taken.
    Typed,
    /// What we say ourselves.
    Note,
}

impl PieceKind {
    /// The kind as it is written in the database and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Output => "output",
            Self::Prompt => "prompt",
            Self::Typed => "typed",
            Self::Note => "note",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Output, Self::Prompt, Self::Typed, Self::Note].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A piece of what is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Its text.
    pub text: String,
}

impl Piece {
    /// Something that we say ourselves.
    #[must_use]
    pub fn note(text: impl Into<String>) -> Self {
        Self { kind: PieceKind::Note, text: text.into() }
    }
}

/// Why a console ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Its owner closed it.
    Closed,
    /// Its owner went away.
    Left,
    /// Its owner signed out.
    SignedOut,
    /// Its owner opened another.
    Replaced,
    /// Nobody typed for too long.
    Idle,
    /// It was open for too long.
    Total,
    /// It printed too much.
    Output,
    /// Its VM ended, by the code's own doing.
    Halted,
    /// It took more memory than it may.
    Memory,
    /// The machine that had it vanished, or was stopped.
    Lost,
    /// We could not open it.
    Failed,
}

impl EndReason {
    const ALL: [Self; 11] = [
        Self::Closed,
        Self::Left,
        Self::SignedOut,
        Self::Replaced,
        Self::Idle,
        Self::Total,
        Self::Output,
        Self::Halted,
        Self::Memory,
        Self::Lost,
        Self::Failed,
    ];

    /// The reason as it is written in the database and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Left => "left",
            Self::SignedOut => "signed_out",
            Self::Replaced => "replaced",
            Self::Idle => "idle",
            Self::Total => "total",
            Self::Output => "output",
            Self::Halted => "halted",
            Self::Memory => "memory",
            Self::Lost => "lost",
            Self::Failed => "failed",
        }
    }

    /// The reason of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// What a piece counts beside its text, in bytes: about what its row takes.
const PIECE_BYTES: usize = 32;

/// Measures output against the limits. Code in the VM can write any frame itself, so none is believed.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    /// Lines that were passed to the container and were not said to be taken yet.
    passed: usize,
    evaluation: usize,
    flood: usize,
    shown: usize,
}

/// What is to be done with some output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// It is shown.
    Show,
    /// It is not shown, and the evaluation is interrupted: it is the first that is too much.
    Interrupt,
    /// It is not shown.
    Drop,
    /// The console ends.
    End,
}

impl Meter {
    /// So many lines were passed to the container.
    pub const fn passed(&mut self, lines: usize) {
        self.passed = self.passed.saturating_add(lines);
    }

    /// A line is said to have been taken, so that what is printed now belongs to it. Answers whether one was passed.
    pub const fn typed(&mut self) -> bool {
        if self.passed == 0 {
            return false;
        }
        self.passed -= 1;
        (self.evaluation, self.flood) = (0, 0);
        true
    }

    /// So many bytes were told. What `joins` the piece before it is no piece of its own. A prompt is always shown.
    pub const fn told(&mut self, kind: PieceKind, bytes: usize, joins: bool, limits: &ConsoleLimits) -> Judged {
        self.flood += bytes + PIECE_BYTES;
        let before = self.evaluation;
        let prompt = matches!(kind, PieceKind::Prompt);
        if !prompt {
            self.evaluation += bytes;
        }
        if prompt || self.evaluation <= limits.evaluation_output_bytes {
            self.shown += bytes + if joins { 0 } else { PIECE_BYTES };
            return if self.shown > limits.output_bytes { Judged::End } else { Judged::Show };
        }
        if self.flood > limits.flood_bytes {
            Judged::End
        } else if before <= limits.evaluation_output_bytes {
            Judged::Interrupt
        } else {
            Judged::Drop
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ConsoleLimits =
        ConsoleLimits { evaluation_output_bytes: 100, flood_bytes: 1_000, output_bytes: 300, ..ConsoleLimits::DEFAULT };

    fn output(meter: &mut Meter, bytes: usize) -> Judged {
        meter.told(PieceKind::Output, bytes, false, &LIMITS)
    }

    #[test]
    fn an_evaluation_that_prints_too_much_is_interrupted_once_and_the_next_one_is_shown() {
        let mut meter = Meter::default();
        meter.passed(1);
        let judged: Vec<Judged> = [60, 40, 1, 60].into_iter().map(|bytes| output(&mut meter, bytes)).collect();
        assert_eq!(judged, [Judged::Show, Judged::Show, Judged::Interrupt, Judged::Drop]);
        assert!(meter.typed());
        assert_eq!(output(&mut meter, 100), Judged::Show);
    }

    #[test]
    fn what_floods_on_after_an_interruption_ends_the_console() {
        let mut meter = Meter::default();
        assert_eq!(output(&mut meter, 101), Judged::Interrupt);
        assert_eq!(output(&mut meter, 835), Judged::Drop);
        assert_eq!(output(&mut meter, 0), Judged::End);
    }

    #[test]
    fn all_that_is_shown_has_a_limit() {
        let mut meter = Meter::default();
        meter.passed(3);
        for expected in [Judged::Show, Judged::Show, Judged::End] {
            assert_eq!(output(&mut meter, 100), expected);
            assert!(meter.typed());
        }
        // What joins a piece counts its text only.
        let mut meter = Meter::default();
        assert!((0..100).all(|_| meter.told(PieceKind::Output, 1, true, &LIMITS) == Judged::Show));
    }

    #[test]
    fn forged_lines_reset_nothing_and_forged_prompts_count_even_when_they_are_empty_or_nothing_is_shown() {
        let mut meter = Meter::default();
        meter.passed(1);
        assert!(meter.typed());
        assert!(!meter.typed(), "no more often than lines were passed");
        assert_eq!(output(&mut meter, 101), Judged::Interrupt);
        assert!(!meter.typed());
        assert_eq!(output(&mut meter, 1), Judged::Drop);
        for _ in 0..9 {
            assert_eq!(meter.told(PieceKind::Prompt, 0, false, &LIMITS), Judged::Show);
        }
        assert_eq!(meter.told(PieceKind::Prompt, 0, false, &LIMITS), Judged::End);
    }

    #[test]
    fn names_lead_back_to_what_they_name() {
        for reason in EndReason::ALL {
            assert_eq!(EndReason::named(reason.as_str()), Some(reason));
        }
        for kind in [PieceKind::Output, PieceKind::Prompt, PieceKind::Typed, PieceKind::Note] {
            assert_eq!(PieceKind::named(kind.as_str()), Some(kind));
        }
        assert_eq!(EndReason::named("x"), None);
    }
}
