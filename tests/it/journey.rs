//! A submission's journey over HTTP, with a sandbox that answers by a script.

use std::time::Duration;

use athanor::startup::Grading;
use reqwest::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use crate::helpers::app::{PATIENCE, fake};
use crate::helpers::lessons::{ABSOLUTE, DOUBLE, STARTER};
use crate::helpers::{TestApp, TestDatabase};

#[tokio::test]
async fn a_guest_fails_then_passes_and_keeps_the_progress_after_signing_up() {
    let app = TestApp::start().await;
    let guest = app.browser();
    let failed = guest.submit("double", "submit", STARTER).await;
    assert_eq!(guest.verdict(&failed).await["verdict"], "failed");
    let passed = guest.submit("double", "submit", DOUBLE).await;
    assert_eq!(guest.verdict(&passed).await["verdict"], "passed");
    guest.sign_up("ada").await;
    assert_eq!(guest.verdict(&failed).await["verdict"], "failed", "the history is still theirs");
    let progress = guest.get("/progress").await.text().await.expect("a page");
    assert!(progress.contains("ada"), "{progress}");
    let row: (i32, i32, bool) = sqlx::query_as(
        "select attempts, best_points, passed_at is not null from progress where exercise_id = 'double'",
    )
    .fetch_one(&app.database.pool)
    .await
    .expect("progress");
    assert_eq!(row, (2, 2, true));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_run_sends_visible_cases_only_and_counts_as_no_attempt() {
    let app = TestApp::start().await;
    let guest = app.browser();
    let id = guest.submit("double", "run", ABSOLUTE).await;
    let seen = guest.verdict(&id).await;
    assert_eq!((seen["verdict"].as_str(), seen["cases"].as_array().map(Vec::len)), (Some("passed"), Some(1)));
    let attempts: i32 =
        sqlx::query_scalar("select attempts from progress").fetch_one(&app.database.pool).await.expect("a row");
    assert_eq!(attempts, 0);
    app.stop().await.drop_it().await;
}

/// Whether a text holds a negative number. In dates and ids a hyphen follows a digit or a letter.
fn says(text: &str, number: &str) -> bool {
    text.match_indices(number).any(|(at, _)| !text[..at].ends_with(|before: char| before.is_ascii_alphanumeric()))
}

#[tokio::test]
async fn nothing_of_a_hidden_case_but_its_name_reaches_the_learner() {
    let app = TestApp::start().await;
    let guest = app.browser();
    let id = guest.submit("double", "submit", ABSOLUTE).await;
    let seen = guest.verdict(&id).await;
    assert_eq!(seen["verdict"], "failed");
    assert_eq!(seen["says"], "Minus signs count too.");
    let events = guest.get(&format!("/submissions/{id}/events")).await.text().await.expect("a stream that ends");
    let attempts = guest.get("/exercises/double/attempts").await.text().await.expect("a page");
    let lesson = guest.get(&format!("/lessons/numbers?attempt={id}")).await.text().await.expect("a page");
    let page = guest.get(&format!("/submissions/{id}")).await.text().await.expect("a page");
    for text in [seen.to_string(), events, attempts, lesson, page] {
        assert!(!says(&text, "-13") && !says(&text, "-26"), "{text}");
    }
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_double_click_is_one_submission() {
    let app = TestApp::start().await;
    let guest = app.browser();
    let _cookie = guest.get("/lessons/numbers").await;
    let key = Uuid::new_v4().to_string();
    let form = [("source", DOUBLE), ("kind", "submit"), ("key", key.as_str())];
    let (one, two) = tokio::join!(
        guest.post_for_json("/exercises/double/submissions", &form),
        guest.post_for_json("/exercises/double/submissions", &form)
    );
    assert_eq!((one.status(), two.status()), (StatusCode::ACCEPTED, StatusCode::ACCEPTED));
    let (one, two): (Value, Value) = (one.json().await.expect("JSON"), two.json().await.expect("JSON"));
    assert_eq!(one["id"], two["id"]);
    let count: i64 =
        sqlx::query_scalar("select count(*) from submissions").fetch_one(&app.database.pool).await.expect("a count");
    assert_eq!(count, 1);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn the_same_key_with_another_source_is_refused_on_the_api_and_taken_on_a_page() {
    let app = TestApp::start().await;
    let guest = app.browser();
    let _cookie = guest.get("/lessons/numbers").await;
    let key = Uuid::new_v4().to_string();
    let form = |source: &'static str, key: &str| {
        vec![("source", source), ("kind", "submit"), ("key", &*key.to_owned().leak())]
    };
    let first = guest.post_for_json("/exercises/double/submissions", &form(STARTER, &key)).await;
    assert_eq!(first.status(), StatusCode::ACCEPTED);
    let second = guest.post_for_json("/exercises/double/submissions", &form(DOUBLE, &key)).await;
    assert_eq!(second.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let on_page = guest.post("/exercises/double/submissions", &form(DOUBLE, &key)).await;
    assert_eq!(on_page.status(), StatusCode::SEE_OTHER);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn what_waits_too_much_is_refused_with_a_time_to_come_back() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    for _ in 0..3 {
        guest.submit("double", "submit", DOUBLE).await;
    }
    let key = Uuid::new_v4().to_string();
    let form = [("source", DOUBLE), ("kind", "submit"), ("key", key.as_str())];
    let refused = guest.post_for_json("/exercises/double/submissions", &form).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    let on_page = guest.post("/exercises/double/submissions", &form).await;
    assert_eq!(on_page.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(on_page.text().await.expect("a page").contains("n * 2"), "what was typed is still there");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_newer_run_takes_the_place_of_one_that_waits_and_a_submit_is_never_dropped() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    let submit = guest.submit("double", "submit", DOUBLE).await;
    let older = guest.submit("double", "run", STARTER).await;
    let newer = guest.submit("double", "run", DOUBLE).await;
    let state = async |id: &str| guest.get_json(&format!("/submissions/{id}")).await["state"].clone();
    assert_eq!(state(&older).await, "superseded");
    assert_eq!(state(&newer).await, "queued");
    assert_eq!(state(&submit).await, "queued");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn nobody_sees_somebody_elses_submission_but_an_instructor() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.browser(), app.browser());
    ada.sign_up("ada").await;
    ben.sign_up("ben").await;
    let id = ada.submit("double", "submit", ABSOLUTE).await;
    ada.verdict(&id).await;
    for path in
        [format!("/submissions/{id}"), format!("/submissions/{id}/events"), format!("/lessons/numbers?attempt={id}")]
    {
        let answer = ben.get(&path).await;
        let status = answer.status();
        let text = answer.text().await.expect("a page");
        assert!(status == StatusCode::NOT_FOUND || !text.contains("abs(n)"), "{path}: {status}");
    }
    assert_eq!(ben.get("/instructor/submissions").await.status(), StatusCode::FORBIDDEN);
    sqlx::query("update users set role = 'instructor' where email = 'ben@example.org'")
        .execute(&app.database.pool)
        .await
        .expect("an update");
    let page = ben.get(&format!("/submissions/{id}")).await.text().await.expect("a page");
    assert!(page.contains("abs(n)") && page.contains("Double.of(-13)"), "instructors see hidden cases: {page}");
    let list = ben.get("/instructor/submissions?learner=ada&exercise=double&verdict=failed").await;
    assert!(list.text().await.expect("a page").contains(&id));
    let none = ben.get("/instructor/submissions?learner=nobody").await;
    assert!(!none.text().await.expect("a page").contains(&id));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn our_own_faults_are_tried_again_and_cost_no_attempt() {
    let app = TestApp::start().await;
    let guest = app.browser();
    // The expected values are evaluated first, so that the faults hit the submission.
    let warm = guest.submit("double", "run", DOUBLE).await;
    guest.verdict(&warm).await;
    app.fake.fail_next(2);
    let id = guest.submit("double", "submit", DOUBLE).await;
    assert_eq!(guest.verdict(&id).await["verdict"], "passed");
    let attempts: i32 =
        sqlx::query_scalar("select attempts from progress").fetch_one(&app.database.pool).await.expect("a row");
    assert_eq!(attempts, 1);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_open_streams_and_hands_back_what_runs() {
    let drain = [("ATHANOR_DRAIN_MS", "300")];
    let app = TestApp::with(TestDatabase::new().await, fake(), Grading::In, &drain).await;
    let guest = app.browser();
    let warm = guest.submit("double", "run", DOUBLE).await;
    guest.verdict(&warm).await;
    app.fake.hang(true);
    let id = guest.submit("double", "submit", DOUBLE).await;
    let stream = guest.get(&format!("/submissions/{id}/events")).await;
    assert!(stream.status().is_success());
    let running = async {
        while guest.get_json(&format!("/submissions/{id}")).await["state"] != "running" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, running).await.expect("it runs");
    let database = app.stop().await;
    let state: String = sqlx::query_scalar("select state from gradings where kind = 'submit'")
        .fetch_one(&database.pool)
        .await
        .expect("the row");
    assert_eq!(state, "queued");
    // The next start grades it.
    let next = TestApp::with(database, fake(), Grading::In, &[]).await;
    let verdict = async {
        loop {
            let verdict: Option<String> = sqlx::query_scalar("select verdict from gradings where kind = 'submit'")
                .fetch_one(&next.database.pool)
                .await
                .expect("the row");
            if let Some(verdict) = verdict {
                return verdict;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert_eq!(tokio::time::timeout(PATIENCE * 2, verdict).await.expect("a verdict"), "passed");
    next.stop().await.drop_it().await;
}
