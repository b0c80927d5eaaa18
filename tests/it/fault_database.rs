//! PostgreSQL goes away while a grading is under way.

use std::path::PathBuf;
use std::time::Duration;

use athanor::db;
use athanor::startup::Grading;
use athanor::startup::postgres::EmbeddedPostgres;
use reqwest::StatusCode;
use rustix::process::{Pid, Signal, kill_process};
use uuid::Uuid;

use crate::helpers::app::fake;
use crate::helpers::audit::{audit, until};
use crate::helpers::lessons::{DOUBLE, STARTER};
use crate::helpers::{TestApp, TestDatabase};

async fn ended_by(signal: Signal) {
    // Where a server of our own may keep its data: the system user that it runs as must be able to get there.
    let folder: PathBuf = std::env::temp_dir().join(format!("athanor-fault-{}", Uuid::new_v4().simple()));
    let postgres = EmbeddedPostgres::start(&folder).await.expect("a server of our own");
    let options = postgres.url();
    let pool = db::connect(options.clone(), 4).await.expect("the schema");
    let app = TestApp::with(TestDatabase::on(pool, options), fake(), Grading::In, &[]).await;
    let guest = app.browser();
    let warm = guest.submit("double", "submit", STARTER).await;
    assert_eq!(guest.verdict(&warm).await["verdict"], "failed");
    app.fake.delay(Duration::from_millis(1_500));
    let id = guest.submit("double", "submit", DOUBLE).await;
    until("it runs", async || guest.get_json(&format!("/submissions/{id}")).await["state"] == "running").await;

    kill_process(Pid::from_raw(postgres.pid()).expect("a process"), signal).expect("a signal");
    drop(postgres);
    until("the site says that the database is away", async || {
        guest.get("/readyz").await.status() == StatusCode::SERVICE_UNAVAILABLE
    })
    .await;
    let postgres = EmbeddedPostgres::start(&folder).await.expect("a server of our own");
    until("the site finds the database again", async || guest.get("/readyz").await.status() == StatusCode::OK).await;
    assert_eq!(guest.verdict(&id).await["verdict"], "passed");
    assert_eq!(guest.verdict(&warm).await["verdict"], "failed");
    app.fake.delay(Duration::ZERO);
    let after = guest.submit("double", "submit", STARTER).await;
    assert_eq!(guest.verdict(&after).await["verdict"], "failed");
    audit(&app.database.pool).await;
    let database = app.stop().await;
    database.pool.close().await;
    postgres.stop().await.expect("stopped");
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[tokio::test]
async fn a_database_restarted_while_a_grading_runs_loses_nothing() {
    // A fast shutdown: what an administrator's restart does.
    ended_by(Signal::INT).await;
}

#[tokio::test]
async fn a_database_killed_while_a_grading_runs_loses_nothing() {
    ended_by(Signal::KILL).await;
}
