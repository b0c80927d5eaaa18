//! Program runs over HTTP, with programs that do what a script says.

use std::sync::Arc;
use std::time::Duration;

use athanor::sandbox::fake::{FakeAnswer, FakeSandbox};
use athanor::sandbox::fake_programs::FakePrograms;
use athanor::startup::Grading;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::helpers::TestApp;
use crate::helpers::app::PATIENCE;
use crate::helpers::database::TestDatabase;

struct Site {
    app: TestApp,
    programs: Arc<FakePrograms>,
    client: Client,
}

impl Site {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Self {
        let programs = Arc::new(FakePrograms::new(&["lines", "words"]));
        let fake = FakeSandbox::new(|ask| FakeAnswer::value(&ask.step.code)).with_programs(programs.clone());
        let app = TestApp::with(TestDatabase::new().await, Arc::new(fake), Grading::In, settings).await;
        let site = Self { app, programs, client: Client::new() };
        site.until("the worker says what it has", async || !site.languages().await.is_empty()).await;
        site
    }

    async fn languages(&self) -> Vec<Value> {
        let answer = self.client.get(self.app.url("/api/v1/languages")).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["languages"].as_array().unwrap().clone()
    }

    async fn until(&self, what: &str, condition: impl AsyncFn() -> bool) {
        let wait = async {
            while !condition().await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("it never came to be that {what}"));
    }

    async fn post(&self, path: &str, body: Value) -> Response {
        self.client.post(self.app.url(path)).json(&body).send().await.unwrap()
    }

    async fn run(&self, code: &str) -> Response {
        self.post("/api/v1/run/lines", json!({ "code": code })).await
    }

    /// Runs a program that waits, in the background.
    fn waiting(&self, code: &str) -> tokio::task::JoinHandle<Response> {
        let request = self.client.post(self.app.url("/api/v1/run/lines")).json(&json!({ "code": code }));
        tokio::spawn(async move { request.send().await.unwrap() })
    }

    async fn count(&self, state: &'static str) -> i64 {
        sqlx::query_scalar("select count(*) from program_runs where state = $1")
            .bind(state)
            .fetch_one(&self.app.database.pool)
            .await
            .unwrap()
    }

    async fn stream(&self, code: &str) -> Response {
        let request = self.client.post(self.app.url("/api/v1/run/lines")).header("accept", "text/event-stream");
        request.json(&json!({ "code": code })).send().await.unwrap()
    }

    async fn end(self) {
        self.programs.go_on();
        self.app.stop().await.drop_it().await;
    }
}

/// The events of a stream: their names and data.
fn events(text: &str) -> Vec<(String, Value)> {
    let event = |block: &str| {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        Some((field("event:")?.to_owned(), serde_json::from_str(field("data:")?).unwrap()))
    };
    text.split("\n\n").filter_map(event).collect()
}

/// Reads a stream until an event of this name has come.
async fn read_until(answer: &mut Response, name: &str) -> Vec<(String, Value)> {
    let mut text = String::new();
    loop {
        let chunk = tokio::time::timeout(PATIENCE, answer.chunk()).await.unwrap().unwrap();
        let Some(chunk) = chunk else { panic!("the stream ended before {name}: {text}") };
        text.push_str(std::str::from_utf8(&chunk).unwrap());
        let events = events(&text);
        if events.iter().any(|(event, _)| event == name) {
            return events;
        }
    }
}

#[tokio::test]
async fn a_program_is_answered_with_exactly_what_is_promised() {
    let site = Site::start().await;
    let answer = site.post("/api/v1/run/lines", json!({"code": "cat\nerr é\nexit 3", "input": "a\u{0}b"})).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(!answer.headers().contains_key("set-cookie"), "who has no session gets none");
    let body: Value = answer.json().await.unwrap();
    let expected = json!({
        "stdout": "a\u{0}b", "stderr": "é\n", "exit_code": 3,
        "timed_out": false, "memory_exceeded": false, "truncated": false,
    });
    assert_eq!(body, expected);
    let names: Vec<_> = site.languages().await.iter().map(|language| language["name"].clone()).collect();
    assert_eq!(names, ["lines", "words"]);
    site.end().await;
}

