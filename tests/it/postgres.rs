//! The embedded PostgreSQL, on real server programs.
#![allow(clippy::unwrap_used)] // In helpers too: this is all test code.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use athanor::startup::postgres::{EmbeddedError, EmbeddedPostgres, ServerBinaries};
use rustix::process::Signal;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use crate::helpers::program::Program;

/// Where the process that [`Other`] starts finds its data folder.
const HOLD: &str = "ATHANOR_TEST_HOLDS";

fn folder() -> TempDir {
    tempfile::Builder::new().prefix("athanor-pg-").tempdir().unwrap()
}

async fn answer(postgres: &EmbeddedPostgres, sql: &'static str) -> String {
    let mut connection = PgConnection::connect_with(&postgres.url()).await.unwrap();
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
}

fn alive(pid: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

async fn ends(pid: i32) -> bool {
    for _ in 0..500 {
        if !alive(pid) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// Another process that uses the cluster: this test binary again, running the test below.
struct Other {
    process: Child,
    server: i32,
}

impl Other {
    async fn holding(data_dir: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "postgres::a_process_of_its_own_for_the_tests_beside_it", "--nocapture"])
            .env(HOLD, data_dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let server = loop {
            let line = lines.next_line().await.unwrap().expect("the other process says which server it uses");
            if let Some((_, pid)) = line.split_once("server ") {
                break pid.parse().unwrap();
            }
        };
        // Read on, so that it can write what a test binary writes at its end.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { process, server }
    }

    async fn leaves(mut self) {
        self.process.stdin.take().unwrap().write_all(b"\n").await.unwrap();
        assert!(self.process.wait().await.unwrap().success());
    }

    async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }
}

#[tokio::test]
async fn a_process_of_its_own_for_the_tests_beside_it() {
    let Some(data_dir) = std::env::var_os(HOLD) else { return };
    let postgres = EmbeddedPostgres::start(Path::new(&data_dir)).await.unwrap();
    println!("server {}", postgres.pid());
    tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await.unwrap().unwrap();
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_cluster_is_made_started_and_stopped_and_keeps_its_data() {
    let folder = folder();
    let postgres = EmbeddedPostgres::start(folder.path()).await.unwrap();
    let pid = postgres.pid();
    assert_eq!(answer(&postgres, "SELECT current_user || ' ' || current_database()").await, "athanor athanor");
    assert_eq!(answer(&postgres, "SHOW server_encoding").await, "UTF8");
    assert_eq!(answer(&postgres, "SHOW listen_addresses").await, "");
    let mut connection = PgConnection::connect_with(&postgres.url()).await.unwrap();
    sqlx::query("CREATE TABLE kept AS SELECT 'yes' AS said").execute(&mut connection).await.unwrap();
    postgres.stop().await.unwrap();
    assert!(!alive(pid));

    let postgres = EmbeddedPostgres::start(folder.path()).await.unwrap();
    assert_eq!(answer(&postgres, "SELECT said FROM kept").await, "yes");
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn the_server_is_not_root_is_out_of_reach_of_ctrl_c_and_its_folders_are_closed() {
    let folder = folder();
    let postgres = EmbeddedPostgres::start(folder.path()).await.unwrap();
    let pid = postgres.pid();
    assert_ne!(std::fs::metadata(format!("/proc/{pid}")).unwrap().uid(), 0);
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let group: i32 = stat.rsplit(')').next().unwrap().split_whitespace().nth(2).unwrap().parse().unwrap();
    assert_eq!(group, pid, "its own process group");
    for closed in [postgres.socket_dir(), &folder.path().join("postgres")] {
        assert_eq!(closed.metadata().unwrap().permissions().mode() & 0o777, 0o700, "{}", closed.display());
    }
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_cluster_that_another_process_uses_is_joined_and_left_running() {
    let folder = folder();
    let other = Other::holding(folder.path()).await;
    let postgres = EmbeddedPostgres::start(folder.path()).await.unwrap();
    assert_eq!(postgres.pid(), other.server);
    postgres.stop().await.unwrap();
    assert!(alive(other.server));
    let server = other.server;
    other.leaves().await;
    assert!(!alive(server));
}

#[tokio::test]
async fn the_last_to_leave_stops_it_even_if_another_started_it() {
    let folder = folder();
    let other = Other::holding(folder.path()).await;
    let postgres = EmbeddedPostgres::start(folder.path()).await.unwrap();
    let server = other.server;
    other.leaves().await;
    assert_eq!(answer(&postgres, "SELECT 'still here'::text").await, "still here");
    postgres.stop().await.unwrap();
    assert!(ends(server).await);
}

#[tokio::test]
async fn a_cluster_whose_owner_was_killed_is_adopted_and_then_stopped() {
    let folder = folder();
    let other = Other::holding(folder.path()).await;
    let server = other.server;
    other.kill().await;
    assert!(alive(server));
    let postgres = EmbeddedPostgres::start(folder.path()).await.unwrap();
    assert_eq!(postgres.pid(), server);
    postgres.stop().await.unwrap();
    assert!(ends(server).await);
}

#[tokio::test]
async fn a_site_that_is_told_twice_to_stop_leaves_no_server() {
    let folder = folder();
    let settings = [("ATHANOR_DATA", folder.path().to_str().unwrap()), ("DATABASE_URL", "")];
    let site = Program::start(&["serve", "--no-worker", "--listen", "127.0.0.1:0"], &settings).await;
    let file = std::fs::read_to_string(folder.path().join("postgres/postmaster.pid")).unwrap();
    let server = file.lines().next().unwrap().parse().unwrap();
    assert!(alive(server));
    // Both wait for it when it goes on, so that it cannot end in peace between them.
    for signal in [Signal::STOP, Signal::INT, Signal::TERM, Signal::CONT] {
        site.signal(signal);
    }
    assert_eq!(site.ended().await.code(), Some(130));
    assert!(ends(server).await);
}

#[tokio::test]
async fn many_that_start_at_once_share_one_server() {
    let folder = folder();
    let starts = (0..4).map(|_| EmbeddedPostgres::start(folder.path()));
    let all: Vec<_> = futures_util::future::join_all(starts).await.into_iter().map(Result::unwrap).collect();
    let pid = all[0].pid();
    assert!(all.iter().all(|each| each.pid() == pid));
    for each in all {
        assert!(alive(pid));
        each.stop().await.unwrap();
    }
    assert!(!alive(pid));
}

#[tokio::test]
async fn a_server_that_was_killed_is_started_again_although_its_pid_file_names_a_living_process() {
    let folder = folder();
    let postgres = EmbeddedPostgres::start(folder.path()).await.unwrap();
    let killed = postgres.pid();
    rustix::process::kill_process(rustix::process::Pid::from_raw(killed).unwrap(), rustix::process::Signal::KILL)
        .unwrap();
    assert!(ends(killed).await);
    // The number has gone to a process of the server's own user, which PostgreSQL would take for a server.
    let user = std::fs::metadata(folder.path().join("postgres")).unwrap();
    let mut another = Command::new("sleep");
    another.arg("60").kill_on_drop(true);
    if user.uid() != std::fs::metadata("/proc/self").unwrap().uid() {
        another.uid(user.uid()).gid(user.gid());
    }
    let another = another.spawn().unwrap();
    let file = folder.path().join("postgres/postmaster.pid");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen(&killed.to_string(), &another.id().unwrap().to_string(), 1)).unwrap();

    let again = EmbeddedPostgres::start(folder.path()).await.unwrap();
    assert_ne!(again.pid(), killed);
    again.stop().await.unwrap();
    drop(postgres);
}

#[tokio::test]
async fn one_that_is_dropped_asks_the_server_to_end() {
    let folder = folder();
    let postgres = EmbeddedPostgres::start(folder.path()).await.unwrap();
    let pid = postgres.pid();
    drop(postgres);
    assert!(ends(pid).await);
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_gets_a_short_folder_for_it() {
    let folder = folder();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let deep = folder.path().join("long".repeat(30));
    let postgres = EmbeddedPostgres::start(&deep).await.unwrap();
    let socket = postgres.socket_dir().to_owned();
    assert!(!socket.starts_with(folder.path()));
    assert_eq!(answer(&postgres, "SELECT 'near'::text").await, "near");
    postgres.stop().await.unwrap();
    std::fs::remove_dir(socket).unwrap();
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_an_error_with_a_way_out() {
    let folder = folder();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = EmbeddedPostgres::start(&file.join("data")).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::Folder { .. }));
    assert!(error.to_string().contains("ATHANOR_DATA"), "{error}");
}

#[tokio::test]
async fn a_folder_that_the_servers_user_cannot_reach_is_named() {
    let folder = folder();
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        return; // Only root hands the server to another user.
    }
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let error = EmbeddedPostgres::start(&folder.path().join("data")).await.unwrap_err();
    let EmbeddedError::Unreachable { blocked, .. } = &error else { panic!("{error}") };
    assert_eq!(blocked, &folder.path().canonicalize().unwrap());
}

#[tokio::test]
async fn a_socket_folder_that_others_may_enter_is_refused() {
    let folder = folder();
    let socket = folder.path().join("postgres.socket");
    std::fs::create_dir(&socket).unwrap();
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o777)).unwrap();
    let error = EmbeddedPostgres::start(folder.path()).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::OpenSocketFolder { .. }), "{error}");
}

#[tokio::test]
async fn a_cluster_of_a_version_that_is_not_installed_is_not_touched() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("postgres")).unwrap();
    std::fs::write(folder.path().join("postgres/PG_VERSION"), "9\n").unwrap();
    let error = EmbeddedPostgres::start(folder.path()).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::OtherVersion { major: 9 }), "{error}");
}

#[test]
fn missing_server_programs_are_an_error_with_a_way_out() {
    let folder = folder();
    let error = ServerBinaries::newest_in(&[folder.path().to_owned()]).unwrap_err().to_string();
    assert!(error.contains("DATABASE_URL") && error.contains(&folder.path().display().to_string()), "{error}");
}
