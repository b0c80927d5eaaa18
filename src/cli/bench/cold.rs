//! What most graders do: a fresh container for each submission that starts the VM and runs an ExUnit script.

use std::process::Stdio;

use anyhow::Context as _;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::BenchGradeArgs;
use super::figures::{self, Figures, Grader};

/// The same exercise, its reference and its cases, as such graders have it.
const SCRIPT: &str = include_str!("cold.exs");

struct Cold<'a> {
    image: &'a str,
}

impl Grader for Cold<'_> {
    async fn grade(&self) -> anyhow::Result<()> {
        let mut child = Command::new("docker")
            .args(["run", "--rm", "--interactive", "--network", "none", "--memory", "256m", "--cpus", "1"])
            .args(["--entrypoint", "/bin/sh", self.image, "-c", "cat > /tmp/cold.exs && exec elixir /tmp/cold.exs"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the cold way needs the `docker` command")?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(SCRIPT.as_bytes()).await?;
        }
        let output = child.wait_with_output().await?;
        anyhow::ensure!(
            output.status.success(),
            "the cold way failed: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    async fn rest(&self, _ready_for: usize) {}
}

/// Measures it: a quarter as many submissions, since each takes so much longer.
pub(super) async fn measure(image: &str, args: &BenchGradeArgs, concurrency: usize) -> anyhow::Result<Figures> {
    figures::take(&Cold { image }, (args.submissions / 4).max(5), concurrency).await
}
