//! What is too old is taken away, and nothing else.

use std::time::Duration;

use athanor::db::retention;
use athanor::startup::Grading;
use serde_json::Value;

use crate::helpers::app::{PATIENCE, fake};
use crate::helpers::lessons::{DOUBLE, STARTER};
use crate::helpers::{TestApp, TestDatabase};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn age_everything(app: &TestApp, days: i32) {
    for statement in [
        "update submissions set created_at = created_at - make_interval(days => $1)",
        "update gradings set finished_at = finished_at - make_interval(days => $1)",
    ] {
        sqlx::query(statement).bind(days).execute(&app.database.pool).await.expect("an update");
    }
}

#[tokio::test]
async fn code_and_details_go_when_they_are_old_and_the_verdict_stays() {
    let app = TestApp::start().await;
    let pool = &app.database.pool;
    let guest = app.browser();
    let old = guest.submit("double", "submit", STARTER).await;
    guest.verdict(&old).await;
    age_everything(&app, 40).await;
    let new = guest.submit("double", "submit", DOUBLE).await;
    guest.verdict(&new).await;
    assert_eq!(retention::remove_sources(pool, 50 * DAY).await.expect("an answer"), 0, "not that old");
    assert_eq!(retention::remove_sources(pool, 30 * DAY).await.expect("an answer"), 1);
    assert_eq!(retention::remove_details(pool, 30 * DAY).await.expect("an answer"), 1);
    for again in [retention::remove_sources(pool, 30 * DAY).await, retention::remove_details(pool, 30 * DAY).await] {
        assert_eq!(again.expect("an answer"), 0, "once");
    }
    let seen = guest.verdict(&old).await;
    assert_eq!((&seen["verdict"], seen["cases"].as_array().map(Vec::len)), (&"failed".into(), Some(2)));
    assert_eq!((&seen["cases"][0]["outcome"], &seen["cases"][0]["actual"]), (&"failed".into(), &Value::Null));
    assert_eq!(seen["points"], 0);
    let page = guest.get(&format!("/submissions/{old}")).await.text().await.expect("a page");
    assert!(page.contains("removed for its age") && !page.contains("def of(n), do: n"), "{page}");
    let seen = guest.verdict(&new).await;
    assert_eq!(seen["cases"][0]["actual"], "4");
    let row: (i32, i32) =
        sqlx::query_as("select attempts, best_points from progress").fetch_one(pool).await.expect("progress");
    assert_eq!(row, (2, 2));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn what_waits_or_is_called_wrong_keeps_its_code() {
    let app = TestApp::start().await;
    let pool = &app.database.pool;
    let (ada, ben) = (app.browser(), app.browser());
    let reported = ada.submit("double", "submit", STARTER).await;
    ada.verdict(&reported).await;
    ada.post(&format!("/submissions/{reported}/report"), &[("words", "why?")]).await;
    app.fake.hang(true);
    ben.submit("double", "submit", DOUBLE).await;
    ben.submit("double", "submit", STARTER).await;
    age_everything(&app, 400).await;
    assert_eq!(retention::remove_sources(pool, DAY).await.expect("an answer"), 0);
    assert_eq!(retention::remove_details(pool, DAY).await.expect("an answer"), 0);
    sqlx::query("update reports set resolved_at = now(), note = 'so'").execute(pool).await.expect("an update");
    assert_eq!(retention::remove_sources(pool, DAY).await.expect("an answer"), 1);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn provisional_results_go_with_their_run() {
    let app = TestApp::start().await;
    let pool = &app.database.pool;
    let guest = app.browser();
    guest.verdict(&guest.submit("double", "submit", DOUBLE).await).await;
    sqlx::query(
        "insert into submission_events (grading_id, seq, lease_token, event)
         select id, n, gen_random_uuid(), '{}' from gradings, generate_series(1, 3) n",
    )
    .execute(pool)
    .await
    .expect("events");
    assert_eq!(retention::remove_events(pool, DAY).await.expect("an answer"), 0);
    assert_eq!(retention::remove_events(pool, Duration::ZERO).await.expect("an answer"), 3);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_server_with_the_setting_does_it_by_itself() {
    let app = TestApp::start().await;
    let guest = app.browser();
    guest.verdict(&guest.submit("double", "submit", DOUBLE).await).await;
    age_everything(&app, 40).await;
    let database: TestDatabase = app.stop().await;
    let settings = [("ATHANOR_KEEP_SOURCE_DAYS", "30"), ("ATHANOR_KEEP_OUTPUT_DAYS", "30")];
    let app = TestApp::with(database, fake(), Grading::In, &settings).await;
    let gone = async {
        loop {
            let gone: (bool, bool) = sqlx::query_as(
                "select source_removed_at is not null, details_removed_at is not null
                 from submissions s join gradings g on g.submission_id = s.id",
            )
            .fetch_one(&app.database.pool)
            .await
            .expect("a row");
            if gone == (true, true) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("it is taken away");
    app.stop().await.drop_it().await;
}
