//! Input that cannot be taken: a clear message, the right status, and what was typed still there.

use std::sync::Arc;

use athanor::auth::password::Passwords;
use athanor::web::state::Published;
use athanor::web::{self, AppState, Settings};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::helpers::TestApp;
use crate::helpers::app::Browser;
use crate::helpers::database::TestDatabase;
use crate::helpers::lessons::{self, DOUBLE};

const PATH: &str = "/exercises/double/submissions";

async fn text(answer: Response) -> String {
    answer.text().await.expect("a text")
}

async fn raw(app: &TestApp, browser: &Browser, body: Vec<u8>) -> Response {
    let request = browser.client.post(app.url(PATH)).header("sec-fetch-site", "same-origin");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(body).send().await.expect("an answer")
}

async fn submissions(app: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from submissions").fetch_one(&app.database.pool).await.expect("a count")
}

#[tokio::test]
async fn empty_oversized_and_foreign_bytes_are_refused_on_the_page_with_what_was_typed() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    let empty = guest.post(PATH, &[("source", " \r\n"), ("kind", "run")]).await;
    assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(empty).await.contains("There is no code yet"));

    let large = "é".repeat(40_000);
    let oversized = guest.post(PATH, &[("source", large.as_str()), ("kind", "submit")]).await;
    assert_eq!(oversized.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let page = text(oversized).await;
    assert!(page.contains("The code has 80000 bytes; at most 65536 are accepted."));
    assert!(page.contains(&large), "the text is still there");

    let foreign = raw(&app, &guest, b"kind=run&source=abc%FF%FEdef".to_vec()).await;
    assert_eq!(foreign.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(foreign).await;
    assert!(page.contains("not valid UTF-8") && page.contains("abc\u{fffd}\u{fffd}def"), "{page}");

    assert_eq!(submissions(&app).await, 0);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn where_json_was_asked_for_problems_are_json() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    for (form, status, kind) in [
        (&[("source", ""), ("kind", "run")][..], 422, "empty-source"),
        (&[("source", "x"), ("kind", "walk")], 400, "bad-request"),
        (&[("source", "x"), ("kind", "run"), ("version", "7")], 400, "bad-request"),
        (
            &[("source", "x"), ("kind", "run"), ("version", "01a1fbdf-9308-712b-a157-a0184a051b75")],
            422,
            "unknown-version",
        ),
    ] {
        let answer = guest.post_for_json(PATH, form).await;
        assert_eq!(answer.status(), status, "{form:?}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Value = answer.json().await.expect("JSON");
        assert_eq!(problem["type"], format!("urn:athanor:problem:{kind}"));
        assert_eq!(problem["status"], status);
    }
    let body = r#"{"source": "x", "kind": "run", "surprise": 1}"#;
    let request = guest.client.post(app.url(PATH)).header("content-type", "application/json");
    let answer = request.header("sec-fetch-site", "same-origin").body(body).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn json_in_is_json_out() {
    let app = TestApp::without_worker().await;
    // No cookie and no header of a browser: a program.
    let request = reqwest::Client::new().post(app.url(PATH)).header("content-type", "application/json");
    let answer = request.body(r#"{"source": "x = 1", "kind": "run"}"#).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let location = answer.headers()["location"].to_str().expect("a path").to_owned();
    let body: Value = answer.json().await.expect("JSON");
    assert_eq!(body["state"], "queued");
    assert_eq!(body["location"], location);
    assert_eq!(body["events"], format!("{location}/events"));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn an_unknown_exercise_is_said_to_be_unknown_and_the_code_is_given_back() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    for exercise in ["nonsense", "No%20Kebab"] {
        let path = format!("/exercises/{exercise}/submissions");
        let answer = guest.post(&path, &[("source", DOUBLE), ("kind", "run")]).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        let page = text(answer).await;
        assert!(page.contains("There is no such exercise") && page.contains("n * 2"), "{page}");
    }
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn more_than_anybody_types_is_not_read_to_its_end() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    let mut body = b"kind=run&source=".to_vec();
    body.resize(1024 * 1024 + 1, b'x');
    let answer = raw(&app, &guest, body).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(text(answer).await.contains("That is too much at once"));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn another_site_cannot_hand_in_code_in_somebodys_name() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let form = [("source", DOUBLE), ("kind", "submit")];
    let host = app.address.trim_start_matches("http://").to_owned();
    for (headers, allowed) in [
        (vec![("sec-fetch-site", "cross-site")], false),
        (vec![("sec-fetch-site", "same-site")], false),
        (vec![("origin", "http://evil.example")], false),
        (vec![("origin", "null")], false),
        (vec![], false),
        (vec![("origin", app.address.as_str()), ("host", host.as_str())], true),
    ] {
        let mut request = ada.client.post(app.url(PATH)).form(&form);
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("an answer");
        let expected = if allowed { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN };
        assert_eq!(answer.status(), expected, "{headers:?}");
    }
    assert_eq!(submissions(&app).await, 1);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn an_ended_session_says_so_and_signing_in_from_there_brings_the_code_along() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    sqlx::query("update sessions set expires_at = now() - interval '1 minute'")
        .execute(&app.database.pool)
        .await
        .expect("an update");
    let form = [("source", DOUBLE), ("kind", "submit")];
    let json = ada.post_for_json(PATH, &form).await;
    assert_eq!(json.status(), StatusCode::UNAUTHORIZED);
    let answer = ada.post(PATH, &form).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let page = text(answer).await;
    assert!(page.contains("Your session has ended") || page.contains("You were signed out"), "{page}");
    assert!(page.contains("n * 2") && page.contains("name=\"password\""), "{page}");
    let wrong = [("email", "ada@example.org"), ("password", "no"), ("return_exercise", "double"), ("source", DOUBLE)];
    let again = ada.post("/sign-in", &wrong).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(again).await.contains("n * 2"), "a slip in the password loses nothing");
    let right = [
        ("email", "ada@example.org"),
        ("password", "plum teapot quarrel"),
        ("return_exercise", "double"),
        ("source", DOUBLE),
    ];
    let back = ada.post("/sign-in", &right).await;
    assert_eq!(back.status(), StatusCode::OK);
    let page = text(back).await;
    assert!(page.contains("You are signed in again") && page.contains("n * 2") && page.contains("ada"), "{page}");
    assert_eq!(ada.post(PATH, &form).await.status(), StatusCode::SEE_OTHER);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn whose_session_ended_may_go_on_as_a_guest() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    sqlx::query("update sessions set expires_at = now() - interval '1 minute'")
        .execute(&app.database.pool)
        .await
        .expect("an update");
    let form = [("source", DOUBLE), ("kind", "submit"), ("as_guest", "yes")];
    assert_eq!(ada.post(PATH, &form).await.status(), StatusCode::SEE_OTHER);
    let role: String = sqlx::query_scalar("select role from users join submissions on user_id = users.id")
        .fetch_one(&app.database.pool)
        .await
        .expect("an author");
    assert_eq!(role, "guest");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn without_the_database_lessons_can_be_read_and_typed_code_is_kept() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    lessons::write(folder.path());
    let course = Arc::new(athanor::content::load(folder.path(), None).course);
    let pool = athanor::db::connect(database.options.clone(), 2).await.expect("the schema");
    pool.close().await;
    let state =
        AppState::new(Settings::default(), pool, Published { course, ..Published::default() }, Passwords::new(1));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let stop = CancellationToken::new();
    let site = tokio::spawn(web::run(listener, state, stop.clone()));

    let client = reqwest::Client::builder().cookie_store(true).build().expect("a client");
    let get = |path: &str| client.get(format!("{address}{path}")).send();
    let post = |accept: &str| {
        let request = client.post(format!("{address}{PATH}")).header("sec-fetch-site", "same-origin");
        request.header("accept", accept).form(&[("source", DOUBLE), ("kind", "submit")]).send()
    };
    // The first page gives a cookie, and with it the database is asked.
    for _ in 0..2 {
        let home = get("/").await.expect("an answer");
        assert_eq!(home.status(), StatusCode::OK);
    }
    let lesson = get("/lessons/numbers").await.expect("an answer");
    assert_eq!(lesson.status(), StatusCode::OK);
    let page = text(lesson).await;
    assert!(page.contains("You can read on meanwhile") && page.contains("def of(n), do: n"), "{page}");
    let answer = post("text/html").await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key("retry-after"));
    let page = text(answer).await;
    assert!(page.contains("Nothing was stored"), "{page}");
    assert!(page.contains("n * 2"), "what was typed is still there");
    let json = post("application/json").await.expect("an answer");
    assert_eq!(json.status(), StatusCode::SERVICE_UNAVAILABLE);
    let problem: Value = json.json().await.expect("JSON");
    assert_eq!(problem["type"], "urn:athanor:problem:database-away");
    assert_eq!(get("/progress").await.expect("an answer").status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(get("/readyz").await.expect("an answer").status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(get("/healthz").await.expect("an answer").status(), StatusCode::OK);
    stop.cancel();
    site.await.expect("no panic").expect("no error");
    database.drop_it().await;
}
