//! Athanor in a process of its own, so that it can be killed.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::mpsc;

use super::app::PATIENCE;

/// A program of ours in a process of its own. It is killed when the test ends without stopping it.
pub struct Program {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
    /// Where the site listens; empty for a worker.
    pub address: String,
}

impl Program {
    /// Starts `athanor` and waits for the line that says it is ready.
    pub async fn start(arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_athanor"))
            .args(arguments)
            .env("ATHANOR_METRICS_LISTEN", "off")
            .env("ATHANOR_POOL", "1")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (sender, lines) = mpsc::unbounded_channel();
        // Read to the end: a program whose output nobody reads would die of it.
        std::thread::spawn(move || output.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line))));
        let mut program = Self { child, lines, address: String::new() };
        let ready = program.says("Athanor").await;
        program.address = ready.strip_prefix("Athanor is listening on ").unwrap_or_default().to_owned();
        program
    }

    /// Waits for a line that begins like this.
    pub async fn says(&mut self, beginning: &str) -> String {
        let line = async {
            loop {
                let line = self.lines.recv().await.expect("the program still runs");
                if line.starts_with(beginning) {
                    return line;
                }
            }
        };
        tokio::time::timeout(PATIENCE, line).await.unwrap_or_else(|_| panic!("it never said '{beginning}'"))
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a signal");
    }

    /// With -9: it cannot do anything about it.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Asks it to stop, which it must do in peace.
    pub async fn stop(self) {
        self.signal(Signal::TERM);
        let status = self.ended().await;
        assert!(status.success(), "{status}");
    }

    /// Waits for its end and says how it ended.
    pub async fn ended(mut self) -> ExitStatus {
        let stopped = async {
            loop {
                match self.child.try_wait().expect("a child") {
                    Some(status) => return status,
                    None => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, stopped).await.expect("it stops")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // After a stop or a kill there is nothing left to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Fails if there still are containers of one of these processes.
pub fn no_containers_of(pids: &[u32]) {
    let left = containers_of(pids);
    assert!(left.is_empty(), "containers of ended workers are left: {left:?}");
}

/// The owners of containers that one of these processes made, with a Docker engine or without one.
pub fn containers_of(pids: &[u32]) -> Vec<String> {
    let listed = Command::new("docker")
        .args(["ps", "--all", "--filter", "label=athanor.worker", "--format", r#"{{.Label "athanor.worker"}}"#])
        .output()
        .expect("docker");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let mut owners: Vec<String> = String::from_utf8_lossy(&listed.stdout).lines().map(str::to_owned).collect();
    for folder in ["/run/athanor/oci", "/sys/fs/cgroup/memory/athanor", "/sys/fs/cgroup/athanor"] {
        for owner in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let inside = std::fs::read_dir(owner.path()).into_iter().flatten().flatten();
            let containers = inside.filter(|entry| entry.file_name().to_string_lossy().starts_with("athanor-"));
            owners.extend(containers.map(|_| owner.file_name().to_string_lossy().into_owned()));
        }
    }
    owners.retain(|owner| {
        owner.split('.').next().and_then(|pid| pid.parse().ok()).is_some_and(|pid| pids.contains(&pid))
    });
    owners
}
