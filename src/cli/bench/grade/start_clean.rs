//! The image that boots as Erlang does, for comparison: the usual one with another environment, made for one run.

use anyhow::{Context as _, ensure};
use tokio::process::Command;

/// What such images are called; the tag says what they were made of.
const NAME: &str = "athanor-bench-start-clean";

/// The image, made of `base` unless it was made before.
///
/// # Errors
/// `docker` cannot make it.
pub async fn image(base: &str) -> anyhow::Result<String> {
    let id = docker(&["image", "inspect", "--format", "{{.Id}}", base]).await?;
    let name = format!("{NAME}:{}", id.trim_start_matches("sha256:"));
    if docker(&["image", "inspect", "--format", "{{.Id}}", &name]).await.is_ok() {
        return Ok(name);
    }
    let container = docker(&["create", base]).await?;
    let made = docker(&["commit", "--change", "ENV ATHANOR_BOOT=start_clean", &container, &name]).await;
    docker(&["rm", &container]).await?;
    made.map(|_| name)
}

/// Takes such images away again, if there are any. One that another run uses stays.
pub async fn remove() {
    let listed = docker(&["image", "ls", "--format", "{{.Repository}}:{{.Tag}}", NAME]).await.unwrap_or_default();
    for name in listed.lines() {
        let _ = docker(&["image", "rm", "--no-prune", name]).await;
    }
}

async fn docker(arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("docker").args(arguments).output().await.context("it needs the `docker` command")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`docker {}` failed: {}", arguments[0], said.trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
