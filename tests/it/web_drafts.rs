//! Drafts over HTTP: what was typed is kept, nobody's word is overwritten unseen, and nobody sees another's.

use athanor::startup::Grading;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::helpers::TestApp;
use crate::helpers::app::{self, Browser};
use crate::helpers::database::TestDatabase;
use crate::helpers::lessons::{ABSOLUTE, DOUBLE, LESSON, STARTER};

const API: &str = "/api/v1/exercises/double/draft";
const PAGE: &str = "/lessons/numbers";

async fn call(app: &TestApp, who: &Browser, method: Method, path: &str, base: Option<&str>, body: Value) -> Response {
    let mut request = who.client.request(method, app.url(path)).header("sec-fetch-site", "same-origin");
    if let Some(base) = base {
        request = request.header("if-match", format!("\"{base}\""));
    }
    request.json(&body).send().await.expect("an answer")
}

async fn put(app: &TestApp, who: &Browser, base: Option<&str>, body: Value) -> (StatusCode, Value) {
    let answer = call(app, who, Method::PUT, API, base, body).await;
    (answer.status(), answer.json().await.expect("JSON"))
}

/// Saves a text and answers its revision.
async fn save(app: &TestApp, who: &Browser, base: Option<&str>, source: &str) -> String {
    let (status, saved) = put(app, who, base, json!({ "source": source })).await;
    assert_eq!(status, StatusCode::OK, "{saved}");
    saved["revision"].as_str().expect("a revision").to_owned()
}

async fn page(who: &Browser) -> String {
    who.get(PAGE).await.text().await.expect("a page")
}

/// What the page's editor of `double` holds.
fn editor(page: &str) -> &str {
    let area = page.split("id=\"source-double\"").nth(1).expect("an editor");
    let (_, text) = area.split_once(">\n").expect("its text");
    text.split("</textarea>").next().expect("its end")
}

