//! IEx in the lesson: what a page and its owner may do, over a socket and without one. The VM is a fake one here.

use athanor::startup::Grading;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::helpers::TestApp;
use crate::helpers::app::{Browser, PATIENCE, fake};
use crate::helpers::database::TestDatabase;
use crate::helpers::lessons::DOUBLE;
use crate::helpers::socket::{Heard, Socket};

async fn with(settings: &[(&str, &str)]) -> TestApp {
    TestApp::with(TestDatabase::new().await, fake(), Grading::In, settings).await
}

pub async fn visitor(app: &TestApp) -> Browser {
    let browser = app.browser();
    browser.get("/lessons/numbers").await;
    browser
}

/// Opens a console as the page's script does, and answers its path.
pub async fn open(browser: &Browser) -> String {
    let answer = browser.post_for_json("/exercises/double/console", &[("source", DOUBLE)]).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    answer.json::<Value>().await.unwrap()["location"].as_str().unwrap().to_owned()
}

pub async fn connect(browser: &Browser, path: &str) -> Socket {
    Socket::open(browser, &format!("{path}/socket")).await
}

/// Loads a page until this is on it.
async fn shows(browser: &Browser, path: &str, wanted: &str) -> String {
    let page = async {
        loop {
            let page = browser.get(path).await.text().await.unwrap();
            if page.contains(wanted) {
                return page;
            }
        }
    };
    tokio::time::timeout(PATIENCE, page).await.unwrap()
}

/// Waits until something that was said is refused.
async fn refusal(socket: &mut Socket) -> Value {
    loop {
        match socket.next().await {
            Heard::Json(message) if message["op"] == "refused" => return message,
            Heard::Json(_) => {}
            closed => panic!("{closed:?}"),
        }
    }
}

