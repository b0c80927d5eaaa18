//! A whole installation that nobody else uses: PostgreSQL, a site and workers, each a process of its own that may be
//! killed and is started again.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::ValueEnum;
use rustix::process::{Pid, Signal, kill_process};
use uuid::Uuid;

use super::boxes::Boxes;
use crate::config::Config;
use crate::db::{self, Pool};
use crate::startup::postgres::EmbeddedPostgres;

/// What the code runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SandboxKind {
    /// Containers, as for learners.
    Real,
    /// Answers by a script: what remains is queue, database and site.
    Costless,
}

/// The course that is handed in to.
const LESSON: &str = include_str!("chaos.md");

/// Longest wait for a process that was asked to stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// The installation.
pub(super) struct Stage {
    folder: PathBuf,
    postgres: Option<EmbeddedPostgres>,
    url: String,
    port: u16,
    sandbox: SandboxKind,
    boxes: Boxes,
    site: Child,
    workers: Vec<Child>,
    /// Every process that ever was a worker here: its id and its start, as the labels of its containers begin. An id alone
    /// is soon another's on a busy machine.
    owners: BTreeSet<String>,
    /// Connections of the one who looks on.
    pub(super) pool: Pool,
}

impl Stage {
    /// Sets it up.
    pub(super) async fn up(sandbox: SandboxKind, workers: usize, config: &Config) -> anyhow::Result<Self> {
        // Made by the cluster: the system user that it runs as must be able to get there.
        let folder = std::env::temp_dir().join(format!("athanor-bench-{}", Uuid::new_v4().simple()));
        let postgres = EmbeddedPostgres::start(&folder).await?;
        let pool = db::connect(postgres.url(), 4).await?;
        let url = format!("postgres://athanor@localhost/athanor?host={}", postgres.socket_dir().display());
        let lessons = folder.join("lessons/01-bench");
        std::fs::create_dir_all(&lessons)?;
        std::fs::write(lessons.join("01-chaos.md"), LESSON)?;
        // Taken for a moment to learn which port is free; the site keeps it over its restarts.
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let site = launch_site(&folder, &url, port)?;
        let mut stage = Self {
            folder,
            postgres: Some(postgres),
            url,
            port,
            sandbox,
            boxes: Boxes::of(sandbox, config),
            site,
            workers: Vec::new(),
            owners: BTreeSet::new(),
            pool,
        };
        for _ in 0..workers {
            let worker = stage.launch_worker()?;
            stage.workers.push(worker);
        }
        Ok(stage)
    }

    /// Where the site is.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn launch_worker(&mut self) -> anyhow::Result<Child> {
        let arguments: &[&str] = match self.sandbox {
            SandboxKind::Real => &["worker"],
            SandboxKind::Costless => &["bench", "costless-worker"],
        };
        let worker = launch(&self.folder, &self.url, arguments)?;
        self.owners.insert(owner(worker.id())?);
        Ok(worker)
    }

    /// Starts again what has ended, as a service manager does.
    pub(super) async fn look_after(&mut self) -> anyhow::Result<()> {
        if self.postgres.is_none() {
            self.postgres = Some(EmbeddedPostgres::start(&self.folder).await?);
        }
        if self.site.try_wait()?.is_some() {
            self.site = launch_site(&self.folder, &self.url, self.port)?;
        }
        for place in 0..self.workers.len() {
            if self.workers[place].try_wait()?.is_some() {
                self.workers[place] = self.launch_worker()?;
            }
        }
        Ok(())
    }

    /// Ends a worker with -9.
    pub(super) fn kill_worker(&mut self, which: usize) -> anyhow::Result<()> {
        let place = which % self.workers.len();
        self.workers[place].kill()?;
        self.workers[place].wait()?;
        Ok(())
    }

    /// Ends the site with -9.
    pub(super) fn kill_site(&mut self) -> anyhow::Result<()> {
        self.site.kill()?;
        self.site.wait()?;
        Ok(())
    }

    /// Ends the database's server with -9, or has it shut down fast, which ends all connections too.
    pub(super) fn end_database(&mut self, signal: Signal) -> anyhow::Result<()> {
        if let Some(postgres) = self.postgres.take() {
            let pid = Pid::from_raw(postgres.pid()).context("the server's process id")?;
            kill_process(pid, signal)?;
        }
        Ok(())
    }

    /// Ends some container of ours from outside. False when there is none.
    pub(super) fn kill_container(&self, which: usize) -> anyhow::Result<bool> {
        let found = self.containers(false)?;
        match found.get(which % found.len().max(1)) {
            Some(container) => self.boxes.kill(container),
            None => Ok(false),
        }
    }

    /// The containers of any worker there was; those that ended too, if asked for.
    pub(super) fn containers(&self, ended_too: bool) -> anyhow::Result<Vec<String>> {
        self.boxes.list(&self.owners, ended_too)
    }

    /// The processes by name: the site, and each worker.
    pub(super) fn processes(&self) -> Vec<(String, u32)> {
        let workers =
            self.workers.iter().enumerate().map(|(place, worker)| (format!("worker {}", place + 1), worker.id()));
        std::iter::once(("site".to_owned(), self.site.id())).chain(workers).collect()
    }

    /// Asks everything to stop and says how many containers are left.
    pub(super) async fn down(mut self) -> anyhow::Result<usize> {
        let mut children: Vec<&mut Child> = self.workers.iter_mut().chain(std::iter::once(&mut self.site)).collect();
        for child in &children {
            let _ = kill_process(Pid::from_child(child), Signal::TERM);
        }
        let began = Instant::now();
        for child in &mut children {
            while child.try_wait()?.is_none() && began.elapsed() < PATIENCE {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        let left = self.containers(true)?.len();
        self.pool.close().await;
        if let Some(postgres) = self.postgres.take() {
            postgres.stop().await?;
        }
        std::fs::remove_dir_all(&self.folder)?;
        Ok(left)
    }
}

impl Drop for Stage {
    /// Nothing that we started outlives us, however we end.
    fn drop(&mut self) {
        for child in self.workers.iter_mut().chain(std::iter::once(&mut self.site)) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Process id and start time: field 22 of `/proc/PID/stat` (proc(5)), the twentieth after the name in parentheses.
fn owner(pid: u32) -> anyhow::Result<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let started = fields.split_whitespace().nth(19).context("the start of a process")?;
    Ok(format!("{pid}.{started}."))
}

fn launch_site(folder: &Path, url: &str, port: u16) -> anyhow::Result<Child> {
    let (lessons, listen) = (folder.join("lessons").display().to_string(), format!("127.0.0.1:{port}"));
    launch(folder, url, &["serve", "--no-worker", "--listen", &listen, "--lessons", &lessons])
}

fn launch(folder: &Path, url: &str, arguments: &[&str]) -> anyhow::Result<Child> {
    let log = File::options().create(true).append(true).open(folder.join("log"))?;
    let child = Command::new(std::env::current_exe()?)
        .args(arguments)
        .env("DATABASE_URL", url)
        .env("ATHANOR_METRICS_LISTEN", "off")
        .env("ATHANOR_LEASE_MS", "2000")
        .env("ATHANOR_TRUST_PROXY", "true")
        .env("ATHANOR_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()?;
    Ok(child)
}