#[tokio::test]
async fn a_guest_who_types_gets_a_draft_that_is_on_the_page_and_read_by_nobody_else() {
    let app = TestApp::without_worker().await;
    let (ada, ben) = (app.browser(), app.browser());
    page(&ada).await;
    assert_eq!(ada.get(API).await.status(), StatusCode::NOT_FOUND);
    let revision = save(&app, &ada, None, "typed by ada").await;
    assert_eq!(editor(&page(&ada).await), "typed by ada");
    let draft = ada.get_json(API).await;
    assert_eq!((&draft["source"], &draft["revision"]), (&json!("typed by ada"), &json!(revision)));
    assert_eq!(ben.get(API).await.status(), StatusCode::NOT_FOUND);
    save(&app, &ben, None, "typed by ben").await;
    assert!(!page(&ben).await.contains("typed by ada"));
    let gone = call(&app, &ada, Method::DELETE, API, Some(&revision), json!({})).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert!(editor(&page(&ada).await).contains("defmodule Double"), "the starter again");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_change_that_is_not_based_on_what_it_replaces_is_refused_with_what_is_there() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    page(&ada).await;
    let first = save(&app, &ada, None, "one").await;
    let second = save(&app, &ada, Some(&first), "two").await;
    for base in [None, Some(first.as_str())] {
        let (status, problem) = put(&app, &ada, base, json!({ "source": "three" })).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(problem["type"], "urn:athanor:problem:draft-changed");
        assert_eq!((&problem["draft"]["source"], &problem["draft"]["revision"]), (&json!("two"), &json!(second)));
    }
    let stale = call(&app, &ada, Method::DELETE, API, Some(&first), json!({})).await;
    assert_eq!(stale.status(), StatusCode::CONFLICT);
    let (status, same) = put(&app, &ada, None, json!({ "source": "two" })).await;
    assert_eq!((status, &same["revision"]), (StatusCode::OK, &json!(second)), "the same again is no conflict");
    assert_eq!(save(&app, &ada, Some(&second), "three").await.len(), 36);
    let bad = call(&app, &ada, Method::PUT, API, Some("seven"), json!({ "source": "x" })).await;
    assert_eq!(bad.status(), StatusCode::BAD_REQUEST);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_page_replaces_its_own_word_and_a_word_that_comes_late_is_dropped() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    page(&ada).await;
    let tab = Uuid::new_v4();
    let word = |seq: i64, source: &str| json!({ "source": source, "page": tab, "seq": seq });
    assert_eq!(put(&app, &ada, None, word(2, "b")).await.0, StatusCode::OK);
    assert_eq!(put(&app, &ada, None, word(1, "a")).await.0, StatusCode::OK, "dropped, and no conflict");
    assert_eq!(ada.get_json(API).await["source"], "b");
    assert_eq!(put(&app, &ada, None, word(3, "c")).await.0, StatusCode::OK, "it has not heard of its own word");
    assert_eq!(ada.get_json(API).await["source"], "c");
    let another = json!({ "source": "d", "page": Uuid::new_v4(), "seq": 9 });
    assert_eq!(put(&app, &ada, None, another).await.0, StatusCode::CONFLICT);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn of_changes_at_the_same_time_on_the_same_basis_one_wins() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    page(&ada).await;
    let base = save(&app, &ada, None, "start").await;
    let texts: Vec<String> = (0..8).map(|n| format!("text {n}")).collect();
    let all = futures_util::future::join_all(
        texts.iter().map(|text| put(&app, &ada, Some(&base), json!({ "source": text }))),
    );
    let won = all.await.into_iter().filter(|(status, _)| *status == StatusCode::OK).count();
    assert_eq!(won, 1);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn what_cannot_be_a_draft_is_refused_and_the_draft_stays() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    page(&ada).await;
    let base = save(&app, &ada, None, "kept").await;
    let (status, problem) = put(&app, &ada, Some(&base), json!({ "source": "x".repeat(65_537) })).await;
    assert_eq!(
        (status, &problem["type"]),
        (StatusCode::PAYLOAD_TOO_LARGE, &json!("urn:athanor:problem:source-too-large"))
    );
    let raw = async |body: Vec<u8>, kind: &str| {
        let request = ada.client.put(app.url(API)).header("sec-fetch-site", "same-origin").header("content-type", kind);
        request.body(body).send().await.expect("an answer").status()
    };
    assert_eq!(raw(b"{\"source\": \"a\xff\"}".to_vec(), "application/json").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(raw(b"{\"sauce\": \"a\"}".to_vec(), "application/json").await, StatusCode::BAD_REQUEST);
    assert_eq!(raw(b"source=a".to_vec(), "text/plain").await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(raw(vec![b'x'; 1024 * 1024 + 1], "application/json").await, StatusCode::PAYLOAD_TOO_LARGE);
    let unknown = call(&app, &ada, Method::PUT, "/api/v1/exercises/nope/draft", None, json!({ "source": "a" })).await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    assert_eq!(ada.get_json(API).await["source"], "kept");
    // Nothing is a draft too, and so is a NUL.
    save(&app, &ada, Some(&base), " \n").await;
    assert_eq!(editor(&page(&ada).await), "");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn another_site_cannot_write_in_somebodys_draft_and_its_text_is_only_text() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    page(&ada).await;
    let base = save(&app, &ada, None, "</textarea><script>alert(1)</script>\u{0}").await;
    assert!(page(&ada).await.contains("&lt;&#x2f;textarea&gt;&lt;script&gt;alert(1)"));
    for (method, path) in [
        (Method::PUT, API),
        (Method::DELETE, API),
        (Method::POST, "/exercises/double/draft"),
        (Method::POST, "/exercises/double/draft/restore"),
        (Method::POST, "/api/v1/exercises/double/draft/restore"),
    ] {
        let request = ada.client.request(method.clone(), app.url(path)).header("sec-fetch-site", "cross-site");
        let request = request.header("if-match", format!("\"{base}\"")).json(&json!({ "source": "x" }));
        assert_eq!(request.send().await.expect("an answer").status(), StatusCode::FORBIDDEN, "{method} {path}");
    }
    assert_eq!(ada.get_json(API).await["revision"], json!(base));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_page_of_somebody_else_saves_nothing() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let owners = page(&ada).await.split("name=\"athanor-owners\" content=\"").nth(1).expect("owners").to_owned();
    let owner = owners.split([' ', '"']).next().expect("an owner").to_owned();
    let body = |source: &str| json!({ "source": source, "owner": owner });
    let (status, saved) = put(&app, &ada, None, body("by ada")).await;
    assert_eq!((status, &saved["owner"]), (StatusCode::OK, &json!(owner)));
    ada.post("/sign-out", &[]).await;
    assert_eq!(put(&app, &ada, None, body("after her")).await.0, StatusCode::FORBIDDEN);
    let guests: i64 = sqlx::query_scalar("select count(*) from users where role = 'guest'")
        .fetch_one(&app.database.pool)
        .await
        .expect("a count");
    assert_eq!(guests, 0, "nobody is made for a page of somebody else");
    app.browser().sign_up("ben").await;
    let form = [("email", "ben@example.org"), ("password", "plum teapot quarrel")];
    ada.post("/sign-in", &form).await;
    let (status, problem) = put(&app, &ada, None, body("in ben's name")).await;
    assert_eq!((status, &problem["type"]), (StatusCode::FORBIDDEN, &json!("urn:athanor:problem:another-person")));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn an_ended_session_saves_nothing_until_the_same_person_is_back() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let owner = |page: &str| page.split("athanor-owners\" content=\"").nth(1).unwrap()[..16].to_owned();
    let before = owner(&page(&ada).await);
    let base = save(&app, &ada, None, "before").await;
    sqlx::query("update sessions set expires_at = now() - interval '1 second'")
        .execute(&app.database.pool)
        .await
        .expect("an update");
    assert_eq!(put(&app, &ada, Some(&base), json!({ "source": "after" })).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(owner(&page(&ada).await), before, "the browser finds what it kept for her");
    // The form comes back filled, through a wrong password too, and still knows what it is based on.
    let typed = [("source", "typed later"), ("kind", "submit"), ("draft", base.as_str())];
    let ended = ada.post("/exercises/double/submissions", &typed).await;
    assert_eq!(ended.status(), StatusCode::UNAUTHORIZED);
    let shown = ended.text().await.expect("a page");
    assert_eq!(editor(&shown), "typed later");
    assert!(shown.contains(&format!("name=\"draft\" value=\"{base}\" autocomplete=\"off\" data-unsaved")), "{shown}");
    let mut form = vec![("email", "ada@example.org"), ("password", "wrong"), ("return_exercise", "double")];
    form.extend(typed);
    let again = ada.post("/sign-in", &form).await.text().await.expect("a page");
    assert!(again.contains(&format!("name=\"draft\" value=\"{base}\"")) && again.contains("typed later"), "{again}");
    form[1].1 = "plum teapot quarrel";
    let back = ada.post("/sign-in", &form).await.text().await.expect("a page");
    assert!(back.contains(&format!("value=\"{base}\" autocomplete=\"off\" data-unsaved")), "{back}");
    assert_eq!(editor(&back), "typed later");
    save(&app, &ada, Some(&base), "typed later").await;
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn five_hundred_changes_at_once_are_slowed_down_and_others_are_served() {
    // The usual burst, and so slow a refill that it does not matter how long this takes.
    let settings = [("ATHANOR_RATE_DRAFTS_ACCOUNT", "30/600000")];
    let app = TestApp::with(TestDatabase::new().await, app::fake(), |_| Grading::Elsewhere, &settings).await;
    let (ada, ben) = (app.browser(), app.browser());
    page(&ada).await;
    save(&app, &ada, None, "first").await;
    page(&ben).await;
    let storm = futures_util::future::join_all((0..500).map(|n| {
        let body = json!({ "source": format!("text {n}") });
        call(&app, &ada, Method::PUT, API, None, body)
    }));
    let (storm, saved) = tokio::join!(storm, save(&app, &ben, None, "calmly"));
    let refused: Vec<_> = storm.iter().filter(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS).collect();
    // The first change made the guest, who was not known before.
    assert_eq!(refused.len(), 470, "all but the burst");
    assert!(refused.iter().all(|answer| answer.headers().contains_key("retry-after")));
    assert_eq!(ben.get_json(API).await["revision"], json!(saved));
    assert_eq!(ada.get_json(API).await["source"], "first", "and nothing is lost");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn the_rate_of_drafts_can_be_set() {
    let settings = [("ATHANOR_RATE_DRAFTS_ACCOUNT", "1/600000")];
    let app = TestApp::with(TestDatabase::new().await, app::fake(), |_| Grading::Elsewhere, &settings).await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let base = save(&app, &ada, None, "one").await;
    assert_eq!(put(&app, &ada, Some(&base), json!({ "source": "two" })).await.0, StatusCode::TOO_MANY_REQUESTS);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn what_was_sent_is_the_draft_and_what_it_pushed_aside_waits_for_a_choice() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    page(&ada).await;
    let base = save(&app, &ada, None, "half of it").await;
    let key = Uuid::new_v4().to_string();
    let form = [("source", DOUBLE), ("kind", "submit"), ("key", key.as_str()), ("draft", base.as_str())];
    assert_eq!(ada.post_for_json("/exercises/double/submissions", &form).await.status(), StatusCode::ACCEPTED);
    let draft = ada.get_json(API).await;
    assert_eq!((&draft["source"], &draft["others"]), (&json!(DOUBLE), &json!([])), "it was based on the draft");
    save(&app, &ada, draft["revision"].as_str(), "typed on the other device").await;
    ada.submit("double", "run", ABSOLUTE).await;
    let draft = ada.get_json(API).await;
    assert_eq!(draft["source"], ABSOLUTE);
    assert_eq!(
        (&draft["others"][0]["source"], &draft["others"][0]["reason"]),
        (&json!("typed on the other device"), &json!("sent"))
    );
    let shown = page(&ada).await;
    assert!(shown.contains("typed on the other device") && shown.contains("Another version is kept"), "{shown}");

    let other = draft["others"][0]["id"].as_str().expect("an id").to_owned();
    let stranger = app.browser();
    save(&app, &stranger, None, "x").await;
    for path in [format!("{API}/others/{other}/take"), format!("{API}/others/{}/take", Uuid::new_v4())] {
        let answer = call(&app, &stranger, Method::POST, &path, None, json!({})).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }
    let path = format!("{API}/others/{other}");
    let answer = call(&app, &stranger, Method::DELETE, &path, None, json!({})).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let taken = call(&app, &ada, Method::POST, &format!("{path}/take"), None, json!({})).await;
    assert_eq!(taken.json::<Value>().await.expect("JSON")["source"], "typed on the other device");
    assert_eq!(ada.get_json(API).await["others"], json!([]), "what it replaced is among the attempts");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn without_a_script_a_button_saves_and_a_conflict_is_chosen_from_on_the_page() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    let path = "/exercises/double/draft";
    let saved = ada.post(path, &[("source", "first"), ("draft", "")]).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    assert_eq!(saved.headers()["location"], "/lessons/numbers#double");
    assert_eq!(editor(&page(&ada).await), "first");
    let base = ada.get_json(API).await["revision"].as_str().expect("a revision").to_owned();
    let there = save(&app, &ada, Some(&base), "from the other tab").await;

    let conflict = ada.post(path, &[("source", "mine"), ("draft", &base)]).await;
    assert_eq!(conflict.status(), StatusCode::CONFLICT);
    let shown = conflict.text().await.expect("a page");
    assert_eq!(editor(&shown), "mine");
    assert!(shown.contains("from the other tab") && shown.contains("There are two versions"), "{shown}");
    assert!(shown.contains(&format!("name=\"draft\" value=\"{base}\"")), "saving again is the same conflict");
    assert_eq!(ada.get_json(API).await["revision"], json!(there));

    let yielded = ada.post(path, &[("source", "mine"), ("draft", &base), ("yield", "yes")]).await;
    assert_eq!(yielded.status(), StatusCode::SEE_OTHER);
    let after = page(&ada).await;
    assert_eq!(editor(&after), "from the other tab");
    assert!(after.contains("mine"), "what was given up is kept beside it");
    let other = ada.get_json(API).await["others"][0]["id"].as_str().expect("an id").to_owned();
    let form = [("source", "from the other tab"), ("draft", there.as_str())];
    let dropped = ada.post(&format!("{path}/others/{other}/drop"), &form).await;
    assert_eq!(dropped.status(), StatusCode::SEE_OTHER);
    assert_eq!(ada.get_json(API).await["others"], json!([]));

    let kept = ada.post(path, &[("source", "mine after all"), ("draft", &base), ("keep", &there)]).await;
    assert_eq!(kept.status(), StatusCode::SEE_OTHER);
    assert_eq!(editor(&page(&ada).await), "mine after all");
    let large = "x".repeat(70_000);
    let refused = ada.post(path, &[("source", large.as_str())]).await;
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(refused.text().await.expect("a page").contains(&large), "the text is still there");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_guests_draft_comes_along_and_of_two_the_newer_is_the_draft_and_the_other_is_kept() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    page(&ada).await;
    save(&app, &ada, None, "of the guest ada").await;
    ada.sign_up("ada").await;
    assert_eq!(editor(&page(&ada).await), "of the guest ada", "signing up keeps it");
    for (newer, expected, aside) in [
        ("guest", "typed as a guest", "typed with the account"),
        ("account", "typed with the account", "typed as a guest"),
    ] {
        sqlx::raw_sql("delete from drafts; delete from draft_others").execute(&app.database.pool).await.expect("empty");
        save(&app, &ada, None, "typed with the account").await;
        let guest = app.browser();
        page(&guest).await;
        let revision = save(&app, &guest, None, "typed as a guest").await;
        let older = if newer == "guest" { "typed with the account" } else { "typed as a guest" };
        sqlx::query("update drafts set updated_at = now() - interval '1 hour' where source = convert_to($1, 'UTF8')")
            .bind(older)
            .execute(&app.database.pool)
            .await
            .expect("an update");
        let asks = guest.get("/sign-in").await.text().await.expect("a page");
        assert!(asks.contains("name=\"bring\""), "somebody who only typed is asked too: {asks}");
        let form = [("email", "ada@example.org"), ("password", "plum teapot quarrel"), ("bring", "yes")];
        assert_eq!(guest.post("/sign-in", &form).await.status(), StatusCode::SEE_OTHER);
        let draft = guest.get_json(API).await;
        assert_eq!(draft["source"], expected);
        assert_eq!((&draft["others"][0]["source"], &draft["others"][0]["reason"]), (&json!(aside), &json!("merged")));
        let shown = page(&guest).await;
        assert!(shown.contains(aside) && shown.contains("both as a guest and with your account"), "{shown}");
        assert_eq!(newer == "guest", draft["revision"] == json!(revision), "the tab goes on from what it knows");
    }
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn of_several_files_all_are_kept() {
    let lessons = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/roles/lessons");
    let settings = [("ATHANOR_LESSONS", lessons.to_str().unwrap())];
    let app = TestApp::with(TestDatabase::new().await, app::fake(), |_| Grading::Elsewhere, &settings).await;
    let ada = app.browser();
    let path = "/api/v1/exercises/erlang-files/draft";
    ada.get("/lessons/erlang").await;
    let files = json!([{ "name": "shape.erl", "text": "-module(shape). % ada" }, { "name": "edge.erl", "text": "" }]);
    let saved = call(&app, &ada, Method::PUT, path, None, json!({ "files": files })).await;
    assert_eq!(saved.status(), StatusCode::OK);
    assert_eq!(ada.get_json(path).await["files"], files);
    assert!(ada.get("/lessons/erlang").await.text().await.unwrap().contains("-module(shape). % ada"));
    let bad = json!({ "files": [{ "name": "../x.erl", "text": "" }] });
    assert_eq!(call(&app, &ada, Method::PUT, path, None, bad).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_deploy_and_a_new_version_of_the_exercise_leave_the_draft() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    page(&ada).await;
    let base = save(&app, &ada, None, "typed before").await;
    let app = TestApp::with(app.stop().await, app::fake(), |_| Grading::Elsewhere, &[]).await;
    let ada = ada.at(&app.address);
    assert_eq!(editor(&page(&ada).await), "typed before");
    let changed = LESSON.replace("### Double", "### Twofold").replace("name=\"two\"", "name=\"two anew\"");
    std::fs::write(app.lessons.path().join("01-first/01-numbers.md"), changed).expect("a lesson");
    let published = async {
        loop {
            let page = page(&ada).await;
            if page.contains("Twofold") {
                return page;
            }
            tokio::task::yield_now().await;
        }
    };
    let published = tokio::time::timeout(app::PATIENCE, published).await.expect("the new version");
    assert_eq!(editor(&published), "typed before");
    save(&app, &ada, Some(&base), "typed after").await;
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn sending_a_draft_makes_it_as_new_as_what_was_sent() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let guest = app.browser();
    page(&guest).await;
    let revision = save(&app, &guest, None, DOUBLE).await;
    save(&app, &ada, None, "written on another device").await;
    // The same text, so nothing of the draft changes but its age.
    let form = [("source", DOUBLE), ("kind", "run"), ("draft", revision.as_str())];
    assert_eq!(guest.post("/exercises/double/submissions", &form).await.status(), StatusCode::SEE_OTHER);
    let form = [("email", "ada@example.org"), ("password", "plum teapot quarrel"), ("bring", "yes")];
    assert_eq!(guest.post("/sign-in", &form).await.status(), StatusCode::SEE_OTHER);
    let draft = guest.get_json(API).await;
    assert_eq!(draft["source"], DOUBLE, "what the editor shows is the draft");
    assert_eq!(draft["others"][0]["source"], "written on another device");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_button_beside_the_editor_does_not_bring_an_older_draft_into_it() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    page(&ada).await;
    let revision = save(&app, &ada, None, "an older word").await;
    let typed = [("source", "if (x"), ("draft", revision.as_str())];
    // The form that the formatter refuses, the starter and a hint: each shows what belongs there, on the same basis.
    let large = "y".repeat(70_000);
    let refused = ada.post("/exercises/double/format", &[("source", large.as_str()), typed[1]]).await;
    assert_eq!(editor(&refused.text().await.unwrap()), large);
    let starter = ada.post("/exercises/double/starter", &typed).await.text().await.unwrap();
    assert_eq!(editor(&starter).trim(), STARTER.trim());
    assert!(starter.contains("if (x") && starter.contains(&revision), "{starter}");
    let hint = ada.post("/exercises/double/hints/1", &typed).await.text().await.unwrap();
    assert_eq!(editor(&hint), "if (x");
    assert!(hint.contains(&revision), "{hint}");
    // Where a page leads away, what was typed is saved first.
    let console = ada.post("/exercises/double/console", &typed).await;
    assert_eq!(console.status(), StatusCode::SEE_OTHER);
    assert_eq!(editor(&page(&ada).await), "if (x");
    app.stop().await.drop_it().await;
}
