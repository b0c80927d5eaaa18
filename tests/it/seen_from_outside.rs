//! What an operator sees: metrics, and settings that change what they say.

use std::net::TcpListener;

use athanor::config::Config;
use athanor::startup::Grading;
use reqwest::StatusCode;
use serde_json::json;

use crate::console::{connect, open, visitor};
use crate::helpers::app::fake;
use crate::helpers::audit::until;
use crate::helpers::lessons::{DOUBLE, STARTER};
use crate::helpers::{TestApp, TestDatabase};

/// The address of a port that was free a moment ago.
pub fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

/// What is measured, as text.
pub async fn metrics_at(address: &str) -> String {
    let answer = reqwest::get(format!("http://{address}/metrics")).await.expect("an answer");
    answer.text().await.expect("metrics")
}

#[tokio::test]
async fn metrics_say_what_was_graded_and_where_the_time_went() {
    let address = free_address();
    let settings = [("ATHANOR_METRICS_LISTEN", address.as_str())];
    let app = TestApp::with(TestDatabase::new().await, fake(), Grading::In, &settings).await;
    let guest = app.browser();
    for source in [DOUBLE, STARTER] {
        guest.verdict(&guest.submit("double", "submit", source).await).await;
    }
    app.fake.fail_next(1);
    guest.verdict(&guest.submit("double", "submit", DOUBLE).await).await;
    let read = async || metrics_at(&address).await;
    // A verdict is there for everybody a moment before it is counted.
    until("the last verdict is counted", async || read().await.contains("athanor_grading_seconds_count 3")).await;
    let metrics = read().await;
    for line in [
        "athanor_verdicts_total{verdict=\"passed\"} 2",
        "athanor_verdicts_total{verdict=\"failed\"} 1",
        "athanor_grading_faults_total{cause=\"container_lost\"} 1",
        "athanor_leases_lost_total 0",
        "athanor_submission_seconds_count 3",
        "athanor_queue_wait_seconds_count 3",
        "athanor_grading_container_seconds_count 3",
        "athanor_grading_load_seconds_count 3",
        "athanor_grading_cases_seconds_count 3",
        "athanor_grading_commit_seconds_count 3",
        "athanor_pool_idle 0",
        "athanor_pool_hits_total 0",
        "athanor_pool_misses_total 0",
        "athanor_pool_boot_seconds_count 0",
        "athanor_queue_depth 0",
        "athanor_queue_regrades 0",
        "athanor_queue_oldest_seconds 0",
    ] {
        assert!(metrics.lines().any(|have| have == line), "{line}\n{metrics}");
    }
    assert!(metrics.ends_with("# EOF\n"));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn metrics_say_how_many_consoles_there_are_how_soon_they_were_ready_and_why_they_ended() {
    let address = free_address();
    let settings = [("ATHANOR_METRICS_LISTEN", address.as_str())];
    let app = TestApp::with(TestDatabase::new().await, fake(), Grading::In, &settings).await;
    let read = async || metrics_at(&address).await;
    let has = async |line: &str| read().await.lines().any(|have| have == line);
    let learner = visitor(&app).await;
    let mut first = connect(&learner, &open(&learner).await).await;
    first.until_prompt().await;
    for line in ["athanor_consoles_open 1", "athanor_console_ready_seconds_count 1", "athanor_consoles_started_total 1"]
    {
        assert!(has(line).await, "{line}");
    }
    let mut second = connect(&learner, &open(&learner).await).await;
    assert_eq!(first.until_ended().await, "replaced");
    second.until_prompt().await;
    second.send(json!({ "op": "lines", "text": "halt" })).await;
    assert_eq!(second.until_ended().await, "halted");
    for line in [
        "athanor_consoles_ended_total{reason=\"replaced\"} 1",
        "athanor_consoles_ended_total{reason=\"halted\"} 1",
        "athanor_consoles_open 0",
        "athanor_console_wait_seconds_count 2",
        "athanor_console_ready_seconds_count 2",
        "athanor_consoles_reaped_total 0",
    ] {
        until(line, async || has(line).await).await;
    }
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_rate_that_is_set_holds() {
    let settings = [("ATHANOR_RATE_SUBMISSIONS_ACCOUNT", "2/600000")];
    let app = TestApp::with(TestDatabase::new().await, fake(), Grading::In, &settings).await;
    let guest = app.browser();
    for _ in 0..2 {
        guest.verdict(&guest.submit("double", "submit", DOUBLE).await).await;
    }
    let form = [("source", DOUBLE), ("kind", "submit")];
    let refused = guest.post_for_json("/exercises/double/submissions", &form).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    app.stop().await.drop_it().await;
}

#[test]
fn every_policy_of_the_pool_is_a_setting() {
    let vars = [
        ("ATHANOR_POOL_BOOTS", "3"),
        ("ATHANOR_POOL_RECYCLE_S", "60"),
        ("ATHANOR_POOL_BOOT_TIMEOUT_MS", "5000"),
        ("ATHANOR_POOL_BACKLOG", "0"),
        ("ATHANOR_POOL_BACKLOG_MS", "100"),
    ];
    let config = Config::from_vars(vars.map(|(name, value)| (name.to_owned(), value.to_owned()))).expect("settings");
    let pool = config.policies.pool;
    assert_eq!((pool.boots, pool.backlog), (Some(3), Some(0)));
    assert_eq!(pool.recycle.map(|time| time.as_secs()), Some(60));
    assert_eq!(pool.boot_timeout.map(|time| time.as_secs()), Some(5));
    assert_eq!(pool.backlog_age.map(|time| time.as_millis()), Some(100));
}
