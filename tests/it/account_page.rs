//! What somebody does with their own account.

use reqwest::{Response, StatusCode};
use serde_json::Value;

use crate::helpers::TestApp;
use crate::helpers::app::Browser;
use crate::helpers::lessons::{ABSOLUTE, DOUBLE, STARTER};

const PASSWORD: &str = "plum teapot quarrel";

fn location(answer: &Response) -> &str {
    answer.headers()["location"].to_str().expect("a path")
}

async fn account(app: &TestApp, name: &str) -> Browser {
    let browser = app.browser();
    browser.sign_up(name).await;
    browser
}

async fn make_admin(app: &TestApp, email: &str) {
    sqlx::query("update users set role = 'admin' where email = $1")
        .bind(email)
        .execute(&app.database.pool)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_name_is_changed_without_a_password_and_an_address_with_one() {
    let app = TestApp::without_worker().await;
    let ada = account(&app, "ada").await;
    account(&app, "bob").await;
    assert_eq!(location(&ada.post("/account/name", &[("name", " Ada Lovelace ")]).await), "/account?done=name");
    let page = ada.get("/account?done=name").await.text().await.unwrap();
    assert!(page.contains("Your name is changed.") && page.contains("value=\"Ada Lovelace\""), "{page}");
    let empty = ada.post("/account/name", &[("name", " ")]).await;
    assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text().await.unwrap().contains("id=\"name-error\""));

    for (email, password, fault) in [
        ("new@example.org", "a guess", "email-password-error"),
        ("nonsense", PASSWORD, "email-error"),
        ("bob@example.org", PASSWORD, "email-error"),
    ] {
        let answer = ada.post("/account/email", &[("email", email), ("password", password)]).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = answer.text().await.unwrap();
        assert!(page.contains(&format!("id=\"{fault}\"")) && page.contains(&format!("value=\"{email}\"")), "{page}");
        assert!(!page.contains(password), "{page}");
    }
    let changed = ada.post("/account/email", &[("email", "New@example.org"), ("password", PASSWORD)]).await;
    assert_eq!(location(&changed), "/account?done=email");
    assert_eq!(ada.get_json("/account").await["email"], "new@example.org");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn the_same_by_a_program_that_has_a_session() {
    let app = TestApp::without_worker().await;
    let ada = account(&app, "ada").await;
    let post = async |path: &str, body: Value| {
        let request =
            ada.client.post(app.url(&format!("/api/v1/account/{path}"))).header("sec-fetch-site", "same-origin");
        let answer = request.json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap_or_default())
    };
    assert_eq!(post("name", serde_json::json!({"name": "Ada L."})).await.0, 204);
    let (status, problem) = post("email", serde_json::json!({"email": "x", "password": PASSWORD})).await;
    assert_eq!((status, problem["type"].as_str()), (422, Some("urn:athanor:problem:unfit")));
    assert_eq!(post("email", serde_json::json!({"email": "l@example.org", "password": PASSWORD})).await.0, 204);
    assert_eq!(post("password", serde_json::json!({"current": "no", "password": "walnut ferry lantern"})).await.0, 422);
    assert_eq!(
        post("password", serde_json::json!({"current": PASSWORD, "password": "walnut ferry lantern"})).await.0,
        204
    );
    let known = ada.get_json("/api/v1/account").await;
    assert_eq!((known["name"].as_str(), known["email"].as_str()), (Some("Ada L."), Some("l@example.org")));
    assert_eq!(known["has_password"], true);
    assert_eq!(post("delete", serde_json::json!({"word": "delete", "password": "no"})).await.0, 422);
    assert_eq!(post("delete", serde_json::json!({"word": "delete", "password": "walnut ferry lantern"})).await.0, 204);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_and_nobody_elses() {
    let app = TestApp::without_worker().await;
    let (ada, bob, elsewhere) = (account(&app, "ada").await, account(&app, "bob").await, app.browser());
    elsewhere.post("/sign-in", &[("email", "ada@example.org"), ("password", PASSWORD)]).await;
    assert_eq!(ada.get_json("/account").await["sessions"], 2);
    assert_eq!(location(&ada.post("/account/sign-out-everywhere", &[]).await), "/sign-in");
    for browser in [&ada, &elsewhere] {
        assert_eq!(location(&browser.get("/account").await), "/sign-in?next=/account");
    }
    assert_eq!(bob.get("/account").await.status(), StatusCode::OK);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn the_download_holds_everything_as_the_learner_may_see_it_and_nothing_of_hidden_cases() {
    let app = TestApp::start().await;
    let ada = account(&app, "ada").await;
    let mut ids = Vec::new();
    for (kind, code) in [("submit", STARTER), ("submit", ABSOLUTE), ("run", DOUBLE), ("submit", DOUBLE)] {
        let id = ada.submit("double", kind, code).await;
        ada.verdict(&id).await;
        ids.push(id);
    }
    let report = [("words", "but \u{0}it is right")];
    assert!(ada.post(&format!("/submissions/{}/report", ids[1]), &report).await.status().is_redirection());
    let bob = account(&app, "bob").await;
    let of_bob = bob.submit("double", "submit", STARTER).await;

    let as_learner: Vec<Value> = {
        let mut seen = Vec::new();
        for id in &ids {
            seen.push(ada.get_json(&format!("/submissions/{id}")).await);
        }
        seen
    };
    assert_eq!(ada.post("/exercises/double/hints/1", &[]).await.status(), 200);
    // Somebody who reviews sees hidden cases on pages; their download is a learner's all the same.
    make_admin(&app, "ada@example.org").await;
    let answer = ada.get("/account/export").await;
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"athanor-account.json\"");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let text = answer.text().await.unwrap();
    assert!(!text.contains("of(-13)") && !text.contains("\"-26\"") && !text.contains(&of_bob), "{text}");
    let whole: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(whole["account"]["email"], "ada@example.org");
    assert_eq!(whole["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(whole["progress"][0]["exercise"], "double");
    assert_eq!(whole["progress"][0]["attempts"], 3);
    assert_eq!(whole["reports"][0]["submission"], ids[1].as_str());
    let submissions = whole["submissions"].as_array().unwrap();
    assert_eq!(submissions.len(), 4);
    // What was sent last is the draft.
    assert_eq!(whole["drafts"][0]["exercise"], "double");
    assert_eq!(whole["drafts"][0]["source"], submissions[3]["source"]);
    assert_eq!(whole["drafts"].as_array().unwrap().len(), 1);
    assert_eq!(whole["hints"][0]["hint"], 1);
    for (exported, mut seen) in submissions.iter().zip(as_learner) {
        // Reports have a list of their own.
        seen["report"] = Value::Null;
        assert_eq!(exported, &seen);
    }
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_long_history_is_downloaded_whole() {
    const MANY: usize = 2_000;
    let app = TestApp::start().await;
    let ada = account(&app, "ada").await;
    let id = ada.submit("double", "submit", DOUBLE).await;
    ada.verdict(&id).await;
    for statement in [
        "insert into submissions (id, user_id, exercise_id, version_id, kind, source, idempotency_key)
         select gen_random_uuid(), user_id, exercise_id, version_id, kind, source, gen_random_uuid()
         from submissions, generate_series(1, 1999)",
        "insert into gradings (id, submission_id, user_id, exercise_id, version_id, kind, reason, state, verdict, shown_verdict)
         select gen_random_uuid(), s.id, s.user_id, s.exercise_id, s.version_id, 'submit', 'first', 'done', 'passed', 'passed'
         from submissions s where not exists (select 1 from gradings g where g.submission_id = s.id)",
    ] {
        sqlx::query(statement).execute(&app.database.pool).await.unwrap();
    }
    let whole = ada.get_json("/api/v1/account/export").await;
    let mut ids: Vec<&str> =
        whole["submissions"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), MANY);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), MANY, "each once");
    app.stop().await.drop_it().await;
}

/// Every row that names a person, table by table.
async fn rows_of(app: &TestApp, user: uuid::Uuid) -> Vec<(String, i64)> {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select c.conrelid::regclass::text, a.attname::text from pg_constraint c
         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
         where c.contype = 'f' and c.confrelid = 'users'::regclass order by 1",
    )
    .fetch_all(&app.database.pool)
    .await
    .unwrap();
    let mut rows = Vec::new();
    for (table, column) in columns {
        let count = format!("select count(*) from {table} where {column} = $1");
        let count: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(count)).bind(user).fetch_one(&app.database.pool).await.unwrap();
        rows.push((table, count));
    }
    rows
}

