//! What it was measured on.

use std::path::Path;
use std::time::Duration;

use bollard::Docker;
use serde::Serialize;
use tokio::process::Command;

use super::cgroups::Tree;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The machine, and when.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Machine {
    /// The day, in UTC.
    pub date: String,
    /// Cores.
    pub cores: usize,
    /// Memory in gigabytes (a thousand million bytes).
    pub memory_gb: f64,
    /// The distribution's own name for itself.
    pub system: String,
    /// The kernel.
    pub kernel: String,
    /// The version of Docker's engine, if there is one.
    pub docker: Option<String>,
    /// The version of control groups, 1 or 2.
    pub cgroup: Option<u8>,
    /// What the runtimes that are installed call themselves.
    pub runtimes: Vec<String>,
    /// Whether this program was built with optimisation.
    pub optimised: bool,
}

impl Machine {
    /// Looks around. What cannot be found out is left out.
    pub async fn look(tree: Option<&Tree>) -> Self {
        let mut runtimes = Vec::new();
        for name in ["runc", "crun", "runsc"] {
            runtimes.extend(version(name).await);
        }
        Self {
            date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gb: memory_gb().unwrap_or_default(),
            system: system().unwrap_or_default(),
            kernel: read("/proc/sys/kernel/osrelease").unwrap_or_default(),
            docker: docker().await,
            cgroup: tree.map(|tree| tree.version),
            runtimes,
            optimised: !cfg!(debug_assertions),
        }
    }

    /// In a sentence.
    #[must_use]
    pub fn in_words(&self) -> String {
        let docker = self.docker.as_ref().map_or_else(|| "no Docker".to_owned(), |version| format!("Docker {version}"));
        let mut parts = vec![docker];
        parts.extend(self.runtimes.iter().cloned());
        parts.extend(self.cgroup.map(|version| format!("cgroup v{version}")));
        let build = if self.optimised { "" } else { ". This is a debug build: its figures mean nothing" };
        format!(
            "Measured on {} on a machine with {} cores and {:.0} GB ({}, Linux {}, {}){build}.",
            self.date,
            self.cores,
            self.memory_gb,
            self.system,
            self.kernel,
            parts.join(", ")
        )
    }
}

fn read(path: impl AsRef<Path>) -> Option<String> {
    std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

fn memory_gb() -> Option<f64> {
    let text = read("/proc/meminfo")?;
    let kibibytes: f64 = text.lines().next()?.split_whitespace().nth(1)?.parse().ok()?;
    Some((kibibytes * 1024.0 / 1e8).round() / 10.0)
}

fn system() -> Option<String> {
    let text = read("/etc/os-release")?;
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

async fn docker() -> Option<String> {
    let asked = async { Docker::connect_with_defaults()?.version().await };
    tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?.version
}

/// The first line of `NAME --version`, such as `runc version 1.1.5`.
async fn version(name: &str) -> Option<String> {
    let asked = Command::new(name).arg("--version").kill_on_drop(true).output();
    let output = tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().next().map(|line| line.replace(" version", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_described_in_a_sentence() {
        let machine = Machine {
            date: "2026-11-25".to_owned(),
            cores: 2,
            memory_gb: 25.2,
            system: "Debian GNU/Linux 12 (bookworm)".to_owned(),
            kernel: "6.1".to_owned(),
            docker: Some("20.10.24".to_owned()),
            cgroup: Some(1),
            runtimes: vec!["runc 1.1.5".to_owned()],
            optimised: true,
        };
        let expected = "Measured on 2026-11-25 on a machine with 2 cores and 25 GB (Debian GNU/Linux 12 (bookworm), \
                        Linux 6.1, Docker 20.10.24, runc 1.1.5, cgroup v1).";
        assert_eq!(machine.in_words(), expected);
        let debug = Machine { optimised: false, docker: None, ..machine }.in_words();
        assert!(debug.contains("no Docker") && debug.contains("debug build"), "{debug}");
    }
}
