//! Making, starting, finding and ending the server.
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use super::folder::{self, ServerUser};
use super::{EmbeddedError, ServerBinaries, connect_options, io};

/// Replaying the log of a server that was killed may take a while.
const READY_LIMIT: Duration = Duration::from_secs(60);
/// A fast shutdown ends all connections and writes a checkpoint.
const STOP_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);
/// At the next start after this size, the log begins anew.
const LARGEST_LOG: u64 = 16 << 20;

/// The role and the database that Athanor works with, made while the cluster has no server yet.
/// One command per line: so wants single-user mode.
const FIRST_COMMANDS: &str = "CREATE ROLE athanor LOGIN CREATEDB\nCREATE DATABASE athanor OWNER athanor\n";

/// A server that runs.
#[derive(Debug)]
pub struct Postmaster {
    pub pid: i32,
    pub socket_dir: PathBuf,
    /// Ours, if we started it.
    child: Option<Child>,
}

/// The server that runs on the cluster below `data_dir`, whoever started it.
///
/// If whoever started it was killed just then, it may still be writing its pid file; and processes of a killed
/// server may still be at the data, and end by themselves. Both are waited for.
pub async fn running(data_dir: &Path) -> Option<Postmaster> {
    let cluster = folder::cluster_dir(data_dir);
    let began = Instant::now();
    loop {
        if let Some((pid, socket_dir)) = read_pid_file(&cluster).filter(|(pid, _)| works_in(*pid, &cluster)) {
            return Some(Postmaster { pid, socket_dir, child: None });
        }
        if !anyone_works_in(&cluster) || began.elapsed() > STOP_LIMIT {
            return None;
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Starts a server, after making the cluster if there is none.
pub async fn start(data_dir: &Path, binaries: &ServerBinaries, user: &ServerUser) -> Result<Postmaster, EmbeddedError> {
    let cluster = folder::cluster_dir(data_dir);
    let log = open_log(data_dir)?;
    if folder::version_of(data_dir).is_none() {
        make(data_dir, binaries, user, &log).await?;
    }
    let socket_dir = folder::socket_dir(data_dir, user)?;
    clear_stale(&cluster, &socket_dir)?;
    let mut command = program(binaries, "postgres", user, &log)?;
    command.arg("-D").arg(&cluster).arg("-k").arg(&socket_dir);
    command.args(["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-p", &super::PORT.to_string()]);
    let child = command.spawn().map_err(not_started("postgres"))?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap_or_default();
    Postmaster { pid, socket_dir, child: Some(child) }.ready(data_dir).await
}

impl Postmaster {
    /// Waits until it takes connections, or has ended.
    pub async fn ready(mut self, data_dir: &Path) -> Result<Self, EmbeddedError> {
        let began = Instant::now();
        loop {
            let refused = match PgConnection::connect_with(&connect_options(&self.socket_dir)).await {
                Ok(connection) => {
                    drop(connection.close().await);
                    return Ok(self);
                }
                Err(error) => error.to_string(),
            };
            if let Some(status) = self.ended() {
                return Err(failed("postgres", status, data_dir));
            }
            if began.elapsed() > READY_LIMIT {
                let log = folder::log_file(data_dir);
                return Err(EmbeddedError::NotReady {
                    pid: self.pid,
                    seconds: READY_LIMIT.as_secs(),
                    last: refused,
                    log,
                });
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// The same of a server that somebody else started: `None` when it ends instead.
    pub async fn ready_unless_it_ends(self, data_dir: &Path) -> Result<Option<Self>, EmbeddedError> {
        let (pid, cluster) = (self.pid, folder::cluster_dir(data_dir));
        let ends = async {
            while works_in(pid, &cluster) {
                tokio::time::sleep(POLL).await;
            }
        };
        tokio::select! {
            ready = self.ready(data_dir) => ready.map(Some),
            () = ends => Ok(None),
        }
    }

    /// Ends it: connections are closed, everything is written.
    pub async fn stop(&mut self, data_dir: &Path) -> Result<(), EmbeddedError> {
        self.ask_to_stop(data_dir);
        let cluster = folder::cluster_dir(data_dir);
        let began = Instant::now();
        while self.ended().is_none() && works_in(self.pid, &cluster) {
            if began.elapsed() > STOP_LIMIT {
                let log = folder::log_file(data_dir);
                return Err(EmbeddedError::StillRunning { pid: self.pid, seconds: STOP_LIMIT.as_secs(), log });
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Asks for a fast shutdown, if the process is still that of this cluster.
    pub fn ask_to_stop(&self, data_dir: &Path) {
        if works_in(self.pid, &folder::cluster_dir(data_dir)) {
            send(self.pid, Signal::INT);
        }
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.as_mut().and_then(|child| child.try_wait().ok().flatten())
    }
}

/// `initdb` and the first role and database, under another name until all is done: a folder that was left half
/// made is never taken for a cluster.
async fn make(data_dir: &Path, binaries: &ServerBinaries, user: &ServerUser, log: &File) -> Result<(), EmbeddedError> {
    let unfinished = data_dir.join("postgres.new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(io("remove", &unfinished))?;
    }
    folder::make_private(&unfinished, user)?;
    let mut initdb = program(binaries, "initdb", user, log)?;
    // Trusted, because only those who may enter the socket's folder can connect at all.
    initdb.args(["--username=postgres", "--auth-local=trust", "--auth-host=reject"]);
    initdb.args(["--encoding=UTF8", "--locale=C.UTF-8", "-D"]).arg(&unfinished);
    let status = initdb.status().await.map_err(not_started("initdb"))?;
    if !status.success() {
        return Err(failed("initdb", status, data_dir));
    }
    let mut single = program(binaries, "postgres", user, log)?;
    single.args(["--single", "-D"]).arg(&unfinished).arg("postgres").stdin(Stdio::piped());
    let mut child = single.spawn().map_err(not_started("postgres"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A server that has ended already says more by its status than by a broken pipe.
        drop(stdin.write_all(FIRST_COMMANDS.as_bytes()).await);
    }
    let status = child.wait().await.map_err(not_started("postgres"))?;
    if !status.success() {
        return Err(failed("postgres", status, data_dir));
    }
    let cluster = folder::cluster_dir(data_dir);
    fs::rename(&unfinished, &cluster).map_err(io("rename to", &cluster))
}

/// One of PostgreSQL's programs: as the server's user, in a process group of its own (so that Ctrl-C in a terminal
/// reaches us alone, and we can end what still needs the database first), with its output in the log.
fn program(binaries: &ServerBinaries, name: &str, user: &ServerUser, log: &File) -> Result<Command, EmbeddedError> {
    let path = binaries.program(name);
    let mut command = Command::new(&path);
    command.current_dir("/").stdin(Stdio::null()).process_group(0);
    command.stdout(log.try_clone().map_err(io("write the log of", &path))?);
    command.stderr(log.try_clone().map_err(io("write the log of", &path))?);
    // What is set for clients (PGDATA, PGOPTIONS …) is not meant for this server.
    for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("PG")) {
        command.env_remove(key);
    }
    if user.drop_to {
        // The standard library clears the other groups with it.
        command.uid(user.uid).gid(user.gid);
    }
    Ok(command)
}

fn open_log(data_dir: &Path) -> Result<File, EmbeddedError> {
    let path = folder::log_file(data_dir);
    let large = fs::metadata(&path).is_ok_and(|found| found.len() > LARGEST_LOG);
    let log = OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map_err(io("open", &path))?;
    if large {
        log.set_len(0).map_err(io("shorten", &path))?;
    }
    Ok(log)
}

/// Removes what a killed server left behind, its pid file and the lock of its socket, if their number belongs to
/// another program by now, or to a dead process that nobody has collected: PostgreSQL takes either for a living
/// server. A number that is free it handles by itself.
fn clear_stale(cluster: &Path, socket_dir: &Path) -> Result<(), EmbeddedError> {
    // Only on what `/proc` shows, never for want of it.
    if fs::read_link("/proc/self/cwd").is_err() || anyone_works_in(cluster) {
        return Ok(());
    }
    for path in [cluster.join("postmaster.pid"), socket_dir.join(format!(".s.PGSQL.{}.lock", super::PORT))] {
        let taken = first_line(&path).is_some_and(|pid| Path::new("/proc").join(pid.trim()).exists());
        if taken {
            fs::remove_file(&path).map_err(io("remove", &path))?;
        }
    }
    Ok(())
}

fn first_line(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()?.lines().next().map(str::to_owned)
}

/// The process id and the socket's folder: lines 1 and 5.
fn read_pid_file(cluster: &Path) -> Option<(i32, PathBuf)> {
    let text = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    let mut lines = text.lines();
    Some((lines.next()?.trim().parse().ok()?, PathBuf::from(lines.nth(3)?)))
}

/// PostgreSQL's processes work in their data folder; a number that now belongs to another program does not.
fn works_in(pid: i32, cluster: &Path) -> bool {
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == cluster)
}

fn anyone_works_in(cluster: &Path) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).any(|pid| works_in(pid, cluster))
}

fn send(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        // An error means that it has ended in the meantime.
        let _ = kill_process(pid, signal);
    }
}

fn not_started(program: &'static str) -> impl FnOnce(std::io::Error) -> EmbeddedError {
    move |source| EmbeddedError::NotStarted { program, source }
}

fn failed(program: &'static str, status: ExitStatus, data_dir: &Path) -> EmbeddedError {
    let log = folder::log_file(data_dir);
    let text = fs::read(&log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(8).collect();
    let output = lines.into_iter().rev().collect::<Vec<_>>().join("\n");
    EmbeddedError::Program { program, status: status.to_string(), output, log }
}
