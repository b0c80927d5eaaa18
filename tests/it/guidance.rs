//! What helps a learner on: hints that open one after the other, what comes next and why, and search.

use reqwest::StatusCode;
use serde_json::json;

use crate::helpers::TestApp;
use crate::helpers::app::Browser;
use crate::helpers::lessons::{DOUBLE, STARTER};

const FIRST: &str = "Twice is times two.";
const SECOND: &str = "An asterisk multiplies.";
const OTHER_WAYS: &str = "A number and itself, added.";

async fn page(reader: &Browser, path: &str) -> String {
    let answer = reader.get(path).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.expect("a page")
}

async fn instructor(app: &TestApp) -> Browser {
    let grace = app.browser();
    grace.sign_up("grace").await;
    sqlx::query("update users set role = 'instructor' where email = 'grace@example.org'")
        .execute(&app.database.pool)
        .await
        .expect("a role");
    grace
}

#[tokio::test]
async fn hints_open_one_after_the_other_and_stay_open() {
    let app = TestApp::start().await;
    let guest = app.browser();
    let shown = page(&guest, "/lessons/numbers").await;
    assert!(shown.contains("Show hint 1 of 2") && !shown.contains(FIRST) && !shown.contains(SECOND), "{shown}");
    // Without scripts the whole form is sent, and what was typed is there again.
    let typed = "defmodule Double do # half of it";
    let opened = guest.post("/exercises/double/hints/1", &[("source", typed)]).await;
    assert_eq!(opened.status(), StatusCode::OK);
    let shown = opened.text().await.unwrap();
    assert!(shown.contains(typed) && shown.contains(FIRST) && shown.contains("Show hint 2 of 2"), "{shown}");
    assert!(!shown.contains(SECOND));
    assert!(page(&guest, "/lessons/numbers").await.contains(FIRST), "it is remembered");
    let second = guest.post_for_json("/api/v1/exercises/double/hints/2", &[]).await;
    let second = second.json::<serde_json::Value>().await.unwrap();
    assert_eq!(
        second,
        json!({ "hint": { "summary": "Another hint", "html": format!("<p>{SECOND}</p>\n") }, "next": null })
    );
    let shown = page(&guest, "/lessons/numbers").await;
    assert!(shown.contains(FIRST) && shown.contains(SECOND) && !shown.contains("Show hint"), "{shown}");
    let another = page(&app.browser(), "/lessons/numbers").await;
    assert!(!another.contains(FIRST), "they are open to nobody else");
    for (path, status) in [
        ("/exercises/double/hints/3", StatusCode::NOT_FOUND),
        ("/exercises/double/hints/0", StatusCode::NOT_FOUND),
        ("/exercises/double/hints/x", StatusCode::NOT_FOUND),
        ("/exercises/nothing/hints/1", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(guest.post(path, &[]).await.status(), status, "{path}");
    }
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn hints_come_along_when_a_guest_signs_up_and_instructors_see_them_at_a_submission() {
    let app = TestApp::start().await;
    let learner = app.browser();
    let before = learner.submit("double", "submit", STARTER).await;
    learner.verdict(&before).await;
    assert_eq!(learner.post("/exercises/double/hints/1", &[]).await.status(), StatusCode::OK);
    let after = learner.submit("double", "submit", DOUBLE).await;
    learner.verdict(&after).await;
    learner.sign_up("ada").await;
    assert!(page(&learner, "/lessons/numbers").await.contains(FIRST));
    let grace = instructor(&app).await;
    let seen = page(&grace, &format!("/submissions/{before}")).await;
    assert!(seen.contains("0 of 2 hints opened before"), "{seen}");
    let seen = page(&grace, &format!("/submissions/{after}")).await;
    assert!(seen.contains("1 of 2 hints opened before"), "{seen}");
    let own = page(&learner, &format!("/submissions/{after}")).await;
    assert!(!own.contains("hints opened"), "{own}");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn other_ways_are_shown_to_those_who_passed() {
    let app = TestApp::start().await;
    let learner = app.browser();
    let id = learner.submit("double", "submit", STARTER).await;
    learner.verdict(&id).await;
    assert!(!page(&learner, "/lessons/numbers").await.contains(OTHER_WAYS));
    let id = learner.submit("double", "submit", DOUBLE).await;
    learner.verdict(&id).await;
    assert!(page(&learner, "/lessons/numbers").await.contains(OTHER_WAYS));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn the_first_page_says_what_comes_next_and_why() {
    let app = TestApp::start().await;
    let learner = app.browser();
    let home = page(&learner, "/").await;
    assert!(home.contains("Begin with") && home.contains("href=\"/lessons/numbers#double\""), "{home}");
    let id = learner.submit("double", "submit", STARTER).await;
    learner.verdict(&id).await;
    let home = page(&learner, "/").await;
    assert!(home.contains("Continue with") && home.contains("and have not passed it yet."), "{home}");
    let id = learner.submit("double", "submit", DOUBLE).await;
    learner.verdict(&id).await;
    let home = page(&learner, "/").await;
    assert!(home.contains("href=\"/lessons/numbers#answer\"") && home.contains("You passed “Double”"), "{home}");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn search_finds_places_with_and_without_scripts_and_shows_what_was_asked_as_text() {
    let app = TestApp::start().await;
    let reader = app.browser();
    let found = reader.get_json("/api/v1/search?q=duoble").await;
    let double =
        json!({ "kind": "exercise", "title": "Double", "lesson": "Numbers", "url": "/lessons/numbers#double" });
    assert_eq!(found, json!({ "results": [double] }));
    let shown = page(&reader, "/search?q=duoble").await;
    assert!(shown.contains("<a href=\"&#x2f;lessons&#x2f;numbers#double\">Double</a>"), "{shown}");
    let shown = page(&reader, "/search?q=%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(shown.contains("Nothing in the course fits") && !shown.contains("<script>alert"), "{shown}");
    assert_eq!(reader.get_json("/api/v1/search").await, json!({ "results": [] }));
    assert_eq!(reader.get_json("/api/v1/search?q=%ff%fe").await, json!({ "results": [] }));
    let long = "a".repeat(7000);
    assert_eq!(reader.get_json(&format!("/api/v1/search?q={long}")).await, json!({ "results": [] }));
    // What is hidden cannot be found.
    for secret in ["secret", "Minus+signs", "n+*+2"] {
        let found = reader.get_json(&format!("/api/v1/search?q={secret}")).await;
        assert_eq!(found, json!({ "results": [] }), "{secret}");
    }
    app.stop().await.drop_it().await;
}
