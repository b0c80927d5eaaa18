//! Submissions of several files over HTTP: an editor for each, all of them kept, shown and pointed into.

use std::path::Path;
use std::sync::Arc;

use athanor::domain::job::Job;
use athanor::domain::report::{Diagnostic, Load, Output, Severity};
use athanor::sandbox::fake::{self, FakeAnswer, FakeSandbox};
use athanor::startup::Grading;
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::helpers::TestApp;
use crate::helpers::app::Browser;
use crate::helpers::database::TestDatabase;

const PATH: &str = "/exercises/erlang-files/submissions";
const SHAPE: &str = "-module(shape).\n-export([area/1]).\n\narea({square, Side}) -> edge:twice(Side).\n";
const EDGE: &str = "-module(edge).\n-export([twice/1]).\n\ntwice(Side) -> Side * Side.\n";

/// A compiler that stops at the word `Broken`, and knows in which file it stands.
fn compiler(job: &Job) -> Load {
    let Some(broken) = job.sources.iter().find(|source| source.text.contains("Broken")) else {
        return Load::Loaded { diagnostics: Vec::new(), output: Output::default() };
    };
    fake::refused(vec![Diagnostic {
        severity: Severity::Error,
        message: "variable 'Broken' is unbound".to_owned(),
        file: Some(broken.file.clone()),
        line: Some(4),
        column: Some(16),
        end: None,
    }])
}

/// The course of every role, whose exercise `erlang-files` has two files.
async fn site() -> TestApp {
    let lessons = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/roles/lessons");
    let fake = FakeSandbox::new(|ask| {
        let squares = ask.job.sources.iter().any(|source| source.text.contains("Side * Side"));
        match ask.step.code.as_str() {
            ":shape.area({:square, 3})" if !squares => FakeAnswer::value("3"),
            ":shape.area({:square, 3})" => FakeAnswer::value("9"),
            code => FakeAnswer::value(code),
        }
    })
    .compiling(compiler);
    let settings = [("ATHANOR_LESSONS", lessons.to_str().unwrap())];
    TestApp::with(TestDatabase::new().await, Arc::new(fake), Grading::In, &settings).await
}

async fn send(browser: &Browser, files: &[(&str, &str)], kind: &str) -> (StatusCode, Value) {
    let key = Uuid::new_v4().to_string();
    let fields: Vec<(String, &str)> = files.iter().map(|(name, text)| (format!("file:{name}"), *text)).collect();
    let mut form: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    form.extend([("kind", kind), ("key", key.as_str())]);
    let answer = browser.post_for_json(PATH, &form).await;
    (answer.status(), answer.json().await.unwrap())
}

async fn page(browser: &Browser, path: &str) -> String {
    browser.get(path).await.text().await.unwrap()
}

