//! A console as a page shows it.

use serde::Serialize;

use super::words::count;
use crate::db::consoles::{Console, ConsoleState, Numbered};
use crate::domain::console::{EndReason, PieceKind};
use crate::domain::ids::ConsoleId;

/// A console.
#[derive(Debug, Clone, Serialize)]
pub struct ConsoleView {
    id: String,
    title: String,
    back: String,
    lines: Vec<LineView>,
    /// The prompt at which a line is waited for.
    prompt: Option<String>,
    words: Option<String>,
    ended: bool,
    /// Whether something comes by itself.
    waits: bool,
    last: i32,
}

#[derive(Debug, Clone, Serialize)]
struct LineView {
    kind: &'static str,
    text: String,
}

impl ConsoleView {
    /// A console with what is shown at it. Something was typed after the piece of the number `seen`, 0 for nothing, so a prompt
    /// that was there before waits for nobody any more.
    #[must_use]
    pub fn new(id: ConsoleId, console: &Console, pieces: &[Numbered], seen: i32) -> Self {
        let prompt = pieces.last().filter(|last| last.kind == PieceKind::Prompt && last.seq > seen);
        // The prompt at which a line is waited for stands before the field.
        let shown = &pieces[..pieces.len() - usize::from(prompt.is_some())];
        let line = |piece: &Numbered| {
            let end = if matches!(piece.kind, PieceKind::Typed | PieceKind::Note) { "\n" } else { "" };
            LineView { kind: piece.kind.as_str(), text: format!("{}{end}", piece.text) }
        };
        let ended = matches!(console.state, ConsoleState::Ended(_));
        Self {
            id: id.to_string(),
            title: console.title.clone(),
            back: console.back.clone(),
            lines: shown.iter().map(line).collect(),
            prompt: prompt.filter(|_| !ended).map(|prompt| prompt.text.clone()),
            words: state_words(console.state),
            waits: !ended && prompt.is_none(),
            ended,
            last: pieces.last().map_or(0, |last| last.seq),
        }
    }

    /// What is to be said of where it stands.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        self.words.as_deref()
    }
}

/// What is to be said of where a console stands.
#[must_use]
pub fn state_words(state: ConsoleState) -> Option<String> {
    match state {
        ConsoleState::Queued { ahead: 0 } => Some("IEx is on its way.".to_owned()),
        ConsoleState::Queued { ahead } => {
            let others = count(usize::try_from(ahead).unwrap_or(0), "console");
            Some(format!("Waiting for a place: {others} before it."))
        }
        ConsoleState::Running => None,
        ConsoleState::Ended(reason) => Some(end_words(reason).to_owned()),
    }
}

/// Why a console is over.
#[must_use]
pub const fn end_words(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Closed => "IEx is closed.",
        EndReason::Left => "IEx was closed, as nobody was here any more.",
        EndReason::SignedOut => "IEx was closed when you signed out, or in.",
        EndReason::Replaced => "IEx was closed, as you opened another one.",
        EndReason::Idle => "IEx was closed, as nothing was typed for a long time.",
        EndReason::Total => "IEx was closed: its time is over. You may open a new one.",
        EndReason::Output => "IEx was closed, as it printed more than can be shown.",
        EndReason::Halted => "IEx has ended: the VM stopped.",
        EndReason::Memory => "IEx has ended: it took more memory than it may.",
        EndReason::Lost => "Sorry, IEx was lost: the machine that ran it stopped. You may open a new one.",
        EndReason::Failed => "Sorry, this is our fault: IEx could not be opened. Please try again.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(seq: i32, kind: PieceKind, text: &str) -> Numbered {
        Numbered { seq, kind, text: text.to_owned() }
    }

    #[test]
    fn the_prompt_at_which_a_line_is_waited_for_stands_apart() {
        let pieces = [
            piece(1, PieceKind::Prompt, "iex(1)> "),
            piece(2, PieceKind::Typed, "1"),
            piece(3, PieceKind::Output, "1\n"),
            piece(4, PieceKind::Prompt, "iex(2)> "),
        ];
        let mut console = Console { title: "x".into(), back: "/".into(), state: ConsoleState::Running };
        let view = ConsoleView::new(ConsoleId::new(), &console, &pieces, 0);
        assert_eq!((view.prompt.as_deref(), view.lines.len(), view.last, view.waits), (Some("iex(2)> "), 3, 4, false));
        assert_eq!(view.lines[1].text, "1\n");
        assert!(ConsoleView::new(ConsoleId::new(), &console, &pieces[..3], 0).waits);
        assert!(ConsoleView::new(ConsoleId::new(), &console, &pieces, 4).waits, "that prompt has had its line");
        console.state = ConsoleState::Ended(EndReason::Idle);
        let view = ConsoleView::new(ConsoleId::new(), &console, &pieces, 0);
        assert!(!view.waits && view.prompt.is_none() && view.words().is_some_and(|words| words.contains("closed")));
    }
}
