//! Faults of the machine, caused for real: nothing accepted is lost, nothing counts twice.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use athanor::db;
use athanor::startup::postgres::EmbeddedPostgres;
use reqwest::StatusCode;
use uuid::Uuid;

use crate::helpers::app::{Browser, PATIENCE};
use crate::helpers::lessons::{self, DOUBLE, STARTER};
use crate::helpers::{TestApp, TestDatabase};

/// A program of ours in a process of its own, so that it can be killed.
struct Program {
    child: Child,
    /// Where the site listens; empty for a worker.
    address: String,
}

impl Program {
    /// Starts `athanor` and waits for the line that says it is ready.
    fn start(arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_athanor"))
            .args(arguments)
            .env("ATHANOR_METRICS_LISTEN", "off")
            .env("ATHANOR_POOL", "1")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let ready = output.lines().map_while(Result::ok).find(|line| line.starts_with("Athanor")).expect("it is ready");
        let address = ready.strip_prefix("Athanor is listening on ").unwrap_or_default().to_owned();
        Self { child, address }
    }

    fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Asks it to stop and says how it ended.
    async fn stop(mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("a signal");
        let ended = tokio::task::spawn_blocking(move || self.child.wait());
        let status =
            tokio::time::timeout(PATIENCE, ended).await.expect("it stops").expect("a thread").expect("a status");
        assert!(status.success(), "{status}");
    }
}

struct Course(tempfile::TempDir);

impl Course {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        lessons::write(folder.path());
        Self(folder)
    }

    fn path(&self) -> &str {
        self.0.path().to_str().expect("a path in UTF-8")
    }
}

/// The address of a test's database, for another process.
fn url(database: &TestDatabase) -> String {
    let server = std::env::var("DATABASE_URL").expect("DATABASE_URL");
    let (before, options) = server.split_once('?').map_or((server.as_str(), ""), |(before, options)| (before, options));
    let (host, _) = before.rsplit_once('/').expect("a database in the address");
    format!("{host}/{}?{options}", database.options.get_database().expect("a name"))
}

/// Every accepted submission has one standing verdict, or was replaced, and progress counted each once.
async fn audit(pool: &db::Pool) {
    let unsettled: i64 = sqlx::query_scalar(
        "select count(*) from submissions s where (
             select count(*) from gradings g
             where g.submission_id = s.id and g.standing and g.state in ('done', 'superseded', 'cancelled')) <> 1",
    )
    .fetch_one(pool)
    .await
    .expect("a count");
    assert_eq!(unsettled, 0, "submissions without one standing verdict");
    let miscounted: i64 = sqlx::query_scalar(
        "select count(*) from progress p where p.attempts <> (
             select count(*) from gradings g
             where g.user_id = p.user_id and g.exercise_id = p.exercise_id and g.standing and g.kind = 'submit'
               and g.state = 'done' and g.verdict <> 'not_graded')",
    )
    .fetch_one(pool)
    .await
    .expect("a count");
    assert_eq!(miscounted, 0, "attempts that were lost or counted twice");
}

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE * 2, wait).await.unwrap_or_else(|_| panic!("it never came to this: {what}"));
}

#[tokio::test]
async fn docker_a_worker_killed_in_the_middle_of_a_run_loses_nothing() {
    let database = TestDatabase::new().await;
    let course = Course::new();
    let url = url(&database);
    let settings = [("DATABASE_URL", url.as_str())];
    let site =
        Program::start(&["serve", "--no-worker", "--listen", "127.0.0.1:0", "--lessons", course.path()], &settings);
    let guest = Browser::new(&site.address);
    let sleeper = "defmodule Double do\n  def of(n) do\n    Process.sleep(1_500)\n    n * 2\n  end\nend\n";
    let id = guest.submit("double", "submit", sleeper).await;
    let first = Program::start(&["worker"], &settings);
    until("the grading runs", async || guest.get_json(&format!("/submissions/{id}")).await["state"] == "running").await;
    first.kill();
    // Its lease would run out by itself in half a minute; the test moves the clock.
    sqlx::query("update gradings set lease_until = now() where state = 'running'")
        .execute(&database.pool)
        .await
        .expect("an update");
    let second = Program::start(&["worker"], &settings);
    assert_eq!(guest.verdict(&id).await["verdict"], "passed");
    audit(&database.pool).await;
    second.stop().await;
    site.stop().await;
    database.drop_it().await;
}