/// Waits until the rows say why a console ended. Nobody must be seen to be there meanwhile.
async fn end_of(app: &TestApp, path: &str) -> String {
    let id: uuid::Uuid = path.rsplit('/').next().unwrap().parse().unwrap();
    let ended = async {
        loop {
            let reason: Option<String> = sqlx::query_scalar("select reason from consoles where id = $1")
                .bind(id)
                .fetch_one(&app.database.pool)
                .await
                .unwrap();
            if let Some(reason) = reason {
                return reason;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("an end")
}

#[tokio::test]
async fn what_is_typed_comes_back_with_what_it_gives_and_a_closed_console_is_over() {
    let app = TestApp::start().await;
    let learner = visitor(&app).await;
    let path = open(&learner).await;
    let mut socket = connect(&learner, &path).await;
    assert_eq!(socket.until_prompt().await, "solution.ex\niex(1)> ", "the learner's code, and nothing else");
    assert_eq!(socket.type_in("1 + 1").await, "1 + 1\n1 + 1\niex(2)> ");
    socket.send(json!({ "op": "interrupt" })).await;
    assert_eq!(socket.until_prompt().await, "** (EXIT) interrupted\niex(3)> ");
    socket.send(json!({ "op": "close" })).await;
    assert_eq!(socket.until_ended().await, "closed");
    assert_eq!(socket.next().await, Heard::Closed(1000, String::new()));
    let shown = learner.get_json(&path).await;
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("ended"), &json!("closed")));
    assert_eq!(
        learner.post_for_json(&format!("{path}/lines"), &[("text", "1")]).await.status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_page_that_is_loaded_again_finds_its_console_and_one_that_is_not_loses_it() {
    let app = with(&[("ATHANOR_CONSOLE_GRACE_MS", "1000")]).await;
    let learner = visitor(&app).await;
    let path = open(&learner).await;
    let mut first = connect(&learner, &path).await;
    first.until_prompt().await;
    first.type_in("x = 1").await;
    drop(first);
    let mut second = Socket::open(&learner, &format!("{path}/socket?after=3")).await;
    assert_eq!(second.until_prompt().await, "x = 1\niex(2)> ", "only what is new to it");
    drop(second);
    assert_eq!(end_of(&app, &path).await, "left");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_console_is_its_owner_s_only_and_no_other_site_s() {
    let app = TestApp::start().await;
    let (learner, other) = (visitor(&app).await, visitor(&app).await);
    let path = open(&learner).await;
    let socket = format!("{path}/socket");
    // Somebody we know, too.
    open(&other).await;
    assert_eq!(other.get(&path).await.status(), StatusCode::NOT_FOUND);
    for act in ["lines", "interrupt", "close"] {
        let answer = other.post_for_json(&format!("{path}/{act}"), &[("text", "1")]).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{act}");
    }
    assert!(Socket::ask(&other, &socket, other.address()).await.is_err_and(|status| status.contains("404")));
    assert!(Socket::ask(&app.browser(), &socket, other.address()).await.is_err_and(|status| status.contains("404")));
    let foreign = Socket::ask(&learner, &socket, "http://evil.example").await;
    assert!(foreign.is_err_and(|status| status.contains("403")));
    let plain = learner.get_json(&socket).await;
    assert_eq!(plain["status"], 403, "a page that is no page of ours, and says nothing of where it comes from");
    let mut own = connect(&learner, &path).await;
    own.until_prompt().await;
    let cross = learner.client.post(app.url(&format!("{path}/lines"))).header("sec-fetch-site", "cross-site");
    assert_eq!(cross.form(&[("text", "1")]).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn frames_that_are_too_large_or_none_close_the_socket_and_not_the_console() {
    let app = TestApp::start().await;
    let learner = visitor(&app).await;
    let path = open(&learner).await;
    let mut socket = connect(&learner, &path).await;
    socket.until_prompt().await;
    // What fits a frame and is too long a line is refused, and nothing closes.
    socket.send(json!({ "op": "lines", "text": "x".repeat(65_537) })).await;
    let refused = refusal(&mut socket).await;
    assert!(refused["detail"].as_str().unwrap().contains("at most 65536"), "{refused}");
    assert!(socket.type_in(&"y".repeat(65_536)).await.contains("yyyy"));
    for (message, code) in [(vec![b'x'; 200_000], 1009), (b"{\"op\":\"dance\"}".to_vec(), 1008), (b"x".to_vec(), 1008)]
    {
        socket.send_text(&message).await;
        loop {
            match socket.next().await {
                Heard::Json(_) => {}
                Heard::Closed(closed, reason) => {
                    assert_eq!(closed, code);
                    assert!(!reason.is_empty());
                    break;
                }
            }
        }
        socket = connect(&learner, &path).await;
    }
    socket.send(json!({ "op": "lines", "text": "still here" })).await;
    socket.until_shown("still here").await;
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn it_ends_with_the_session_and_with_the_next_one_that_is_opened() {
    let app = TestApp::start().await;
    let learner = app.browser();
    learner.sign_up("ada").await;
    let path = open(&learner).await;
    let mut first = connect(&learner, &path).await;
    first.until_prompt().await;
    let second = open(&learner).await;
    assert_eq!(first.until_ended().await, "replaced");
    let mut socket = connect(&learner, &second).await;
    socket.until_prompt().await;
    learner.post("/sign-out", &[]).await;
    assert_eq!(socket.until_ended().await, "signed_out");
    assert_eq!(learner.get(&second).await.status(), StatusCode::NOT_FOUND);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn without_scripts_a_form_types_and_the_page_shows_what_came_of_it() {
    let app = TestApp::start().await;
    let learner = visitor(&app).await;
    let opened = learner.post("/lessons/numbers/blocks/1/console", &[("code", "a = 20\r\n\r\na + 22")]).await;
    assert_eq!(opened.status(), StatusCode::SEE_OTHER);
    let path = opened.headers()["location"].to_str().unwrap().to_owned();
    let page = shows(&learner, &path, "<span class=\"typed\">a + 22\n</span>").await;
    assert!(page.contains("<span class=\"typed\">a = 20\n</span>") && page.contains("data-prompt>"), "{page}");
    let sent = learner.post(&format!("{path}/lines"), &[("text", "<b>hi</b>\r\n")]).await;
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    shows(&learner, &path, "class=\"typed\">&lt;b&gt;hi").await;
    let large = learner.post(&format!("{path}/lines"), &[("text", "z".repeat(70_000).as_str())]).await;
    assert_eq!(large.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(large.text().await.unwrap().contains("zzzz"), "what was typed is not lost");
    let closed = learner.post(&format!("{path}/close"), &[]).await;
    assert_eq!(closed.headers()["location"], "/lessons/numbers#block-1");
    let page = learner.get(&path).await.text().await.unwrap();
    assert!(page.contains("IEx is closed.") && !page.contains("<textarea"), "{page}");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_console_that_nobody_types_at_or_that_is_old_ends() {
    for (setting, reason) in [("ATHANOR_CONSOLE_IDLE_S", "idle"), ("ATHANOR_CONSOLE_TOTAL_S", "total")] {
        let app = with(&[(setting, "1")]).await;
        let learner = visitor(&app).await;
        let mut socket = connect(&learner, &open(&learner).await).await;
        assert_eq!(socket.until_ended().await, reason);
        app.stop().await.drop_it().await;
    }
}

#[tokio::test]
async fn who_finds_no_place_waits_and_is_told_so_and_too_many_are_not_taken() {
    let app = with(&[("ATHANOR_CONSOLES_AT_ONCE", "1"), ("ATHANOR_CONSOLES_MAX_WAITING", "1")]).await;
    let (one, two, three) = (visitor(&app).await, visitor(&app).await, visitor(&app).await);
    let mut first = connect(&one, &open(&one).await).await;
    first.until_prompt().await;
    let mut second = connect(&two, &open(&two).await).await;
    let Heard::Json(waiting) = second.next().await else { panic!("closed") };
    assert_eq!((&waiting["op"], &waiting["state"]), (&json!("state"), &json!("queued")));
    let refused = three.post_for_json("/exercises/double/console", &[("source", DOUBLE)]).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    first.send(json!({ "op": "close" })).await;
    assert!(second.until_prompt().await.ends_with("iex(1)> "));
    second.send(json!({ "op": "lines", "text": "halt" })).await;
    assert_eq!(second.until_ended().await, "halted");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn who_types_too_often_or_opens_too_many_is_slowed_down() {
    let app = with(&[("ATHANOR_CONSOLES_PER_MINUTE", "2"), ("ATHANOR_CONSOLES_INPUTS_PER_MINUTE", "2")]).await;
    let learner = visitor(&app).await;
    let path = open(&learner).await;
    let mut socket = connect(&learner, &path).await;
    socket.until_prompt().await;
    socket.type_in("1").await;
    socket.send(json!({ "op": "lines", "text": "2" })).await;
    let refused = refusal(&mut socket).await;
    assert!(refused["detail"].as_str().unwrap().contains("many lines"), "{refused}");
    let again = learner.post_for_json("/exercises/double/console", &[("source", DOUBLE)]).await;
    assert_eq!(again.status(), StatusCode::TOO_MANY_REQUESTS);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_site_that_stops_does_not_wait_for_open_sockets_and_lesson_pages_offer_iex() {
    let app = TestApp::start().await;
    let learner = visitor(&app).await;
    let page = learner.get("/lessons/numbers").await.text().await.unwrap();
    assert!(page.contains("formaction=\"/exercises/double/console\""), "{page}");
    assert!(page.contains("Open in IEx"));
    let mut socket = connect(&learner, &open(&learner).await).await;
    socket.until_prompt().await;
    // `stop` fails when the server does not come to its end.
    app.stop().await.drop_it().await;
    let off = with(&[("ATHANOR_CONSOLES", "off")]).await;
    let learner = visitor(&off).await;
    let page = learner.get("/lessons/numbers").await.text().await.unwrap();
    assert!(!page.contains("IEx"), "{page}");
    let answer = learner.post_for_json("/exercises/double/console", &[("source", DOUBLE)]).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    off.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_person_has_few_sockets_and_one_that_floods_is_closed() {
    let app = TestApp::start().await;
    let learner = visitor(&app).await;
    let path = open(&learner).await;
    let mut sockets = Vec::new();
    for _ in 0..4 {
        sockets.push(connect(&learner, &path).await);
    }
    let fifth = Socket::ask(&learner, &format!("{path}/socket"), learner.address()).await;
    assert!(fifth.is_err_and(|status| status.contains("429")));
    let mut socket = sockets.remove(0);
    socket.until_prompt().await;
    socket.ping(500).await;
    let closed = loop {
        match socket.next().await {
            Heard::Json(_) => {}
            closed => break closed,
        }
    };
    assert_eq!(closed, Heard::Closed(1008, "too many pings".to_owned()));
    assert!(sockets[0].until_prompt().await.ends_with("iex(1)> "), "the others stay");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_token_that_is_revoked_ends_the_console_it_is_used_at() {
    let app = with(&[("ATHANOR_CONSOLE_GRACE_MS", "1000")]).await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let form = [("name", "my editor"), ("expires_days", "30"), ("scope", "run")];
    let made: Value = ada.post_for_json("/api/v1/account/tokens", &form).await.json().await.unwrap();
    let bearer = format!("Bearer {}", made["token"].as_str().unwrap());
    let opened = reqwest::Client::new()
        .post(app.url("/api/v1/exercises/double/console"))
        .header("authorization", &bearer)
        .json(&json!({ "source": DOUBLE }))
        .send()
        .await
        .unwrap();
    assert_eq!(opened.status(), StatusCode::CREATED);
    let opened: Value = opened.json().await.unwrap();
    let path = format!("/api/v1/consoles/{}/socket", opened["id"].as_str().unwrap());
    let asked = Socket::ask_with(&ada, &path, &format!("Authorization: {bearer}")).await;
    let mut socket = asked.unwrap_or_else(|status| panic!("{status}"));
    socket.until_prompt().await;
    sqlx::query("update api_tokens set revoked_at = now()").execute(&app.database.pool).await.unwrap();
    assert_eq!(socket.until_ended().await, "signed_out");
    app.stop().await.drop_it().await;
}
