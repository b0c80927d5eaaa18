//! The image that boots as Erlang does, for comparison: the usual one with another environment, made for one run.

use anyhow::{Context as _, ensure};
use tokio::process::Command;

/// The image, made of `base` unless this process has made it before.
///
/// # Errors
/// `docker` cannot make it.
pub async fn image(base: &str) -> anyhow::Result<String> {
    let name = name();
    if docker(&["image", "inspect", "--format", "{{.Id}}", &name]).await.is_ok() {
        return Ok(name);
    }
    let container = docker(&["create", base]).await?;
    let made = docker(&["commit", "--change", "ENV ATHANOR_BOOT=start_clean", &container, &name]).await;
    docker(&["rm", &container]).await?;
    made.map(|_| name)
}

/// Takes it away again, if it was made.
pub async fn remove() {
    let _ = docker(&["image", "rm", "--no-prune", &name()]).await;
}

fn name() -> String {
    format!("athanor-bench-start-clean:{}", std::process::id())
}

async fn docker(arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("docker").args(arguments).output().await.context("it needs the `docker` command")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`docker {}` failed: {}", arguments[0], said.trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
