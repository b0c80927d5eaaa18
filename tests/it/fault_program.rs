//! A worker that is killed while it runs a program.

use std::time::Duration;

use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::helpers::TestDatabase;
use crate::helpers::app::PATIENCE;
use crate::helpers::lessons::Course;
use crate::helpers::program::{Program, no_containers_of};

/// Reads a stream until `wanted` is in it.
async fn read_until(answer: &mut Response, text: &mut String, wanted: &str) {
    while !text.contains(wanted) {
        let chunk = tokio::time::timeout(PATIENCE, answer.chunk()).await.expect("an event").expect("a stream");
        text.push_str(std::str::from_utf8(&chunk.unwrap_or_else(|| panic!("it ended: {text}"))).expect("text"));
    }
}

#[tokio::test]
async fn docker_the_program_of_a_worker_that_is_killed_is_run_again_by_the_next() {
    let database = TestDatabase::new().await;
    let course = Course::new();
    let url = database.url();
    let site = ["serve", "--no-worker", "--listen", "127.0.0.1:0", "--lessons", course.path()];
    let site = Program::start(&site, &[("DATABASE_URL", url.as_str())]).await;
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("ATHANOR_LEASE_MS", "1500"),
        ("ATHANOR_PROGRAMS", "python"),
        ("ATHANOR_PROGRAM_LIMIT_TIME_MS", "20000"),
    ];
    let first = Program::start(&["worker"], &settings).await;
    let first_pid = first.pid();
    let client = Client::new();
    let languages = async {
        let address = format!("{}/api/v1/languages", site.address);
        loop {
            let answer: Value = client.get(&address).send().await.expect("an answer").json().await.expect("JSON");
            if answer["languages"].as_array().is_some_and(|languages| !languages.is_empty()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, languages).await.expect("a worker that has Python");
    let code = "import time\nprint('begun')\ntime.sleep(1)\nprint('end')";
    let request = client.post(format!("{}/api/v1/run/python", site.address)).header("accept", "text/event-stream");
    let mut answer = request.json(&json!({ "code": code })).send().await.expect("an answer");
    let mut text = String::new();
    read_until(&mut answer, &mut text, "begun").await;
    first.kill();
    let second = Program::start(&["worker"], &settings).await;
    let second_pid = second.pid();
    read_until(&mut answer, &mut text, "event: result").await;
    text.push_str(&answer.text().await.expect("the rest"));
    let result = text.lines().filter_map(|line| line.strip_prefix("data: ")).next_back().expect("a result");
    let result: Value = serde_json::from_str(result).expect("JSON");
    assert_eq!((&result["stdout"], &result["exit_code"]), (&json!("begun\nend\n"), &json!(0)), "{text}");
    assert!(text.contains("{\"attempt\":2}"), "it is said that what came before does not count: {text}");
    second.stop().await;
    site.stop().await;
    no_containers_of(&[first_pid, second_pid]);
    database.drop_it().await;
}
