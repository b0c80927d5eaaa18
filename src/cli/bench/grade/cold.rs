//! What people would otherwise use: a fresh container for each submission, in which the VM starts.

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, ensure};
use futures_util::future::BoxFuture;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::cgroups::own_prefix;
use super::grader::Grader;

/// The measured exercise, its reference and its cases, as an ExUnit script: what most graders run.
const SCRIPT: &str = include_str!("cold.exs");

/// The same as the least of a Mix project: a shell script that writes it and runs `mix test`.
const PROJECT: &str = include_str!("mix_test.sh");

/// Runs a fresh container for each submission.
pub struct Cold {
    image: String,
    /// What the container's shell does; `input` comes on its standard input.
    command: &'static str,
    input: &'static str,
    /// What must be in its output.
    says: &'static str,
}

impl Cold {
    /// An ExUnit script, run by `elixir`.
    pub fn script(image: &str) -> Self {
        // The script itself insists on five tests without a failure; this is what ExUnit says of them.
        Self {
            image: image.to_owned(),
            command: "cat > /tmp/cold.exs && exec elixir /tmp/cold.exs",
            input: SCRIPT,
            says: "5 tests, 0 failures",
        }
    }

    /// A Mix project, tested by `mix test`.
    pub fn mix_test(image: &str) -> Self {
        Self { image: image.to_owned(), command: "exec sh -es", input: PROJECT, says: "5 tests, 0 failures" }
    }

    async fn run(&self) -> anyhow::Result<()> {
        let mut child = Command::new("docker")
            .args(["run", "--rm", "--interactive", "--network", "none", "--memory", "256m", "--cpus", "1"])
            .args(["--name", &next_name(), "--entrypoint", "/bin/sh", &self.image, "-c", self.command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("it needs the `docker` command")?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(self.input.as_bytes()).await?;
        }
        let output = child.wait_with_output().await?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output.status.success() && said.contains(self.says),
            "not the right answer: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }
}

/// A name that no container of this process had before, by which its control group is found.
pub fn next_name() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(1);
    format!("{}bench-{}", own_prefix(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

impl Grader for Cold {
    fn grade(&self) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(self.run())
    }
}
