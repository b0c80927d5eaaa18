//! Tokens of the API: made once, shown once, good for what they are for.

use std::sync::Arc;

use athanor::sandbox::fake::{FakeAnswer, FakeSandbox};
use athanor::sandbox::fake_programs::FakePrograms;
use athanor::startup::Grading;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::helpers::TestApp;
use crate::helpers::app::{Browser, fake};
use crate::helpers::database::TestDatabase;
use crate::helpers::lessons::{DOUBLE, STARTER};

/// A site whose worker has a language called `lines`.
async fn site(settings: &[(&str, &str)]) -> TestApp {
    let programs = Arc::new(FakePrograms::new(&["lines"]));
    let sandbox = FakeSandbox::new(|ask| FakeAnswer::value(&ask.step.code)).with_programs(programs);
    let app = TestApp::with(TestDatabase::new().await, Arc::new(sandbox), Grading::In, settings).await;
    let has_lines = async || app.browser().get_json("/api/v1/languages").await["languages"] != json!([]);
    let wait = async {
        while !has_lines().await {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(crate::helpers::app::PATIENCE, wait).await.expect("a worker");
    app
}

async fn make(browser: &Browser, scopes: &[&str]) -> String {
    let mut form = vec![("name", "my editor"), ("expires_days", "30")];
    form.extend(scopes.iter().map(|scope| ("scope", *scope)));
    let made = browser.post_for_json("/api/v1/account/tokens", &form).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    made.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned()
}

/// A program: it has no cookies and sends no headers of a browser.
fn ask(app: &TestApp, method: Method, path: &str, token: &str) -> RequestBuilder {
    Client::new().request(method, app.url(path)).header("authorization", format!("Bearer {token}"))
}

async fn run(app: &TestApp, path: &str, token: &str) -> Response {
    ask(app, Method::POST, path, token).json(&json!({ "code": "out a" })).send().await.unwrap()
}

/// Status, type, challenge and detail of a problem.
async fn problem(answer: Response) -> (u16, String, String, String) {
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let challenge = answer.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    let kind = body["type"].as_str().unwrap().trim_start_matches("urn:athanor:problem:").to_owned();
    (status, kind, challenge.unwrap_or_default(), body["detail"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_token_is_shown_once_and_only_its_hash_is_kept() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    assert_eq!(ada.get("/account/tokens").await.headers()["location"], "/sign-in?next=/account/tokens");
    ada.sign_up("ada").await;
    let bad = ada.post("/account/tokens", &[("name", " "), ("scope", "everything")]).await;
    assert_eq!(bad.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = bad.text().await.unwrap();
    assert!(page.contains("name-error") && page.contains("&#x27;everything&#x27; is not a scope"), "{page}");
    let form = [("name", "my <editor>"), ("scope", "run"), ("scope", "submit"), ("expires_days", "0")];
    let made = ada.post("/account/tokens", &form).await;
    assert_eq!((made.status(), &made.headers()["cache-control"]), (StatusCode::CREATED, &"no-store".parse().unwrap()));
    let page = made.text().await.unwrap();
    let at = page.find("athanor_").expect("the token");
    let token = &page[at..at + 51];
    assert!(page.contains("my &lt;editor&gt;") && page.contains("run, submit"), "{page}");
    assert!(!ada.get("/account/tokens").await.text().await.unwrap().contains("athanor_"), "once");
    let rows: Vec<String> = sqlx::query_scalar("select row_to_json(t)::text from api_tokens t")
        .fetch_all(&app.database.pool)
        .await
        .unwrap();
    assert!(rows.len() == 1 && !rows[0].contains(&token[8..]), "{rows:?}");
    let listed = &ada.get_json("/api/v1/account/tokens").await["tokens"][0];
    assert_eq!((&listed["scopes"], &listed["expires_at"]), (&json!(["run", "submit"]), &Value::Null));
    assert!(listed["last_used_at"].is_null());
    run(&app, "/api/v1/run/lines", token).await;
    assert!(ada.get_json("/api/v1/account/tokens").await["tokens"][0]["last_used_at"].is_string());
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn wrong_expired_and_revoked_tokens_open_nothing_and_say_why() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let token = make(&ada, &["run"]).await;
    let refused = async |token: &str, word: &str| {
        for path in ["/api/v1/run/lines", "/run/lines"] {
            let (status, kind, challenge, detail) = problem(run(&app, path, token).await).await;
            assert_eq!((status, kind.as_str()), (401, "invalid-token"));
            assert_eq!(challenge, "Bearer realm=\"athanor\", error=\"invalid_token\"");
            assert!(detail.contains(word), "{detail}");
        }
        let anywhere = ask(&app, Method::GET, "/api/v1/languages", token).send().await.unwrap();
        assert_eq!(anywhere.status(), StatusCode::UNAUTHORIZED, "also where none is needed");
    };
    refused("", "not one of ours").await;
    refused("abc", "not one of ours").await;
    let mut other = token.clone().into_bytes();
    other[20] = if other[20] == b'a' { b'b' } else { b'a' };
    refused(std::str::from_utf8(&other).unwrap(), "not one of ours").await;
    sqlx::query("update api_tokens set expires_at = now()").execute(&app.database.pool).await.unwrap();
    refused(&token, "time is over").await;
    let page = ada.get("/account/tokens").await.text().await.unwrap();
    assert!(page.contains(">ended</strong>"), "{page}");
    sqlx::query("update api_tokens set expires_at = null").execute(&app.database.pool).await.unwrap();
    let id = ada.get_json("/api/v1/account/tokens").await["tokens"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/account/tokens/{id}/revoke");
    let ben = app.browser();
    ben.sign_up("ben").await;
    assert_eq!(ben.post(&path, &[]).await.status(), StatusCode::NOT_FOUND, "not theirs");
    assert_eq!(ada.post(&path, &[]).await.status(), StatusCode::SEE_OTHER);
    refused(&token, "revoked").await;
    assert_eq!(ada.get_json("/api/v1/account/tokens").await["tokens"], json!([]));
    let unknown = Client::new().get(app.url("/api/v1/instructor/reports")).send().await.unwrap();
    let (status, _, challenge, _) = problem(unknown).await;
    assert_eq!((status, challenge.as_str()), (401, "Bearer realm=\"athanor\""), "without any, the way in is named");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_token_hands_in_and_reads_what_it_handed_in_without_a_cookie() {
    let app = TestApp::start().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let token = make(&ada, &["submit"]).await;
    let body = json!({ "source": DOUBLE, "kind": "submit" });
    // A browser's cookie beside the token is not looked at, nor is where the request comes from.
    let answer = ask(&app, Method::POST, "/api/v1/exercises/double/submissions", &token)
        .header("cookie", "athanor=abc")
        .header("sec-fetch-site", "cross-site")
        .json(&body);
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    assert!(!answer.headers().contains_key("set-cookie"));
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.starts_with("/api/v1/submissions/"), "{location}");
    let events = answer.json::<Value>().await.unwrap()["events"].as_str().unwrap().to_owned();
    let stream = ask(&app, Method::GET, &events, &token).send().await.unwrap().text().await.unwrap();
    assert!(stream.contains("event: verdict"), "{stream}");
    let read: Value = ask(&app, Method::GET, &location, &token).send().await.unwrap().json().await.unwrap();
    assert_eq!(read["verdict"], "passed");
    let id = location.rsplit('/').next().unwrap();
    assert_eq!(ada.verdict(id).await["verdict"], "passed", "it is the owner's own");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_missing_scope_is_named_and_no_token_reaches_further_than_its_owner() {
    let app = TestApp::with(TestDatabase::new().await, fake(), Grading::In, &[]).await;
    let ira = app.browser();
    ira.sign_up("ira").await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let of_ada = ada.submit("double", "submit", STARTER).await;
    ada.verdict(&of_ada).await;
    let path = format!("/api/v1/submissions/{of_ada}");
    let (run_only, submits, reads) =
        (make(&ira, &["run"]).await, make(&ira, &["submit", "review"]).await, make(&ira, &["read"]).await);
    let (status, kind, challenge, detail) =
        problem(ask(&app, Method::GET, &path, &run_only).send().await.unwrap()).await;
    assert_eq!((status, kind.as_str()), (403, "insufficient-scope"));
    assert!(challenge.contains("insufficient_scope") && challenge.contains("scope=\"submit read\""), "{challenge}");
    assert!(detail.contains("“submit” or “read”"), "{detail}");
    let status = async |method: Method, path: &str, token: &str| {
        ask(&app, method, path, token).send().await.unwrap().status().as_u16()
    };
    assert_eq!(
        status(Method::GET, "/api/v1/instructor/reports", &reads).await,
        403,
        "a learner's token reviews nothing"
    );
    assert_eq!(status(Method::GET, &path, &reads).await, 404);
    sqlx::query("update users set role = 'instructor' where name = 'ira'").execute(&app.database.pool).await.unwrap();
    assert_eq!(status(Method::GET, "/api/v1/instructor/reports", &reads).await, 200);
    assert_eq!(status(Method::GET, &path, &reads).await, 200, "an instructor's token reads what they may read");
    assert_eq!(status(Method::GET, &path, &submits).await, 404, "one for handing in reads its owner's only");
    assert_eq!(status(Method::GET, "/api/v1/instructor/reports", &submits).await, 403);
    for (method, path) in [
        (Method::GET, "/api/v1/account/tokens"),
        (Method::POST, "/api/v1/account/tokens"),
        (Method::GET, "/api/v1/nothing"),
    ] {
        let (status, kind, ..) = problem(ask(&app, method, path, &reads).send().await.unwrap()).await;
        assert_eq!((status, kind.as_str()), (403, "not-by-token"), "{path}");
    }
    let page = ask(&app, Method::GET, "/account/tokens", &reads).send().await.unwrap();
    assert_eq!(page.url().path(), "/sign-in", "pages do not look at tokens");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn each_token_has_a_rate_of_its_own_and_so_has_the_address() {
    // Half of a minute's may come at once: one of a token, three from the address. What is refused counts for the address.
    let limits = [("ATHANOR_PROGRAMS_PER_MINUTE_TOKEN", "2"), ("ATHANOR_PROGRAMS_PER_MINUTE_ADDRESS", "6")];
    let app = site(&limits).await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let (first, second, third) = (make(&ada, &["run"]).await, make(&ada, &["run"]).await, make(&ada, &["run"]).await);
    let status = async |path: &str, token: &str| {
        let answer = run(&app, path, token).await;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            assert!(answer.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
        }
        answer.status().as_u16()
    };
    assert_eq!(status("/api/v1/run/lines", &first).await, 200);
    assert_eq!(status("/run/lines", &first).await, 429, "the token's");
    assert_eq!(status("/run/lines", &second).await, 200);
    assert_eq!(status("/api/v1/run/lines", &third).await, 429, "the address's: the third token has all of its own");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_password_that_somebody_else_set_ends_the_tokens_too() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let token = make(&ada, &["read"]).await;
    let email = athanor::domain::account::Email::parse("ada@example.org").unwrap();
    athanor::db::users::set_one_time_password(&app.database.pool, &email, "$argon2id$none").await.unwrap();
    let answer = ask(&app, Method::GET, "/api/v1/languages", &token).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_block_of_a_lesson_runs_by_a_token() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let token = make(&ada, &["run"]).await;
    let none =
        ask(&app, Method::POST, "/api/v1/lessons/numbers/blocks/99", &token).json(&json!({})).send().await.unwrap();
    assert_eq!(problem(none).await.0, 404);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn the_command_line_makes_lists_and_revokes_tokens() {
    let app = TestApp::without_worker().await;
    app.browser().sign_up("ada").await;
    let url = app.database.url();
    let athanor = async |arguments: &[&str]| {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_athanor"));
        let output = command.arg("user").args(arguments).env("DATABASE_URL", &url).output().await.unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, token) = athanor(&["token", "ada@example.org", "--scopes", "run,read", "--days", "7"]).await;
    assert_eq!(code, 0);
    let seen = ask(&app, Method::GET, "/api/v1/languages", token.trim()).send().await.unwrap();
    assert_eq!(seen.status(), StatusCode::OK);
    assert_eq!(athanor(&["token", "ada@example.org", "--scopes", "root"]).await.0, 2);
    assert_eq!(athanor(&["token", "nobody@example.org", "--scopes", "run"]).await.0, 2);
    let (_, listed) = athanor(&["tokens", "ada@example.org"]).await;
    assert!(listed.contains("(run, read)"), "{listed}");
    let id = listed.split_whitespace().next().unwrap();
    assert_eq!(athanor(&["tokens", "ada@example.org", "--revoke", id]).await.0, 0);
    let seen = ask(&app, Method::GET, "/api/v1/languages", token.trim()).send().await.unwrap();
    assert_eq!(seen.status(), StatusCode::UNAUTHORIZED);
    app.stop().await.drop_it().await;
}
