//! What an editor's buttons ask for: formatting, in real containers, and the starter again; with scripts and without.

use std::sync::Arc;

use athanor::db::programs::{self, RunKind};
use athanor::domain::formatting::Formatting;
use athanor::domain::limits::Limits;
use athanor::sandbox::Sandbox as _;
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};
use athanor::startup::Grading;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::helpers::TestApp;
use crate::helpers::app::{Browser, fake};
use crate::helpers::database::TestDatabase;
use crate::helpers::lessons::STARTER;

const FORMAT: &str = "/exercises/double/format";
const CROOKED: &str = "defmodule  Double do\n def of( n ),do: n*2 # twice\nend";
const STRAIGHT: &str = "defmodule Double do\n  # twice\n  def of(n), do: n * 2\nend\n";

async fn with_containers() -> TestApp {
    let settings = ContainerSettings { pool_size: 1, max_jobs: 2, ..ContainerSettings::detect() };
    let sandbox = ContainerSandbox::start(settings).await.unwrap();
    TestApp::with(TestDatabase::new().await, fake(), move |_| Grading::In(Arc::new(sandbox)), &[]).await
}

async fn reader(app: &TestApp) -> Browser {
    let reader = app.browser();
    reader.get("/lessons/numbers").await;
    reader
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_text_is_written_as_the_formatter_writes_it_or_left_as_it_is() {
    let app = with_containers().await;
    let reader = reader(&app).await;
    let format = async |text: &str| {
        let answer = reader.post_for_json(FORMAT, &[("source", text)]).await;
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    let (status, answer) = format(CROOKED).await;
    assert_eq!((status, answer["source"].as_str()), (StatusCode::OK, Some(STRAIGHT)), "{answer}");
    assert_eq!(answer["sentence"], "Formatted.");
    assert_eq!(format(&STRAIGHT.replace('\n', "\r\n")).await.1["sentence"], "It was formatted already.");

    // It is parsed only: code that would end the VM, or claims what the formatter answers, is text.
    for harmless in
        ["System.halt(0)\n", "a = \"'\\\"); System.halt(0) #\"\n", "IO.puts(\"=\")\n", "# Zoë \u{1f9ea}\n:ok\n"]
    {
        let (status, answer) = format(harmless).await;
        assert_eq!((status, answer["source"].as_str()), (StatusCode::OK, Some(harmless)), "{answer}");
    }
    for (text, line, column, words) in [
        ("defmodule A do\n  def x, do: (1\nend\n", 3, 1, "unexpected reserved word: end"),
        ("x = [1,\n  2)\n", 2, 4, "unexpected token: )"),
        ("def x do\n  1\n", 1, 7, "missing terminator: end"),
        ("1 +\n  + end", 2, 5, "unexpected reserved word: end"),
        ("ok\n\"abc", 2, 1, "missing terminator: \""),
        ("\u{202a}x", 1, 1, "unexpected token"),
    ] {
        let (status, answer) = format(text).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{text}: {answer}");
        assert_eq!((&answer["line"], &answer["column"]), (&json!(line), &json!(column)), "{text}: {answer}");
        assert_eq!(answer["type"], "urn:athanor:problem:syntax-error");
        assert!(answer["message"].as_str().unwrap().starts_with(words), "{text}: {answer}");
    }

    let page = reader.post(FORMAT, &[("source", CROOKED)]).await;
    assert_eq!(page.status(), StatusCode::OK);
    let page = page.text().await.unwrap();
    assert!(page.contains("def of(n), do: n * 2\nend\n</textarea>") && page.contains("<p>Formatted.</p>"), "{page}");
    let page = reader.post(FORMAT, &[("source", "def  x do (")]).await;
    assert_eq!(page.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = page.text().await.unwrap();
    assert!(page.contains("def  x do (</textarea>") && page.contains("missing terminator"), "{page}");

    let files = json!({ "files": [{ "name": "a.ex", "text": "x=1" }, { "name": "b.ex", "text": "" }] });
    let answer = reader.client.post(app.url("/api/v1/exercises/double/format")).header("sec-fetch-site", "same-origin");
    let answer: Value = answer.json(&files).send().await.unwrap().json().await.unwrap();
    let expected = json!([{ "name": "a.ex", "text": "x = 1\n" }, { "name": "b.ex", "text": "" }]);
    assert_eq!(answer["files"], expected, "{answer}");
    app.stop().await.drop_it().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_no_text_keeps_a_formatter_longer_than_it_may() {
    let settings = ContainerSettings { pool_size: 1, max_jobs: 2, ..ContainerSettings::detect() };
    let sandbox = ContainerSandbox::start(settings).await.unwrap();
    // As large and as deep as the site takes it.
    let deep = format!("{}1{}", "[".repeat(32_000), "]".repeat(32_000));
    let asked = Formatting { texts: vec![deep] };
    let report = sandbox.run(asked.job(Limits::DEFAULT), &athanor::sandbox::EventSink::none()).await.unwrap();
    // Whatever comes of it, it ends and is one of the answers that there are.
    assert_eq!(asked.result(report).files.len(), 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_formatted_is_refused_with_its_reason_and_comes_back() {
    let app = TestApp::start().await;
    let reader = reader(&app).await;
    // The fake sandbox answers what no formatter does.
    let answer = reader.post_for_json(FORMAT, &[("source", CROOKED)]).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().await.unwrap().contains("It is left as it was"));
    let empty = reader.post(FORMAT, &[("source", " ")]).await;
    assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text().await.unwrap().contains("There is no code yet"));
    let large = "x".repeat(70_000);
    let answer = reader.post(FORMAT, &[("source", large.as_str())]).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text().await.unwrap().contains(&large), "what was typed comes back");
    assert_eq!(
        reader.post_for_json("/exercises/none/format", &[("source", "1")]).await.status(),
        StatusCode::NOT_FOUND
    );
    let foreign = reader.client.post(app.url(FORMAT)).header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.form(&[("source", "1")]).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let nonsense =
        reader.client.post(app.url("/api/v1/exercises/double/format")).header("sec-fetch-site", "same-origin");
    assert_eq!(nonsense.json(&json!({ "kind": "run" })).send().await.unwrap().status(), StatusCode::BAD_REQUEST);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_reader_who_formats_too_often_waits_and_loses_nothing() {
    let settings = [("ATHANOR_PROGRAMS_PER_MINUTE_ADDRESS", "2")];
    let app = TestApp::with(TestDatabase::new().await, fake(), Grading::In, &settings).await;
    let reader = reader(&app).await;
    reader.post(FORMAT, &[("source", "1")]).await;
    let refused = reader.post(FORMAT, &[("source", "2 + 3")]).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    assert!(refused.text().await.unwrap().contains("2 + 3</textarea>"));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_reader_may_have_so_many_waiting_and_a_request_that_is_closed_calls_its_own_off() {
    let settings = [("ATHANOR_PROGRAMS_MAX_EACH", "1")];
    let app = TestApp::with(TestDatabase::new().await, fake(), |_| Grading::Elsewhere, &settings).await;
    let pool = app.database.pool.clone();
    let reader = reader(&app).await;
    let waiting = tokio::spawn({
        let reader = reader.clone();
        async move { reader.post_for_json(FORMAT, &[("source", "1")]).await }
    });
    let row = async |wanted: &str| loop {
        let state: Option<String> = sqlx::query_scalar("select state from program_runs where kind = 'format'")
            .fetch_optional(&pool)
            .await
            .unwrap();
        if state.as_deref() == Some(wanted) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    row("queued").await;
    let second = reader.post_for_json(FORMAT, &[("source", "2")]).await;
    assert_eq!(second.status(), StatusCode::TOO_MANY_REQUESTS);
    waiting.abort();
    row("cancelled").await;
    assert_eq!(RunKind::Format.as_str(), "format");
    assert_eq!(programs::purge(&pool, std::time::Duration::ZERO).await.unwrap(), 1, "it goes as all runs go");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn the_starter_comes_back_and_what_was_typed_stays_on_the_page() {
    let app = TestApp::start().await;
    let reader = reader(&app).await;
    let typed = "defmodule Mine do\nend </textarea>\n";
    let answer: Value =
        reader.post_for_json("/exercises/double/starter", &[("source", typed)]).await.json().await.unwrap();
    assert_eq!(answer["source"], STARTER);
    let page = reader.post("/exercises/double/starter", &[("source", typed)]).await.text().await.unwrap();
    assert!(page.contains(&format!("\n{STARTER}</textarea>")), "{page}");
    assert!(page.contains("What you had written") && page.contains("defmodule Mine do"), "{page}");
    assert!(!page.contains("aria-invalid"), "nothing is wrong");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_page_names_all_cases_before_anything_ran_and_shows_nothing_of_hidden_ones_but_the_name() {
    let app = TestApp::start().await;
    let page = app.browser().get("/lessons/numbers").await.text().await.unwrap();
    assert!(
        page.contains("<li data-case=\"two\">") && page.contains("<li data-case=\"a secret\" data-hidden>"),
        "{page}"
    );
    assert!(!page.contains("-13") && !page.contains("-26"), "{page}");
    app.stop().await.drop_it().await;
}