#[tokio::test]
async fn a_plain_request_gets_one_message() {
    let site = Site::start().await;
    let of = async |path: &str, body: Value| {
        let answer = site.post(path, body).await;
        let status = answer.status().as_u16();
        let body = answer.json::<Value>().await.unwrap();
        assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
        (status, body["message"].as_str().unwrap().to_owned())
    };
    assert_eq!(of("/run/lines", json!({"code": "out a\nerr b", "lang": "x"})).await, (200, "a\nb\n".to_owned()));
    let stopped = "The program was stopped: its time is up.";
    assert_eq!(of("/run/lines", json!({"code": "out a\ntimeout"})).await, (408, format!("a\n{stopped}")));
    let (status, message) = of("/run/cobol", json!({"code": "out a"})).await;
    assert!(status == 400 && message.contains("cobol") && message.contains("lines, words"), "{message}");
    for (body, word) in [
        (json!({"code": ""}), "no code"),
        (json!({"code": " \n"}), "no code"),
        (json!({"code": "x".repeat(70_000)}), "at most 65536"),
        (json!({"code": "a", "input": "x".repeat(70_000)}), "at most 65536"),
        (json!({"cod": "a"}), "\"code\""),
        (json!(["a"]), "\"code\""),
    ] {
        let (status, message) = of("/run/lines", body).await;
        assert!(status == 400 && message.contains(word), "{status} {message}");
    }
    site.end().await;
}

#[tokio::test]
async fn what_cannot_be_run_is_a_problem_with_words() {
    let site = Site::start().await;
    let problem = async |answer: Response| {
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["status"], status);
        (status, body["type"].as_str().unwrap().trim_start_matches("urn:athanor:problem:").to_owned(), body)
    };
    let (status, kind, body) = problem(site.post("/api/v1/run/cobol", json!({"code": "a"})).await).await;
    assert_eq!((status, kind.as_str()), (404, "unknown-language"));
    assert!(body["detail"].as_str().unwrap().contains("lines, words"), "{body}");
    let (status, kind, _) = problem(site.post("/api/v1/run/..%2f..%2fetc", json!({"code": "a"})).await).await;
    assert_eq!((status, kind.as_str()), (404, "unknown-language"));
    for (body, status, kind) in [
        (json!({"code": " "}), 422, "empty-source"),
        (json!({"code": "x".repeat(65_537)}), 413, "source-too-large"),
        (json!({"code": "x", "input": "x".repeat(65_537)}), 413, "input-too-large"),
        (json!({"code": "x", "stdin": "y"}), 400, "bad-request"),
        (json!({"code": 1}), 400, "bad-request"),
    ] {
        let seen = problem(site.post("/api/v1/run/lines", body).await).await;
        assert_eq!((seen.0, seen.1.as_str()), (status, kind));
    }
    let raw = async |kind: &'static str, body: &'static [u8]| {
        let request = site.client.post(site.app.url("/api/v1/run/lines")).header("content-type", kind).body(body);
        problem(request.send().await.unwrap()).await
    };
    assert_eq!(raw("text/plain", b"{\"code\":\"out a\"}").await.0, 415);
    assert_eq!(raw("application/x-www-form-urlencoded", b"code=out+a").await.0, 415);
    assert_eq!(raw("application/json", b"").await.0, 400);
    assert_eq!(raw("application/json", b"{\"code\":\"out \xff\"}").await.0, 400);
    assert_eq!(raw("application/json", b"{\"code\":\"out a\"").await.0, 400);
    let large = site.client.post(site.app.url("/api/v1/run/lines")).header("content-type", "application/json");
    assert_eq!(problem(large.body(vec![b' '; 2 << 20]).send().await.unwrap()).await.0, 413);
    let get = site.client.get(site.app.url("/api/v1/run/lines")).send().await.unwrap();
    assert_eq!(problem(get).await.0, 405);
    assert_eq!(site.count("done").await, 0, "none of it was run");
    site.end().await;
}

