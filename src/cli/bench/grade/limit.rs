//! How fast it can be at all: one VM that is used again and again compiles the same module and evaluates the same cases,
//! without isolation. Nobody should grade like that: whatever one submission leaves behind, the next one finds.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

use super::cold::next_name;
use super::grader::Grader;

/// What the VM runs.
const SCRIPT: &str = include_str!("limit.exs");

/// The measured exercise's reference.
const SOURCE: &str = "defmodule Measured do\n  def double(n), do: n * 2\n\n  def first([], default), do: default\n  \
    def first([head | _tail], _default), do: head\n\n  def sum(numbers), do: Enum.reduce(numbers, 0, fn number, total -> \
    number + total end)\n\n  def greet(name), do: \"Hello, #{name}!\"\nend\n";

/// Its cases and what they come to.
const CASES: [(&str, &str); 5] = [
    ("Measured.double(21)", "42"),
    ("Measured.first([1, 2, 3], 0)", "1"),
    ("Measured.first([], :none)", ":none"),
    ("Measured.sum([1, 2, 3, 4])", "10"),
    ("Measured.greet(\"Ada\")", "\"Hello, Ada!\""),
];

/// Longest wait for a line of the VM.
const PATIENCE: Duration = Duration::from_secs(30);

/// The VM. It does one thing after the other.
pub struct Limit {
    vm: Mutex<Vm>,
    request: String,
    answer: String,
}

struct Vm {
    child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Limit {
    /// Starts it, with the same memory and processor as a sandbox, and lets it answer once: the first answer loads what
    /// the others find.
    ///
    /// # Errors
    /// It does not start, or answers wrongly.
    pub async fn start(image: &str) -> anyhow::Result<Self> {
        let mut child = Command::new("docker")
            .args(["run", "--rm", "--interactive", "--network", "none", "--memory", "256m", "--cpus", "1"])
            .args([
                "--name",
                &next_name(),
                "--entrypoint",
                "/bin/sh",
                image,
                "-c",
                "exec elixir -e \"$1\"",
                "limit",
                SCRIPT,
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("it needs the `docker` command")?;
        let input = child.stdin.take();
        let output = child.stdout.take().context("a VM without output")?;
        let mut vm = Vm { child, input, output: BufReader::new(output).lines() };
        let ready = vm.line().await?;
        ensure!(ready == "ready", "the VM began with {ready:?}");
        let encode = |text: &str| STANDARD.encode(text);
        let cases: Vec<_> = CASES.iter().map(|(code, _)| encode(code)).collect();
        let values: Vec<_> = CASES.iter().map(|(_, value)| encode(value)).collect();
        let request = format!("{} {}\n", encode(SOURCE), cases.join(" "));
        let limit = Self { vm: Mutex::new(vm), request, answer: values.join(" ") };
        limit.ask().await?;
        Ok(limit)
    }

    async fn ask(&self) -> anyhow::Result<()> {
        let mut vm = self.vm.lock().await;
        vm.input.as_mut().context("the VM has ended")?.write_all(self.request.as_bytes()).await?;
        let said = vm.line().await?;
        ensure!(said == self.answer, "the VM answered {said:?}");
        Ok(())
    }

    async fn end(&self) {
        let mut vm = self.vm.lock().await;
        // The end of its input is the end of the VM, and that of its container.
        vm.input = None;
        let _ = tokio::time::timeout(PATIENCE, vm.child.wait()).await;
    }
}

impl Vm {
    async fn line(&mut self) -> anyhow::Result<String> {
        let line =
            tokio::time::timeout(PATIENCE, self.output.next_line()).await.context("the VM does not answer")??;
        line.context("the VM has ended")
    }
}

impl Grader for Limit {
    fn grade(&self) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(self.ask())
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contender_has_the_same_reference_and_cases() {
        let others = [include_str!("cold.exs"), include_str!("mix_test.sh"), include_str!("../lesson.md")];
        for other in others {
            assert!(other.contains(SOURCE), "{SOURCE} is not in {other}");
            for (code, value) in CASES {
                let asserted = format!("assert({code} == {value})");
                assert!(other.contains(&asserted) || other.contains(&format!("iex> {code}\n{value}\n")), "{code}");
            }
        }
    }
}