#[tokio::test]
async fn docker_a_site_killed_after_it_accepted_has_its_submission_graded_by_the_next() {
    let database = TestDatabase::new().await;
    let course = Course::new();
    let url = url(&database);
    let settings = [("DATABASE_URL", url.as_str())];
    let arguments = ["serve", "--no-worker", "--listen", "127.0.0.1:0", "--lessons", course.path()];
    let site = Program::start(&arguments, &settings);
    let guest = Browser::new(&site.address);
    let id = guest.submit("double", "submit", STARTER).await;
    site.kill();
    let whole = Program::start(&["serve", "--listen", "127.0.0.1:0", "--lessons", course.path()], &settings);
    let guest = guest.at(&whole.address);
    assert_eq!(guest.verdict(&id).await["verdict"], "failed");
    audit(&database.pool).await;
    whole.stop().await;
    database.drop_it().await;
}

#[tokio::test]
async fn without_an_engine_submissions_wait_and_the_site_goes_on() {
    let database = TestDatabase::new().await;
    let course = Course::new();
    let url = url(&database);
    let settings = [("DATABASE_URL", url.as_str()), ("DOCKER_HOST", "unix:///no/such/docker.sock")];
    let site = Program::start(&["serve", "--listen", "127.0.0.1:0", "--lessons", course.path()], &settings);
    let guest = Browser::new(&site.address);
    let id = guest.submit("double", "submit", DOUBLE).await;
    assert_eq!(guest.get("/").await.status(), StatusCode::OK);
    assert_eq!(guest.get_json(&format!("/submissions/{id}")).await["state"], "queued");
    site.stop().await;
    let state: String =
        sqlx::query_scalar("select state from gradings").fetch_one(&database.pool).await.expect("a row");
    assert_eq!(state, "queued");
    database.drop_it().await;
}

#[tokio::test]
async fn a_database_that_goes_away_loses_nothing_and_is_found_again() {
    let folder = database_folder();
    let postgres = EmbeddedPostgres::start(&folder).await.expect("a server of our own");
    let options = postgres.url();
    let pool = db::connect(options.clone(), 4).await.expect("the schema");
    let database = TestDatabase::on(pool, options);
    let app = TestApp::with(database, crate::helpers::app::fake(), athanor::startup::Grading::In, &[]).await;
    let guest = app.browser();
    let before = guest.submit("double", "submit", STARTER).await;
    guest.verdict(&before).await;

    let postmaster = rustix::process::Pid::from_raw(postgres.pid()).expect("a process");
    // An immediate shutdown, which is a crash as far as clients and the next start can tell.
    rustix::process::kill_process(postmaster, rustix::process::Signal::QUIT).expect("a signal");
    drop(postgres);
    let key = Uuid::new_v4().to_string();
    let form = [("source", DOUBLE), ("kind", "submit"), ("key", key.as_str())];
    until("the site says that the database is away", async || {
        guest.get("/readyz").await.status() == StatusCode::SERVICE_UNAVAILABLE
    })
    .await;
    let refused = guest.post("/exercises/double/submissions", &form).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.text().await.expect("a page").contains("n * 2"), "what was typed is still there");

    let postgres = EmbeddedPostgres::start(&folder).await.expect("a server of our own");
    until("the site finds the database again", async || guest.get("/readyz").await.status() == StatusCode::OK).await;
    let answer = guest.post_for_json("/exercises/double/submissions", &form).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let body: serde_json::Value = answer.json().await.expect("JSON");
    assert_eq!(guest.verdict(body["id"].as_str().expect("an id")).await["verdict"], "passed");
    assert_eq!(guest.verdict(&before).await["verdict"], "failed");
    audit(&app.database.pool).await;
    let database = app.stop().await;
    database.pool.close().await;
    postgres.stop().await.expect("stopped");
    std::fs::remove_dir_all(&folder).expect("removed");
}

/// Where a server of our own may keep its data: the system user that it runs as must be able to get there.
fn database_folder() -> PathBuf {
    std::env::temp_dir().join(format!("athanor-outage-{}", Uuid::new_v4().simple()))
}