#[tokio::test]
async fn another_site_cannot_have_a_visitor_s_browser_run_programs() {
    let site = Site::start().await;
    let request = |site: &Site| site.client.post(site.app.url("/api/v1/run/lines")).json(&json!({"code": "out a"}));
    let foreign = request(&site).header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    let with_a_cookie = request(&site).header("cookie", "athanor=abc").send().await.unwrap();
    assert_eq!(with_a_cookie.status(), StatusCode::FORBIDDEN);
    let ours = request(&site).header("cookie", "athanor=abc").header("sec-fetch-site", "same-origin");
    assert_eq!(ours.send().await.unwrap().status(), StatusCode::OK);
    site.end().await;
}

#[tokio::test]
async fn output_comes_as_it_is_written_and_the_result_last() {
    let site = Site::start().await;
    let mut answer = site.stream("out one\nerr two\nwait\nout three").await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let before = read_until(&mut answer, "stderr").await;
    assert!(before.iter().all(|(name, _)| name != "result"), "it still waits: {before:?}");
    assert!(before.contains(&("stdout".to_owned(), json!({"text": "one\n"}))), "{before:?}");
    site.programs.go_on();
    let rest = events(&answer.text().await.unwrap());
    assert_eq!(rest[0], ("stdout".to_owned(), json!({"text": "three\n"})));
    assert_eq!(rest.len(), 2);
    let (name, result) = &rest[1];
    assert_eq!((name.as_str(), &result["stdout"], &result["exit_code"]), ("result", &json!("one\nthree\n"), &json!(0)));
    site.end().await;
}

#[tokio::test]
async fn whoever_waits_is_told_their_position() {
    let site = Site::with(&[("ATHANOR_PROGRAMS_AT_ONCE", "1")]).await;
    let first = site.waiting("wait");
    site.until("the first runs", async || site.programs.running() == 1).await;
    let second = site.waiting("out b");
    site.until("the second waits", async || site.count("queued").await == 1).await;
    let mut third = site.stream("out c").await;
    let seen = read_until(&mut third, "position").await;
    assert_eq!(seen, [("position".to_owned(), json!({"position": 2}))]);
    site.programs.go_on();
    assert_eq!(first.await.unwrap().status(), StatusCode::OK);
    assert_eq!(second.await.unwrap().status(), StatusCode::OK);
    let rest = events(&third.text().await.unwrap());
    assert_eq!(rest.last().unwrap().1["stdout"], "c\n");
    site.end().await;
}

#[tokio::test]
async fn a_full_queue_and_too_many_of_one_are_told_to_come_back() {
    let site = Site::with(&[
        ("ATHANOR_PROGRAMS_AT_ONCE", "1"),
        ("ATHANOR_PROGRAMS_MAX_WAITING", "2"),
        ("ATHANOR_PROGRAMS_MAX_EACH", "4"),
    ])
    .await;
    let mut open = vec![site.waiting("wait")];
    site.until("one runs", async || site.programs.running() == 1).await;
    for waiting in 1..=2 {
        open.push(site.waiting("out a"));
        site.until("it waits", async || site.count("queued").await == waiting).await;
    }
    let refused = site.run("out a").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "3");
    assert_eq!(refused.json::<Value>().await.unwrap()["type"], "urn:athanor:problem:queue-full");
    sqlx::query("update program_runs set kind = 'block' where state = 'queued'")
        .execute(&site.app.database.pool)
        .await
        .unwrap();
    open.push(site.waiting("out a"));
    site.until("four are open", async || site.count("queued").await + site.count("running").await == 4).await;
    let refused = site.run("out a").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.json::<Value>().await.unwrap()["type"], "urn:athanor:problem:too-many-open");
    sqlx::query("update program_runs set kind = 'program' where kind = 'block'")
        .execute(&site.app.database.pool)
        .await
        .unwrap();
    site.programs.go_on();
    for run in open {
        assert_eq!(run.await.unwrap().status(), StatusCode::OK);
    }
    site.end().await;
}

#[tokio::test]
async fn many_programs_from_one_address_are_slowed_down() {
    let site = Site::with(&[("ATHANOR_PROGRAMS_PER_MINUTE_ADDRESS", "6")]).await;
    for _ in 0..3 {
        assert_eq!(site.run("out a").await.status(), StatusCode::OK);
    }
    let refused = site.run("out a").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=10).contains(&wait), "{wait}");
    let plain = site.post("/run/lines", json!({"code": "out a"})).await;
    assert_eq!(plain.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(plain.headers().contains_key("retry-after"));
    site.end().await;
}

