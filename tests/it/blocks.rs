//! Blocks of a lesson that a reader runs: with scripts and without, in real containers.

use std::sync::Arc;
use std::time::Duration;

use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};
use athanor::startup::Grading;
use reqwest::StatusCode;
use serde_json::Value;

use crate::helpers::TestApp;
use crate::helpers::app::{Browser, PATIENCE, fake};
use crate::helpers::database::TestDatabase;

const PATH: &str = "/lessons/numbers/blocks/1";

async fn with_containers() -> TestApp {
    let settings = ContainerSettings { pool_size: 1, max_jobs: 2, ..ContainerSettings::detect() };
    let sandbox = ContainerSandbox::start(settings).await.unwrap();
    TestApp::with(TestDatabase::new().await, fake(), move |_| Grading::In(Arc::new(sandbox)), &[]).await
}

async fn visitor(app: &TestApp) -> Browser {
    let browser = app.browser();
    browser.get("/lessons/numbers").await;
    browser
}

/// Runs code as the page's script does, and answers what comes of it.
async fn run(browser: &Browser, code: &str) -> (String, String) {
    let answer = browser.post_for_json(PATH, &[("code", code)]).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let location = answer.json::<Value>().await.unwrap()["location"].as_str().unwrap().to_owned();
    let result = async {
        loop {
            let answer = browser.get(&location).await;
            let (status, body) = (answer.status(), answer.json::<Value>().await.unwrap());
            if status == StatusCode::OK {
                return (body["html"].as_str().unwrap().to_owned(), body["sentence"].as_str().unwrap().to_owned());
            }
            assert_eq!(status, StatusCode::ACCEPTED, "{body}");
        }
    };
    tokio::time::timeout(PATIENCE, result).await.unwrap()
}

/// The text of some HTML.
fn text(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x2f;", "/")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_a_block_runs_as_a_session_of_iex_would() {
    let app = with_containers().await;
    let reader = visitor(&app).await;
    let (html, sentence) = run(&reader, "a = 20\nIO.puts(\"<b>hi</b>\") # => :ok\n\na + 22").await;
    let seen = text(&html);
    let shown: Vec<&str> = seen.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(
        shown.join("\n").replace("\niex>", " / iex>"),
        "iex> a = 2020 / iex> IO.puts(\"<b>hi</b>\")<b>hi</b>\n:ok / iex> a + 2242",
        "{html}"
    );
    assert!(!html.contains("<b>"), "what is printed is text: {html}");
    assert_eq!(sentence, "It returned 42");

    let (html, _) = run(&reader, "defmodule Box do\n  def n, do: 3\nend\nBox.n() + 1").await;
    assert!(text(&html).contains("{:module, Box, …}") && text(&html).contains("Box.n() + 14"), "{html}");
    for (code, word) in [
        ("1 = 2\n:never", "** (MatchError) no match of right hand side value"),
        ("a = 1\nraise \"oh no\"", "** (RuntimeError) oh no"),
        ("1\n\nnope", "undefined variable \"nope\""),
        ("if true do\n  1\n", "** (TokenMissingError)"),
        ("1 +", "** (TokenMissingError)"),
        ("throw(:x)", "** (throw) :x"),
        ("Process.sleep(:infinity)", "its time is up"),
        ("System.halt(0)", "ended the whole virtual machine"),
        ("for _ <- 1..9, do: IO.puts(String.duplicate(\"x\", 1_000_000))", "printed more than it may"),
    ] {
        let (html, sentence) = run(&reader, code).await;
        assert!(text(&html).contains(word), "{code}: {}", text(&html));
        assert!(!sentence.is_empty() && !text(&html).contains("never:never"), "{sentence}");
    }
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn without_scripts_the_page_comes_back_with_what_came_of_it() {
    let app = TestApp::start().await;
    let reader = visitor(&app).await;
    let sent = reader.post(PATH, &[("code", "1 + 1\r\n")]).await;
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    let location = sent.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.ends_with("#block-1"), "{location}");
    let page = async {
        loop {
            let answer = reader.get(&location).await;
            let refreshes = answer.headers().contains_key("refresh");
            let page = answer.text().await.unwrap();
            if !refreshes {
                return page;
            }
            assert!(page.contains("The result comes here by itself."), "{page}");
        }
    };
    let page = tokio::time::timeout(PATIENCE, page).await.unwrap();
    assert!(page.contains("class=\"session\""), "{page}");
    assert!(page.contains("<details class=\"change\" open>"), "what was changed is still there");

    let empty = reader.post(PATH, &[("code", " ")]).await;
    assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text().await.unwrap().contains("There is no code yet"));
    let large = reader.post(PATH, &[("code", "x".repeat(70_000).as_str())]).await;
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    for path in
        ["/lessons/numbers/blocks/0", "/lessons/numbers/blocks/2", "/lessons/no/blocks/1", "/lessons/numbers/blocks/x"]
    {
        assert_eq!(reader.post(path, &[("code", "1")]).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_lesson_shows_a_button_and_the_code_as_it_is_written() {
    let app = TestApp::start().await;
    let page = app.browser().get("/lessons/numbers").await.text().await.unwrap();
    assert!(
        page.contains("action=\"&#x2f;lessons&#x2f;numbers&#x2f;blocks&#x2f;1#block-1\"")
            || page.contains("action=\"/lessons/numbers/blocks/1#block-1\""),
        "{page}"
    );
    assert!(page.contains("Run<span class=\"unseen\"> example 1</span>"));
    assert!(page.contains("a + 22                 # =&gt; 42"), "comments belong to it");
    assert!(!page.contains("<details class=\"change\" open>"));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn what_came_of_a_block_is_seen_by_who_ran_it_only() {
    let app = TestApp::start().await;
    let (one, other) = (visitor(&app).await, visitor(&app).await);
    let answer = one.post_for_json(PATH, &[("code", "1")]).await;
    let location = answer.json::<Value>().await.unwrap()["location"].as_str().unwrap().to_owned();
    assert_eq!(other.get(&location).await.status(), StatusCode::NOT_FOUND);
    let seen = async {
        while one.get(&location).await.status() != StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, seen).await.unwrap();
    let foreign = app.browser().client.post(app.url(PATH)).header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.form(&[("code", "1")]).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn many_blocks_of_one_reader_are_slowed_down_on_the_page_too() {
    let app =
        TestApp::with(TestDatabase::new().await, fake(), Grading::In, &[("ATHANOR_PROGRAMS_PER_MINUTE_ADDRESS", "2")])
            .await;
    let reader = visitor(&app).await;
    assert_eq!(reader.post(PATH, &[("code", "1")]).await.status(), StatusCode::SEE_OTHER);
    let refused = reader.post(PATH, &[("code", "1 + 2")]).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    let page = refused.text().await.unwrap();
    assert!(page.contains("There were many programs in a short time") && page.contains("1 + 2"), "{page}");
    app.stop().await.drop_it().await;
}
