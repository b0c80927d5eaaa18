//! A worker whose clock jumps. Leases are by the database's clock, time limits by the monotonic one.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::helpers::TestDatabase;
use crate::helpers::app::Browser;
use crate::helpers::audit::{audit, until};
use crate::helpers::lessons::{Course, STARTER};
use crate::helpers::program::{Program, no_containers_of};

/// Loaded before the C library: adds to the time of day what a file says, in seconds.
const CLOCK: &str = r#"
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long jump(void) {
    const char *path = getenv("CLOCK_JUMP");
    FILE *file = path ? fopen(path, "r") : NULL;
    long seconds = 0;
    if (file) {
        if (fscanf(file, "%ld", &seconds) != 1) seconds = 0;
        fclose(file);
    }
    return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    long answer = syscall(SYS_clock_gettime, clock, now);
    if (answer == 0 && clock == CLOCK_REALTIME) now->tv_sec += jump();
    return (int)answer;
}
"#;

fn build(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
    std::fs::write(&source, CLOCK).expect("written");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status().expect("cc");
    assert!(built.success());
    library
}

async fn jumps(seconds: &str) {
    let database = TestDatabase::new().await;
    let (course, folder) = (Course::new(), tempfile::tempdir().expect("a folder"));
    let (library, jump, url) = (build(folder.path()), folder.path().join("jump"), database.url());
    let text = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
    let (library, jump_text) = (text(&library), text(&jump));
    let arguments = ["serve", "--no-worker", "--listen", "127.0.0.1:0", "--lessons", course.path()];
    let site = Program::start(&arguments, &[("DATABASE_URL", url.as_str())]).await;
    let guest = Browser::new(&site.address);
    let slow = "defmodule Double do\n  def of(n) do\n    Process.sleep(700)\n    n * 2\n  end\nend\n";
    let id = guest.submit("double", "submit", slow).await;
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("ATHANOR_LEASE_MS", "3000"),
        ("LD_PRELOAD", library.as_str()),
        ("CLOCK_JUMP", jump_text.as_str()),
    ];
    let (first, second) = (Program::start(&["worker"], &settings).await, Program::start(&["worker"], &settings).await);
    until("it runs", async || guest.get_json(&format!("/submissions/{id}")).await["state"] == "running").await;
    std::fs::write(&jump, seconds).expect("the clock jumps");
    assert_eq!(guest.verdict(&id).await["verdict"], "passed");
    let attempts: i32 =
        sqlx::query_scalar("select attempts from gradings").fetch_one(&database.pool).await.expect("a row");
    assert_eq!(attempts, 1, "nobody took the lease for lost");
    let after = guest.submit("double", "submit", STARTER).await;
    assert_eq!(guest.verdict(&after).await["verdict"], "failed", "grading goes on");
    let pids = [first.pid(), second.pid()];
    first.stop().await;
    second.stop().await;
    site.stop().await;
    audit(&database.pool).await;
    no_containers_of(&pids);
    database.drop_it().await;
}

#[tokio::test]
async fn docker_a_clock_that_jumps_a_day_ahead_changes_nothing() {
    jumps("86400").await;
}

#[tokio::test]
async fn docker_a_clock_that_jumps_a_day_back_changes_nothing() {
    jumps("-86400").await;
}