#[tokio::test]
async fn many_programs_of_one_account_are_slowed_down_and_others_are_not() {
    let site = Site::with(&[("ATHANOR_PROGRAMS_PER_MINUTE_ACCOUNT", "2")]).await;
    let ada = site.app.browser();
    ada.sign_up("ada").await;
    let run = async || {
        let request = ada.client.post(site.app.url("/api/v1/run/lines")).header("sec-fetch-site", "same-origin");
        request.json(&json!({"code": "out a"})).send().await.unwrap().status()
    };
    assert_eq!(run().await, StatusCode::OK);
    assert_eq!(run().await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(site.run("out a").await.status(), StatusCode::OK);
    site.end().await;
}

#[tokio::test]
async fn a_program_whose_asker_has_gone_is_called_off() {
    let site = Site::with(&[("ATHANOR_PROGRAMS_AT_ONCE", "1")]).await;
    let first = site.waiting("wait");
    site.until("it runs", async || site.programs.running() == 1).await;
    let second = site.waiting("out b");
    site.until("another waits", async || site.count("queued").await == 1).await;
    first.abort();
    site.until("the first was ended and the second took its place", async || site.count("done").await == 1).await;
    assert_eq!((site.count("cancelled").await, site.programs.running()), (1, 0));
    assert_eq!(second.await.unwrap().status(), StatusCode::OK);

    let mut streamed = site.stream("out a\nwait").await;
    read_until(&mut streamed, "stdout").await;
    drop(streamed);
    site.until("the stream's program was ended", async || site.programs.running() == 0).await;
    site.until("and is called off", async || site.count("cancelled").await == 2).await;
    site.end().await;
}

#[tokio::test]
async fn our_own_failure_is_tried_once_more_and_then_is_ours() {
    let site = Site::start().await;
    site.programs.fail_next(1);
    let answer = site.run("out a").await;
    assert_eq!((answer.status(), site.programs.started()), (StatusCode::OK, 2));
    site.programs.fail_next(2);
    let answer = site.run("out a").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key("retry-after"));
    let body: Value = answer.json().await.unwrap();
    assert!(body["detail"].as_str().unwrap().contains("our fault"), "{body}");
    site.programs.fail_next(2);
    let text = site.stream("out a").await.text().await.unwrap();
    let seen = events(&text);
    assert_eq!(seen.last().unwrap().0, "error", "{seen:?}");
    assert_eq!(seen.last().unwrap().1["status"], 503);
    site.end().await;
}

#[tokio::test]
async fn a_program_whose_turn_does_not_come_is_told_so() {
    let site = Site::with(&[("ATHANOR_PROGRAMS_AT_ONCE", "1"), ("ATHANOR_PROGRAMS_WAIT_MS", "200")]).await;
    let first = site.waiting("wait");
    site.until("it runs", async || site.programs.running() == 1).await;
    let late = site.run("out b").await;
    assert_eq!(late.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(late.json::<Value>().await.unwrap()["type"], "urn:athanor:problem:too-busy");
    site.programs.go_on();
    assert_eq!(first.await.unwrap().status(), StatusCode::OK);
    assert_eq!(site.programs.started(), 1);
    site.end().await;
}

#[tokio::test]
async fn without_a_worker_it_is_said_that_nothing_can_be_run() {
    let site = Site::start().await;
    sqlx::query("update worker_languages set seen_at = now() - interval '2 minutes'")
        .execute(&site.app.database.pool)
        .await
        .unwrap();
    let away = site.run("out a").await;
    assert_eq!(away.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(away.headers().contains_key("retry-after"));
    site.end().await;
}

#[tokio::test]
async fn programs_can_be_switched_off() {
    let app = TestApp::with(
        TestDatabase::new().await,
        Arc::new(FakeSandbox::new(|ask| FakeAnswer::value(&ask.step.code))),
        Grading::In,
        &[("ATHANOR_PROGRAMS", "off")],
    )
    .await;
    let answer = Client::new().post(app.url("/api/v1/run/lines")).json(&json!({"code": "out a"})).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    app.stop().await.drop_it().await;
}
