//! A console without a VM: it prints what is typed. For tests of everything else.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use super::SandboxError;
use super::consoles::{ConsoleEnd, Consoles, Told};
use crate::domain::console::{PieceKind, Start, Typed};

/// Consoles that print what is typed, and end at the line `halt`.
#[derive(Debug, Default)]
pub struct FakeConsoles;

impl Consoles for FakeConsoles {
    fn run<'a>(
        &'a self,
        start: &'a Start,
        mut typed: mpsc::Receiver<Typed>,
        told: mpsc::Sender<Told>,
    ) -> BoxFuture<'a, Result<ConsoleEnd, SandboxError>> {
        async move {
            let tell = async |kind, text: String| drop(told.send(Told { kind, text }).await);
            for file in &start.files {
                tell(PieceKind::Output, format!("{}\n", file.file)).await;
            }
            let mut lines: Vec<String> = start.typed.clone();
            for n in 1.. {
                tell(PieceKind::Prompt, format!("iex({n})> ")).await;
                if lines.is_empty() {
                    match typed.recv().await {
                        Some(Typed::Lines(text)) => lines.extend(text.lines().map(str::to_owned)),
                        Some(Typed::Interrupt) => {
                            tell(PieceKind::Output, "** (EXIT) interrupted\n".to_owned()).await;
                            continue;
                        }
                        None => break,
                    }
                }
                for line in lines.drain(..) {
                    tell(PieceKind::Typed, line.clone()).await;
                    if line == "halt" {
                        return Ok(ConsoleEnd::Halted);
                    }
                    tell(PieceKind::Output, format!("{line}\n")).await;
                }
            }
            Ok(ConsoleEnd::Halted)
        }
        .boxed()
    }
}
