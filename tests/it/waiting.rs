//! What a learner can do while a submission waits or runs: see where it stands, and call it off.

use std::time::Duration;

use athanor::db::paces::{self, Present};
use athanor::startup::Grading;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::helpers::app::{Browser, PATIENCE, fake};
use crate::helpers::lessons::{DOUBLE, STARTER};
use crate::helpers::{TestApp, TestDatabase};

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("it never came to this: {what}"));
}

async fn state(guest: &Browser, id: &str) -> String {
    guest.get_json(&format!("/submissions/{id}")).await["state"].as_str().expect("a state").to_owned()
}

async fn cancel(app: &TestApp, guest: &Browser, id: &str) -> Response {
    let request = guest.client.delete(app.url(&format!("/api/v1/submissions/{id}")));
    request.header("sec-fetch-site", "same-origin").send().await.expect("an answer")
}

/// A grading of a submission that runs and does not end by itself.
async fn running(app: &TestApp, guest: &Browser) -> String {
    // The expected values are evaluated first, so that it is the submission that hangs.
    let warm = guest.submit("double", "run", DOUBLE).await;
    guest.verdict(&warm).await;
    app.fake.hang(true);
    let id = guest.submit("double", "submit", DOUBLE).await;
    until("it runs", async || app.fake.jobs_running() > 0 && state(guest, &id).await == "running").await;
    id
}