#[tokio::test]
async fn each_file_has_an_editor_and_all_of_them_are_graded_kept_and_shown() {
    let app = site().await;
    let ada = app.browser();
    let lesson = page(&ada, "/lessons/erlang").await;
    assert!(lesson.contains("name=\"file:shape.erl\"") && lesson.contains("name=\"file:edge.erl\""), "{lesson}");
    assert!(lesson.contains("<code>edge.erl</code>") && lesson.contains("twice(Side) -&gt; Side."), "{lesson}");
    assert_eq!(lesson.matches("name=\"source\"").count(), 1, "the other exercise has one editor");
    assert!(lesson.contains("given.erl") && !lesson.contains("file:given.erl"), "what is given cannot be changed");

    let (status, accepted) = send(&ada, &[("shape.erl", SHAPE), ("edge.erl", EDGE)], "submit").await;
    assert_eq!(status, StatusCode::ACCEPTED, "{accepted}");
    let id = accepted["id"].as_str().unwrap();
    let verdict = ada.verdict(id).await;
    assert_eq!(verdict["verdict"], "passed", "{verdict}");
    let names: Vec<&Value> = verdict["files"].as_array().unwrap().iter().map(|file| &file["name"]).collect();
    assert_eq!(names, ["shape.erl", "edge.erl"]);
    assert_eq!(verdict["files"][1]["text"], EDGE);
    let shown = page(&ada, &format!("/submissions/{id}")).await;
    assert!(shown.contains("<code>shape.erl</code>") && shown.contains("id=\"file-2-line-4\""), "{shown}");
    let lesson = page(&ada, "/lessons/erlang").await;
    assert!(lesson.contains("twice(Side) -&gt; Side * Side."), "the editors hold the last attempt: {lesson}");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_remark_names_its_file_and_leads_to_it() {
    let app = site().await;
    let ada = app.browser();
    let broken = EDGE.replace("Side * Side", "Broken");
    let (_, accepted) = send(&ada, &[("shape.erl", SHAPE), ("edge.erl", &broken)], "run").await;
    let id = accepted["id"].as_str().unwrap();
    let verdict = ada.verdict(id).await;
    assert_eq!(
        (&verdict["verdict"], &verdict["diagnostics"][0]["file"]),
        (&json!("compile_error"), &json!("edge.erl"))
    );
    let lesson = page(&ada, "/lessons/erlang").await;
    assert!(lesson.contains("edge.erl, line 4, column 16"), "{lesson}");
    let link = format!("href=\"/submissions/{id}#file-2-line-4\" data-line=\"4\" data-file=\"edge.erl\"");
    assert!(lesson.contains(&link), "{lesson}");
    assert!(lesson.contains("<mark>Broken</mark>"), "the excerpt is of that file: {lesson}");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn files_that_cannot_be_taken_come_back_as_they_were_typed() {
    let app = site().await;
    let ada = app.browser();
    let large = "x".repeat(40_000);
    let kept = |page: &str, text: &str| assert!(page.contains(text), "{page}");
    let form = [("file:shape.erl", large.as_str()), ("file:edge.erl", &large), ("kind", "submit")];
    let answer = ada.post(PATH, &form).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let text = answer.text().await.unwrap();
    kept(&text, "The code has 80000 bytes; at most 65536 are accepted.");
    assert_eq!(text.matches(&large).count(), 2, "both texts are still there");
    assert_eq!(text.matches("aria-invalid").count(), 2);

    let body = b"kind=run&file%3Ashape.erl=fine%0Atext&file%3Aedge.erl=abc%FFdef".to_vec();
    let request = ada.client.post(app.url(PATH)).header("sec-fetch-site", "same-origin");
    let answer = request.header("content-type", "application/x-www-form-urlencoded").body(body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let text = answer.text().await.unwrap();
    for part in ["In edge.erl: the code is not valid UTF-8", "fine\ntext", "abc\u{fffd}def"] {
        kept(&text, part);
    }
    assert_eq!(text.matches("aria-invalid").count(), 1, "of the file that it is about");

    let blank = ada.post(PATH, &[("file:shape.erl", " "), ("file:edge.erl", ""), ("kind", "run")]).await;
    kept(&blank.text().await.unwrap(), "There is no code yet");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn programs_send_files_or_a_source() {
    let app = site().await;
    let ada = app.browser();
    let post = async |path: &str, body: Value| {
        let request = ada.client.post(app.url(path)).header("sec-fetch-site", "same-origin");
        let answer = request.json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let files = |files: &[(&str, &str)]| -> Value {
        files.iter().map(|(name, text)| json!({ "name": name, "text": text })).collect()
    };
    let path = "/api/v1/exercises/erlang-files/submissions";
    let key = Uuid::new_v4().to_string();
    let both = files(&[("shape.erl", SHAPE), ("edge.erl", EDGE), ("sizes.hrl", "%% more\n")]);
    let (status, first) = post(path, json!({ "files": both, "kind": "submit", "key": key })).await;
    assert_eq!(status, 202, "{first}");
    let (status, again) = post(path, json!({ "files": both, "kind": "submit", "key": key })).await;
    assert_eq!((status, &again["id"]), (202, &first["id"]), "the same key is the same submission");
    let (status, other) = post(path, json!({ "source": SHAPE, "kind": "submit", "key": key })).await;
    assert_eq!((status, &other["type"]), (422, &json!("urn:athanor:problem:key-reused")));
    ada.verdict(first["id"].as_str().unwrap()).await;
    let lesson = page(&ada, "/lessons/erlang").await;
    assert!(lesson.contains("file:sizes.hrl"), "what was sent besides has an editor too: {lesson}");

    let whole = format!("%% shape.erl\n{SHAPE}\n%% edge.erl\n{EDGE}");
    let (status, accepted) = post(path, json!({ "source": whole, "kind": "submit" })).await;
    assert_eq!(status, 202);
    assert_eq!(ada.verdict(accepted["id"].as_str().unwrap()).await["source"], json!(whole));

    for (body, status, kind) in [
        (json!({ "files": both, "source": "x", "kind": "run" }), 400, "bad-request"),
        (json!({ "kind": "run" }), 400, "bad-request"),
        (json!({ "files": [], "kind": "run" }), 422, "empty-source"),
        (json!({ "files": files(&[("../a.erl", "x")]), "kind": "run" }), 422, "bad-files"),
        (json!({ "files": files(&[("a.ex", "x")]), "kind": "run" }), 422, "bad-files"),
        (json!({ "files": files(&[("a.erl", "x"), ("a.erl", "y")]), "kind": "run" }), 422, "bad-files"),
        (json!({ "files": [{ "name": "a.erl", "text": "x", "mode": 1 }], "kind": "run" }), 400, "bad-request"),
    ] {
        let (got, problem) = post(path, body).await;
        assert_eq!((got, &problem["type"]), (status, &json!(format!("urn:athanor:problem:{kind}"))), "{problem}");
    }
    let sum = "/api/v1/exercises/erlang-sum/submissions";
    let (status, problem) = post(sum, json!({ "files": files(&[("given.erl", "x")]), "kind": "run" })).await;
    assert_eq!(status, 422, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("a file of its own called 'given.erl'"), "{problem}");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_session_that_ended_takes_all_files_along() {
    let app = site().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    sqlx::query("update sessions set expires_at = now() - interval '1 minute'")
        .execute(&app.database.pool)
        .await
        .unwrap();
    let files = [("file:shape.erl", SHAPE), ("file:edge.erl", "%% mine\n"), ("kind", "submit")];
    let answer = ada.post(PATH, &files).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(answer.text().await.unwrap().contains("%% mine"));
    let mut form = files.to_vec();
    form.extend([("email", "ada@example.org"), ("password", "wrong"), ("return_exercise", "erlang-files")]);
    let again = ada.post("/sign-in", &form).await.text().await.unwrap();
    assert!(again.contains("name=\"file:edge.erl\"") && again.contains("%% mine"), "{again}");
    form[4] = ("password", "plum teapot quarrel");
    let back = ada.post("/sign-in", &form).await.text().await.unwrap();
    assert!(back.contains("signed in again") && back.contains("%% mine"), "{back}");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn an_instructor_reads_all_files_of_a_report() {
    let app = site().await;
    let ada = app.browser();
    let wrong = EDGE.replace("Side * Side", "Side");
    let (_, accepted) = send(&ada, &[("shape.erl", SHAPE), ("edge.erl", &wrong)], "submit").await;
    let id = accepted["id"].as_str().unwrap();
    assert_eq!(ada.verdict(id).await["verdict"], "failed");
    ada.post(&format!("/submissions/{id}/report"), &[("words", "It is right.")]).await;
    let ira = app.browser();
    ira.sign_up("ira").await;
    sqlx::query("update users set role = 'instructor' where name = 'ira'").execute(&app.database.pool).await.unwrap();
    let reports = page(&ira, "/instructor/reports").await;
    assert!(reports.contains("── edge.erl ──") && reports.contains("── shape.erl ──"), "{reports}");
    app.stop().await.drop_it().await;
}
