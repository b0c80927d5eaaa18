//! Faults of the machine, caused for real: nothing accepted is lost, nothing counts twice.

use std::path::PathBuf;

use athanor::db;
use athanor::startup::postgres::EmbeddedPostgres;
use reqwest::StatusCode;
use uuid::Uuid;

use crate::helpers::app::Browser;
use crate::helpers::audit::{audit, until};
use crate::helpers::lessons::{Course, DOUBLE, STARTER};
use crate::helpers::program::Program;
use crate::helpers::{TestApp, TestDatabase};

#[tokio::test]
async fn docker_a_site_killed_after_it_accepted_has_its_submission_graded_by_the_next() {
    let database = TestDatabase::new().await;
    let course = Course::new();
    let url = database.url();
    let settings = [("DATABASE_URL", url.as_str())];
    let arguments = ["serve", "--no-worker", "--listen", "127.0.0.1:0", "--lessons", course.path()];
    let site = Program::start(&arguments, &settings).await;
    let guest = Browser::new(&site.address);
    let id = guest.submit("double", "submit", STARTER).await;
    site.kill();
    let whole = Program::start(&["serve", "--listen", "127.0.0.1:0", "--lessons", course.path()], &settings).await;
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
    let url = database.url();
    let settings = [("DATABASE_URL", url.as_str()), ("DOCKER_HOST", "unix:///no/such/docker.sock")];
    let site = Program::start(&["serve", "--listen", "127.0.0.1:0", "--lessons", course.path()], &settings).await;
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