#[tokio::test]
async fn what_waits_is_called_off_at_once_and_counts_nothing() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    let id = guest.submit("double", "submit", DOUBLE).await;
    let page = guest.get(&format!("/submissions/{id}")).await.text().await.expect("a page");
    assert!(page.contains(&format!("action=\"/submissions/{id}/cancel\"")), "{page}");
    let back = guest.post(&format!("/submissions/{id}/cancel"), &[]).await;
    assert_eq!(back.status(), StatusCode::SEE_OTHER);
    assert_eq!(back.headers()["location"], format!("/lessons/numbers?attempt={id}#double"));
    let page = guest.get(back.headers()["location"].to_str().expect("a path")).await;
    assert!(!page.headers().contains_key("refresh"));
    let page = page.text().await.expect("a page");
    assert!(page.contains("called off") && page.contains("n * 2"), "{page}");
    let again = cancel(&app, &guest, &id).await;
    assert_eq!(again.status(), StatusCode::OK, "twice is the same as once");
    assert_eq!(again.json::<Value>().await.expect("JSON")["state"], "cancelled");
    let attempts: i32 =
        sqlx::query_scalar("select attempts from progress").fetch_one(&app.database.pool).await.expect("a row");
    assert_eq!(attempts, 0);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn what_runs_is_stopped_and_its_learner_goes_on_at_once() {
    let app = TestApp::start().await;
    let guest = app.browser();
    let id = running(&app, &guest).await;
    let stream = guest.get(&format!("/submissions/{id}/events")).await;
    let answer = cancel(&app, &guest, &id).await;
    assert_eq!(answer.status(), StatusCode::OK);
    until("its environment is gone", async || app.fake.jobs_running() == 0).await;
    let told = stream.text().await.expect("a stream that ends");
    assert!(told.contains("event: verdict") && told.contains("called off"), "{told}");
    app.fake.hang(false);
    let next = guest.submit("double", "submit", DOUBLE).await;
    assert_eq!(guest.verdict(&next).await["verdict"], "passed");
    let row: (i64, i32) = sqlx::query_as(
        "select (select count(*) from gradings where state = 'cancelled'), (select attempts from progress)",
    )
    .fetch_one(&app.database.pool)
    .await
    .expect("a row");
    assert_eq!(row, (1, 1));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_verdict_that_is_there_cannot_be_called_off() {
    let app = TestApp::start().await;
    let guest = app.browser();
    let id = guest.submit("double", "submit", DOUBLE).await;
    guest.verdict(&id).await;
    let late = cancel(&app, &guest, &id).await;
    assert_eq!(late.status(), StatusCode::CONFLICT);
    assert_eq!(late.json::<Value>().await.expect("JSON")["type"], "urn:athanor:problem:too-late");
    let page = guest.post(&format!("/submissions/{id}/cancel"), &[]).await;
    assert_eq!(page.status(), StatusCode::SEE_OTHER, "a page leads to the verdict");
    assert_eq!(guest.verdict(&id).await["verdict"], "passed");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn of_a_verdict_and_calling_off_exactly_one_wins() {
    let app = TestApp::start().await;
    let guest = app.browser();
    let (mut verdicts, mut cancelled) = (0, 0);
    for round in 0..24 {
        app.fake.delay(Duration::from_millis(round % 6));
        let id = guest.submit("double", "submit", DOUBLE).await;
        let answer = cancel(&app, &guest, &id).await;
        until("it came to an end", async || matches!(state(&guest, &id).await.as_str(), "done" | "cancelled")).await;
        match (answer.status(), state(&guest, &id).await.as_str()) {
            (StatusCode::OK, "cancelled") => cancelled += 1,
            (StatusCode::CONFLICT, "done") => verdicts += 1,
            other => panic!("{other:?}"),
        }
    }
    let attempts: i32 =
        sqlx::query_scalar("select attempts from progress").fetch_one(&app.database.pool).await.expect("a row");
    assert_eq!((attempts, verdicts + cancelled), (verdicts, 24));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn only_its_owner_calls_a_submission_off() {
    let app = TestApp::without_worker().await;
    let (ada, ben) = (app.browser(), app.browser());
    ben.sign_up("ben").await;
    let id = ada.submit("double", "submit", DOUBLE).await;
    assert_eq!(cancel(&app, &ben, &id).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(ben.post(&format!("/submissions/{id}/cancel"), &[]).await.status(), StatusCode::NOT_FOUND);
    sqlx::query("update users set role = 'instructor' where email = 'ben@example.org'")
        .execute(&app.database.pool)
        .await
        .expect("an update");
    assert_eq!(cancel(&app, &ben, &id).await.status(), StatusCode::FORBIDDEN);
    let page = ben.get(&format!("/submissions/{id}")).await.text().await.expect("a page");
    assert!(!page.contains("/cancel"), "{page}");
    assert_eq!(state(&ada, &id).await, "queued");
    app.stop().await.drop_it().await;
}

async fn post_and_wait(app: &TestApp, kind: &str, source: &str, wait: &str) -> reqwest::RequestBuilder {
    let body = json!({"source": source, "kind": kind, "key": Uuid::new_v4().to_string()});
    let client = reqwest::Client::new();
    client.post(app.url(&format!("/api/v1/exercises/double/submissions?wait={wait}"))).json(&body)
}

#[tokio::test]
async fn a_request_may_wait_for_its_verdict() {
    let app = TestApp::start().await;
    let answer = post_and_wait(&app, "submit", STARTER, "30").await.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.json::<Value>().await.expect("JSON")["verdict"], "failed");
    app.fake.hang(true);
    let answer = post_and_wait(&app, "submit", DOUBLE, "1").await.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::ACCEPTED, "it is not there yet");
    let answer = post_and_wait(&app, "submit", DOUBLE, "soon").await.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_closed_request_calls_off_its_run_and_never_a_submit() {
    let app = TestApp::without_worker().await;
    for (kind, ends_as) in [("run", "cancelled"), ("submit", "queued")] {
        let request = tokio::spawn(post_and_wait(&app, kind, DOUBLE, "30").await.send());
        let of_kind = async || -> Option<String> {
            sqlx::query_scalar("select state from gradings where kind = $1")
                .bind(kind)
                .fetch_optional(&app.database.pool)
                .await
                .expect("a state")
        };
        until("it waits", async || of_kind().await.is_some()).await;
        request.abort();
        if ends_as == "cancelled" {
            until("it is called off", async || of_kind().await.as_deref() == Some("cancelled")).await;
        } else {
            // The server has seen that the client is gone when a second such run is called off.
            let second = tokio::spawn(post_and_wait(&app, "run", STARTER, "30").await.send());
            let count = async || -> i64 {
                sqlx::query_scalar("select count(*) from gradings where kind = 'run' and state = 'cancelled'")
                    .fetch_one(&app.database.pool)
                    .await
                    .expect("a count")
            };
            until("another run waits", async || {
                let waiting: i64 =
                    sqlx::query_scalar("select count(*) from gradings where kind = 'run' and state = 'queued'")
                        .fetch_one(&app.database.pool)
                        .await
                        .expect("a count");
                waiting == 1
            })
            .await;
            second.abort();
            until("the other run is called off", async || count().await == 2).await;
            assert_eq!(of_kind().await.as_deref(), Some("queued"), "a submit goes on");
        }
    }
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_learner_sees_the_place_and_a_time_only_where_it_is_known() {
    let database = TestDatabase::new().await;
    let app = TestApp::with(database, fake(), |_| Grading::Elsewhere, &[("ATHANOR_MAX_WAITING", "50")]).await;
    let (greedy, modest) = (app.browser(), app.browser());
    for _ in 0..20 {
        greedy.submit("double", "submit", DOUBLE).await;
    }
    let id = modest.submit("double", "submit", DOUBLE).await;
    let path = format!("/submissions/{id}");
    let seen = modest.get_json(&path).await;
    assert_eq!((&seen["position"], &seen["eta"]), (&json!(2), &Value::Null), "one of the other's goes before, not all");
    let page = modest.get(&path).await.text().await.expect("a page");
    assert!(page.contains("Waiting, 1 submission before it") && page.contains("Nothing is graded just now"), "{page}");

    let pool = &app.database.pool;
    let grader = Present { name: "a", at_once: 2, service_ms: None, well: true };
    paces::present(pool, &grader).await.expect("a worker");
    assert_eq!(modest.get_json(&path).await["eta"], Value::Null, "it has graded nothing yet");
    paces::present(pool, &Present { service_ms: Some(8000.0), ..grader }).await.expect("a worker");
    let seen = modest.get_json(&path).await;
    // (1 before it, 2 in 8 s) + 8 s, and a good deal more or less.
    assert_eq!(seen["eta"], json!({"from_s": 8, "to_s": 25}));
    let page = modest.get(&path).await.text().await.expect("a page");
    assert!(page.contains("in 8 to 25 seconds"), "{page}");
    paces::present(pool, &Present { well: false, ..grader }).await.expect("a worker");
    assert_eq!(modest.get_json(&path).await["eta"], Value::Null, "its sandbox is away");
    app.stop().await.drop_it().await;
}