#[tokio::test]
async fn a_deleted_account_leaves_nothing_of_the_person_and_everything_of_others() {
    let app = TestApp::start().await;
    let (ada, bob) = (account(&app, "ada").await, account(&app, "bob").await);
    for browser in [&ada, &bob] {
        let id = browser.submit("double", "submit", STARTER).await;
        browser.verdict(&id).await;
        browser.post(&format!("/submissions/{id}/report"), &[("words", "but")]).await;
        let token = [("name", "ci"), ("scope", "run")];
        assert_eq!(browser.post("/account/tokens", &token).await.status(), StatusCode::CREATED);
    }
    let pool = &app.database.pool;
    let (of_ada, of_bob): (uuid::Uuid, uuid::Uuid) = sqlx::query_as(
        "select (select id from users where email = 'ada@example.org'), (select id from users where email = 'bob@example.org')",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    // What the machine would do later is done by hand: mail that waits, a run, and an answer to somebody else's report.
    for statement in [
        "insert into mails (id, kind, recipient, send_after) values (gen_random_uuid(), 'reset', 'ada@example.org', 'infinity')",
        "insert into program_runs (id, kind, language, code, input, requester, state, expires_at)
         select gen_random_uuid(), 'block', 'elixir', '', '', 'user:' || id, 'cancelled', now() from users
         where email = 'ada@example.org'",
        "update reports set resolved_at = now(), note = 'see', resolved_by = (select id from users where email = 'ada@example.org')
         where submission_id in (select s.id from submissions s join users u on u.id = s.user_id where u.email = 'bob@example.org')",
    ] {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
    let before = rows_of(&app, of_bob).await;
    for (word, password, fault) in [
        ("", PASSWORD, "delete-word-error"),
        ("delete", "a guess", "delete-password-error"),
        ("Delete it", "", "delete-word-error"),
    ] {
        let answer = ada.post("/account/delete", &[("word", word), ("password", password)]).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().await.unwrap().contains(&format!("id=\"{fault}\"")));
    }
    let deleted = ada.post("/account/delete", &[("word", "delete"), ("password", PASSWORD)]).await;
    assert_eq!(location(&deleted), "/account/deleted");
    assert!(ada.get("/account/deleted").await.text().await.unwrap().contains("Your account is deleted"));
    assert_eq!(location(&ada.get("/account").await), "/sign-in?next=/account");
    assert!(rows_of(&app, of_ada).await.iter().all(|(_, count)| *count == 0), "{:?}", rows_of(&app, of_ada).await);
    let strays: i64 = sqlx::query_scalar(
        "select (select count(*) from users where id = $1) + (select count(*) from mails where recipient = 'ada@example.org')
             + (select count(*) from program_runs where requester = 'user:' || $1::text)
             + (select count(*) from case_results c where not exists (select 1 from gradings g where g.id = c.grading_id))",
    )
    .bind(of_ada)
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(strays, 0);
    assert_eq!(rows_of(&app, of_bob).await, before);
    let (note, answered_by): (Option<String>, Option<uuid::Uuid>) =
        sqlx::query_as("select note, resolved_by from reports").fetch_one(pool).await.unwrap();
    assert_eq!((note.as_deref(), answered_by), (Some("see"), None), "an answer stays, without a name");
    let again = ada.post("/sign-in", &[("email", "ada@example.org"), ("password", PASSWORD)]).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn the_last_administrator_cannot_go_and_of_two_at_once_one_stays() {
    let app = TestApp::without_worker().await;
    sqlx::query("delete from users").execute(&app.database.pool).await.unwrap();
    let (ada, bob) = (account(&app, "ada").await, account(&app, "bob").await);
    make_admin(&app, "ada@example.org").await;
    let form = [("word", "delete"), ("password", PASSWORD)];
    let alone = ada.post("/account/delete", &form).await;
    assert_eq!(alone.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(alone.text().await.unwrap().contains("only administrator"));
    make_admin(&app, "bob@example.org").await;
    let (one, other) = tokio::join!(ada.post("/account/delete", &form), bob.post("/account/delete", &form));
    let mut statuses = [one.status(), other.status()];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::UNPROCESSABLE_ENTITY]);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn an_account_with_work_in_the_queue_can_be_deleted_and_the_queue_goes_on() {
    let app = TestApp::without_worker().await;
    let ada = account(&app, "ada").await;
    ada.submit("double", "submit", DOUBLE).await;
    ada.submit("answer", "submit", DOUBLE).await;
    let pool = &app.database.pool;
    let held = athanor::db::queue::claim(pool, "a worker", std::time::Duration::from_secs(30)).await.unwrap();
    assert!(held.is_some(), "a worker has one of them");
    let deleted = ada.post("/account/delete", &[("word", "delete"), ("password", PASSWORD)]).await;
    assert_eq!(deleted.status(), StatusCode::SEE_OTHER);
    let left: (i64, i64) = sqlx::query_as("select (select count(*) from gradings), (select count(*) from turns)")
        .fetch_one(pool)
        .await
        .unwrap();
    assert_eq!(left, (0, 0));
    app.stop().await.drop_it().await;
}
