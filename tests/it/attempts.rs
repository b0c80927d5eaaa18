//! The timeline of attempts: what changed from one to the next, for its owner and for those who review.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::helpers::TestApp;
use crate::helpers::app::Browser;
use crate::helpers::lessons::{ABSOLUTE, DOUBLE, STARTER};

const PATH: &str = "/exercises/double/attempts";

async fn text(who: &Browser, path: &str) -> String {
    who.get(path).await.text().await.expect("a page")
}

async fn attempt(who: &Browser, code: &str) -> String {
    let id = who.submit("double", "submit", code).await;
    who.verdict(&id).await;
    id
}

#[tokio::test]
async fn each_attempt_says_what_changed_since_the_one_before() {
    let app = TestApp::start().await;
    let ada = app.browser();
    let hostile = format!("{STARTER}# <script>alert(1)</script>\n");
    let mut ids = Vec::new();
    for code in [STARTER, ABSOLUTE, DOUBLE, DOUBLE, &hostile] {
        ids.push(attempt(&ada, code).await);
    }
    let listed = ada.get_json(&format!("/api/v1{PATH}")).await;
    let seen = |nth: usize| &listed["attempts"][nth];
    assert_eq!(seen(0)["id"], json!(ids[4]), "newest first");
    let turned: Vec<(Value, Value)> =
        (0..5).map(|nth| (seen(nth)["now_pass"].clone(), seen(nth)["now_fail"].clone())).collect();
    assert_eq!(
        turned,
        [
            (json!([]), json!(["two", "a secret"])),
            (json!([]), json!([])),
            (json!(["a secret"]), json!([])),
            (json!(["two"]), json!([])),
            (json!([]), json!([])),
        ]
    );
    let lines = ["@@ 1 @@", " defmodule Double do", "-  def of(n), do: abs(n) * 2", "+  def of(n), do: n * 2", " end"];
    assert_eq!(seen(2)["diff"], json!([{ "file": null, "lines": lines, "cut": false }]));
    assert_eq!((&seen(1)["diff"], &seen(4)["diff"], &seen(4)["after_s"]), (&json!([]), &Value::Null, &Value::Null));
    assert!(seen(0)["after_s"].is_i64() && listed["older"].is_null());

    let page = text(&ada, PATH).await;
    assert!(page.contains("Now passes: a secret") && page.contains("Now fails: two, a secret"), "{page}");
    assert!(page.contains("<del>") && page.contains("later") && page.contains("The same code as before"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"), "{page}");
    // Of another attempt than its own neighbour a page says nothing, and what lies before the page is compared with.
    let older = ada.get_json(&format!("/api/v1{PATH}?before={}", ids[3])).await;
    assert_eq!(
        (&older["attempts"][0]["id"], &older["attempts"][0]["now_pass"]),
        (&json!(ids[2]), &json!(["a secret"]))
    );
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn those_who_review_see_a_learners_timeline_and_nobody_else_does() {
    let app = TestApp::start().await;
    let (ada, ben, ira) = (app.browser(), app.browser(), app.browser());
    for (who, name) in [(&ada, "ada"), (&ben, "ben"), (&ira, "ira")] {
        who.sign_up(name).await;
    }
    sqlx::query("update users set role = 'instructor' where email = 'ira@example.org'")
        .execute(&app.database.pool)
        .await
        .expect("an update");
    let id = attempt(&ada, STARTER).await;
    attempt(&ada, ABSOLUTE).await;
    let learner: uuid::Uuid = sqlx::query_scalar("select id from users where email = 'ada@example.org'")
        .fetch_one(&app.database.pool)
        .await
        .expect("ada");
    let path = format!("/instructor/exercises/double/learners/{learner}/attempts");
    let api = format!("/api/v1{path}");
    let page = text(&ira, &path).await;
    assert!(page.contains("Attempts of ada (ada@example.org): Double") && page.contains("Now passes: two"), "{page}");
    assert!(!page.contains("Put into the editor"), "it is not theirs");
    assert_eq!(ira.get_json(&api).await["attempts"].as_array().map(Vec::len), Some(2));
    assert!(text(&ira, &format!("/submissions/{id}")).await.contains(&path), "the way there");
    for (who, status) in
        [(&ada, StatusCode::FORBIDDEN), (&ben, StatusCode::FORBIDDEN), (&app.browser(), StatusCode::UNAUTHORIZED)]
    {
        assert_eq!(who.get(&api).await.status(), status);
    }
    assert_eq!(ira.get(&path.replace(&learner.to_string(), "nobody")).await.status(), StatusCode::NOT_FOUND);
    let nobody = uuid::Uuid::new_v4().to_string();
    assert_eq!(ira.get(&path.replace(&learner.to_string(), &nobody)).await.status(), StatusCode::NOT_FOUND);
    assert!(!text(&ben, PATH).await.contains(&id));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn an_attempt_goes_back_into_the_editor_and_what_was_there_is_kept() {
    let app = TestApp::start().await;
    let (ada, ben, ira) = (app.browser(), app.browser(), app.browser());
    let first = attempt(&ada, STARTER).await;
    attempt(&ada, DOUBLE).await;
    let restore = "/exercises/double/draft/restore";
    let draft = "/api/v1/exercises/double/draft";
    let back = ada.post(restore, &[("submission", first.as_str())]).await;
    assert_eq!(
        (back.status(), &back.headers()["location"]),
        (StatusCode::SEE_OTHER, &"/lessons/numbers#double".parse().unwrap())
    );
    let now = ada.get_json(draft).await;
    assert_eq!((&now["source"], &now["others"]), (&json!(STARTER), &json!([])), "what was there is an attempt itself");
    let page = text(&ada, "/lessons/numbers").await;
    assert!(page.contains(STARTER) && page.contains("All 2 cases passed"), "the last result stays: {page}");

    let base = now["revision"].as_str().expect("a revision");
    let form = [("source", "not sent"), ("draft", base)];
    assert_eq!(ada.post("/exercises/double/draft", &form).await.status(), StatusCode::SEE_OTHER);
    let api = format!("/api/v1{restore}");
    let answer = ada.post(&api, &[("submission", first.as_str())]).await;
    assert_eq!(answer.json::<Value>().await.expect("JSON")["source"], STARTER);
    let others = &ada.get_json(draft).await["others"];
    assert_eq!((&others[0]["source"], &others[0]["reason"]), (&json!("not sent"), &json!("restored")));

    attempt(&ben, DOUBLE).await;
    ira.sign_up("ira").await;
    sqlx::query("update users set role = 'instructor' where email = 'ira@example.org'")
        .execute(&app.database.pool)
        .await
        .expect("an update");
    for (who, id, why) in
        [(&ben, first.as_str(), "another's"), (&ira, first.as_str(), "a learner's"), (&ben, "x", "nobody's")]
    {
        assert_eq!(who.post(&api, &[("submission", id)]).await.status(), StatusCode::NOT_FOUND, "{why}");
    }
    let elsewhere = ada.post("/exercises/answer/draft/restore", &[("submission", first.as_str())]).await;
    assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND, "of another exercise");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn drafts_that_nobody_touched_for_as_long_as_code_is_kept_go_with_it() {
    let app = TestApp::start().await;
    let pool = &app.database.pool;
    let day = std::time::Duration::from_secs(24 * 3600);
    let ada = app.browser();
    attempt(&ada, DOUBLE).await;
    let left =
        async || -> i64 { sqlx::query_scalar("select count(*) from drafts").fetch_one(pool).await.expect("a count") };
    athanor::db::retention::remove_sources(pool, 30 * day).await.expect("an answer");
    assert_eq!(left().await, 1);
    sqlx::query("update drafts set updated_at = now() - interval '40 days'").execute(pool).await.expect("an update");
    athanor::db::retention::remove_sources(pool, 30 * day).await.expect("an answer");
    assert_eq!(left().await, 0);
    app.stop().await.drop_it().await;
}
