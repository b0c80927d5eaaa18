//! Signing in with an account of another site.

use athanor::db::identities::{self, Connection};
use athanor::db::{sessions, users};
use athanor::domain::account::Email;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::helpers::TestApp;
use crate::helpers::app::Browser;
use crate::helpers::issuer::Issuer;
use crate::helpers::lessons::DOUBLE;

const PASSWORD: &str = "plum teapot quarrel";

pub fn location(answer: &Response) -> &str {
    answer.headers()["location"].to_str().expect("a path")
}

pub fn as_it_is(_: &mut Value) {}

pub async fn start() -> (Issuer, TestApp) {
    let issuer = Issuer::open();
    let app = TestApp::set(&issuer.settings()).await;
    (issuer, app)
}

/// Where somebody is sent.
pub async fn depart(browser: &Browser, form: &[(&str, &str)]) -> String {
    let answer = browser.post("/openid", form).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let refresh = answer.headers()["refresh"].to_str().unwrap().to_owned();
    assert!(answer.text().await.unwrap().contains("on your way to Example University"));
    refresh.strip_prefix("0; url=").unwrap().to_owned()
}

/// Signs in, and answers what the site says to whoever is back.
pub async fn sign_in(issuer: &Issuer, browser: &Browser, subject: &str, change: impl FnOnce(&mut Value)) -> Response {
    let url = depart(browser, &[("next", "/progress"), ("bring", "yes")]).await;
    browser.get(&issuer.agree(&url, subject, change)).await
}

async fn people(app: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from users where role = 'learner'").fetch_one(&app.database.pool).await.unwrap()
}

#[tokio::test]
async fn a_new_person_gets_an_account_and_finds_it_again_with_all_that_was_done_as_a_guest() {
    let (issuer, app) = start().await;
    let ada = app.browser();
    let id = ada.submit("double", "submit", DOUBLE).await;
    assert!(ada.get("/sign-in").await.text().await.unwrap().contains("Sign in with Example University"));
    assert_eq!(location(&sign_in(&issuer, &ada, "ada", as_it_is).await), "/progress");
    let known = ada.get_json("/account").await;
    assert_eq!((known["email"].as_str(), known["has_password"].as_bool()), (Some("ada@example.org"), Some(false)));
    assert_eq!(known["signs_in_with"], json!([issuer.address]));
    assert_eq!(ada.get(&format!("/submissions/{id}")).await.status(), StatusCode::OK);

    let elsewhere = app.browser();
    let other = elsewhere.submit("answer", "submit", DOUBLE).await;
    let named = |claims: &mut Value| claims["email"] = json!("another@example.org");
    assert_eq!(location(&sign_in(&issuer, &elsewhere, "ada", named).await), "/progress");
    for id in [&id, &other] {
        assert_eq!(elsewhere.get(&format!("/submissions/{id}")).await.status(), StatusCode::OK);
    }
    assert_eq!(elsewhere.get_json("/account").await["email"], "ada@example.org", "the subject counts, not the address");
    assert_eq!(people(&app).await, 1);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn whose_session_ended_at_an_exercise_signs_in_elsewhere_and_finds_the_code() {
    let (issuer, app) = start().await;
    let ada = app.browser();
    ada.post("/exercises/double/draft", &[("source", "# typed by a guest")]).await;
    let page = ada.get("/sign-in").await.text().await.unwrap();
    assert_eq!(page.matches("Bring what you typed here as a guest").count(), 2, "in both ways of signing in: {page}");
    sign_in(&issuer, &ada, "ada", as_it_is).await;
    sqlx::query("update sessions set expires_at = now() - interval '1 hour'")
        .execute(&app.database.pool)
        .await
        .unwrap();
    let key = uuid::Uuid::new_v4().to_string();
    let typed = [("source", "# not to be lost"), ("kind", "submit"), ("key", &key)];
    let refused = ada.post("/exercises/double/submissions", &typed).await.text().await.unwrap();
    assert!(refused.contains("Sign in with Example University and come back"), "{refused}");
    let form = [typed.as_slice(), &[("return_exercise", "double"), ("next", "/")]].concat();
    let url = depart(&ada, &form).await;
    let back = ada.get(&issuer.agree(&url, "ada", as_it_is)).await;
    assert_eq!(location(&back), "/lessons/numbers#double");
    let page = ada.get("/lessons/numbers").await.text().await.unwrap();
    assert!(page.contains("# not to be lost</textarea>") && page.contains(">ada</a>"), "{page}");
    assert_eq!(people(&app).await, 1, "the guest that kept it has gone");

    // Code that is no draft is said to be so, with the code.
    sqlx::query("update sessions set expires_at = now() - interval '1 hour'")
        .execute(&app.database.pool)
        .await
        .unwrap();
    let much = "# ".repeat(40_000);
    let answer = ada.post("/openid", &[("source", &much), ("return_exercise", "double")]).await;
    assert!(answer.status().is_client_error());
    assert!(answer.text().await.unwrap().contains(&much));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn the_session_is_another_one_afterwards() {
    let (issuer, app) = start().await;
    let ada = app.browser();
    let url = depart(&ada, &[]).await;
    let answer = ada.get(&issuer.agree(&url, "ada", as_it_is)).await;
    let cookies: Vec<&str> = answer.headers().get_all("set-cookie").iter().filter_map(|c| c.to_str().ok()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("athanor=")), "{cookies:?}");
    assert_eq!(ada.get("/account").await.status(), StatusCode::OK);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn an_address_alone_opens_no_account_that_there_is() {
    let (issuer, app) = start().await;
    app.browser().sign_up("ada").await;
    for verified in [true, false] {
        let thief = app.browser();
        let answer = sign_in(&issuer, &thief, "thief", |claims| {
            claims["email"] = json!("ada@example.org");
            claims["email_verified"] = json!(verified);
        })
        .await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(location(&thief.get("/account").await), "/sign-in?next=/account");
    }
    let unverified = sign_in(&issuer, &app.browser(), "bob", |claims| claims["email_verified"] = json!(false)).await;
    assert_eq!(unverified.status(), StatusCode::UNPROCESSABLE_ENTITY, "nor makes one that its owner would find taken");
    assert_eq!(people(&app).await, 1);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn an_account_is_connected_with_its_password_and_by_its_owner_only() {
    let (issuer, app) = start().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let refused = ada.post("/openid", &[("connect", "yes"), ("password", "a guess")]).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().await.unwrap().contains("connect-password-error"));
    let form = [("connect", "yes"), ("password", PASSWORD)];
    let url = depart(&ada, &form).await;
    assert_eq!(location(&ada.get(&issuer.agree(&url, "a-1", as_it_is)).await), "/account?done=connected");
    let elsewhere = app.browser();
    assert_eq!(location(&sign_in(&issuer, &elsewhere, "a-1", as_it_is).await), "/progress");
    assert_eq!(elsewhere.get_json("/account").await["email"], "ada@example.org");

    let bob = app.browser();
    bob.sign_up("bob").await;
    let url = depart(&bob, &form).await;
    let taken = bob.get(&issuer.agree(&url, "a-1", as_it_is)).await;
    assert_eq!(taken.status(), StatusCode::UNPROCESSABLE_ENTITY, "it is Ada's");
    let url = depart(&bob, &form).await;
    bob.post("/sign-out", &[]).await;
    let gone = bob.get(&issuer.agree(&url, "b-1", as_it_is)).await;
    assert_eq!(gone.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let connected: i64 =
        sqlx::query_scalar("select count(*) from identities").fetch_one(&app.database.pool).await.unwrap();
    assert_eq!(connected, 1);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_password_that_somebody_else_set_closes_every_other_way_in() {
    let (issuer, app) = start().await;
    let thief = app.browser();
    thief.sign_up("ada").await;
    let form = [("connect", "yes"), ("password", PASSWORD)];
    let url = depart(&thief, &form).await;
    assert_eq!(location(&thief.get(&issuer.agree(&url, "thief", as_it_is)).await), "/account?done=connected");
    depart(&thief, &form).await;
    let email = Email::parse("ada@example.org").unwrap();
    users::set_one_time_password(&app.database.pool, &email, "$argon2id$none").await.unwrap();
    for table in ["identities", "openid_flows"] {
        let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        let left: i64 = sqlx::query_scalar(count).fetch_one(&app.database.pool).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
    let again = app.browser();
    let answer = sign_in(&issuer, &again, "thief", |claims| claims["email"] = json!("ada@example.org")).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_ne!(again.get("/password").await.status(), StatusCode::OK);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn nothing_is_connected_for_a_session_that_ended_while_the_other_site_was_asked() {
    let (issuer, app) = start().await;
    let thief = app.browser();
    thief.sign_up("ada").await;
    let url = depart(&thief, &[("connect", "yes"), ("password", PASSWORD)]).await;
    let back = issuer.agree(&url, "thief", as_it_is);
    let (reached, open) = issuer.hold();
    let email = Email::parse("ada@example.org").unwrap();
    let (answer, ()) = tokio::join!(thief.get(&back), async {
        reached.await.unwrap();
        users::set_one_time_password(&app.database.pool, &email, "$argon2id$none").await.unwrap();
        open.send(()).unwrap();
    });
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().await.unwrap().contains("nothing was connected"));
    let connected: i64 =
        sqlx::query_scalar("select count(*) from identities").fetch_one(&app.database.pool).await.unwrap();
    assert_eq!(connected, 0);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn connecting_waits_for_a_new_password_that_is_being_set_and_then_finds_no_session() {
    let app = TestApp::without_worker().await;
    let pool = &app.database.pool;
    app.browser().sign_up("ada").await;
    let email = Email::parse("ada@example.org").unwrap();
    let user = users::by_email(pool, &email).await.unwrap().unwrap().user.id;
    let session = [7; 32];
    assert!(sessions::start(pool, &session, user, std::time::Duration::from_secs(600)).await.unwrap());
    let connect = async |subject: &str| identities::connect(pool, user, &session, "https://x.example", subject).await;
    assert_eq!(connect("a-1").await.unwrap(), Connection::Made);
    assert_eq!(connect("a-1").await.unwrap(), Connection::Made);

    let mut reset = pool.begin().await.unwrap();
    sqlx::query("update users set password_one_time = true where id = $1")
        .bind(user.0)
        .execute(&mut *reset)
        .await
        .unwrap();
    let (connected, ()) = tokio::join!(connect("a-2"), async {
        let waits = "select exists (select 1 from pg_stat_activity where datname = current_database()
                     and wait_event_type = 'Lock')";
        while !sqlx::query_scalar::<_, bool>(waits).fetch_one(pool).await.unwrap() {
            tokio::task::yield_now().await;
        }
        for table in ["sessions", "identities"] {
            let delete = sqlx::AssertSqlSafe(format!("delete from {table}"));
            sqlx::query(delete).execute(&mut *reset).await.unwrap();
        }
        reset.commit().await.unwrap();
    });
    assert_eq!(connected.unwrap(), Connection::SignedOut);
    let left: i64 = sqlx::query_scalar("select count(*) from identities").fetch_one(pool).await.unwrap();
    assert_eq!(left, 0);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn who_comes_back_must_be_who_was_sent_and_comes_once() {
    let (issuer, app) = start().await;
    let (thief, victim) = (app.browser(), app.browser());
    victim.get("/").await;
    let url = depart(&thief, &[]).await;
    let back = issuer.agree(&url, "thief", as_it_is);
    let refused = async |browser: &Browser, path: &str| {
        let answer = browser.get(path).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert_eq!(location(&browser.get("/account").await), "/sign-in?next=/account");
    };
    // Nobody is signed in to somebody else's account by a link that is sent to them.
    refused(&victim, &back).await;
    assert_eq!(location(&thief.get(&back).await), "/");
    thief.post("/sign-out", &[]).await;
    refused(&thief, &back).await;
    let (state, _) = back.split_once("&code=").unwrap();
    for path in [
        "/openid/callback".to_owned(),
        "/openid/callback?state=x&code=y".to_owned(),
        format!("{state}&code=made+up"),
        format!("{state}&error=access_denied"),
    ] {
        refused(&victim, &path).await;
    }
    let url = depart(&victim, &[]).await;
    let mixed = format!("{}&iss=https%3A%2F%2Fevil.example", issuer.agree(&url, "v", as_it_is));
    refused(&victim, &mixed).await;
    let url = depart(&victim, &[]).await;
    sqlx::query("update openid_flows set expires_at = now()").execute(&app.database.pool).await.unwrap();
    refused(&victim, &issuer.agree(&url, "v", as_it_is)).await;
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_token_for_somebody_or_something_else_signs_nobody_in() {
    let (issuer, app) = start().await;
    for (name, value) in [
        ("nonce", json!("another")),
        ("aud", json!("another-site")),
        ("iss", json!("https://evil.example")),
        ("exp", json!(1_000_000)),
        ("sub", json!("")),
    ] {
        let browser = app.browser();
        let answer = sign_in(&issuer, &browser, "ada", |claims| claims[name] = value).await;
        assert_eq!(answer.status(), StatusCode::BAD_GATEWAY, "{name}");
        assert_eq!(location(&browser.get("/account").await), "/sign-in?next=/account");
    }
    // A code that the token endpoint does not know, in an otherwise good return.
    let browser = app.browser();
    let back = issuer.agree(&depart(&browser, &[]).await, "ada", as_it_is);
    let (state, _) = back.split_once("&code=").unwrap();
    assert_eq!(browser.get(&format!("{state}&code=made+up")).await.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(people(&app).await, 0);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn an_issuer_that_changes_its_key_is_asked_for_the_new_one() {
    let (issuer, app) = start().await;
    assert_eq!(location(&sign_in(&issuer, &app.browser(), "ada", as_it_is).await), "/progress");
    issuer.change_key();
    assert_eq!(location(&sign_in(&issuer, &app.browser(), "ada", as_it_is).await), "/progress");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_name_of_any_form_becomes_one_of_ours() {
    let (issuer, app) = start().await;
    for (subject, name, expected) in [
        ("a", json!("<script>alert(1)</script>"), "<script>alert(1)</script>"),
        ("b", json!("one\ntwo\u{0}"), "onetwo"),
        ("c", json!("  "), "c"),
        ("d", Value::Null, "d"),
    ] {
        let browser = app.browser();
        assert_eq!(location(&sign_in(&issuer, &browser, subject, |claims| claims["name"] = name).await), "/progress");
        assert_eq!(browser.get_json("/account").await["name"], expected);
        assert!(!browser.get("/account").await.text().await.unwrap().contains("<script>alert"));
    }
    let long = app.browser();
    sign_in(&issuer, &long, "e", |claims| claims["name"] = json!("ä".repeat(500))).await;
    assert_eq!(long.get_json("/account").await["name"].as_str().unwrap().chars().count(), 80);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn an_account_without_a_password_is_changed_and_deleted_only_just_after_signing_in() {
    let (issuer, app) = start().await;
    let ada = app.browser();
    sign_in(&issuer, &ada, "ada", as_it_is).await;
    let old = "update sessions set created_at = created_at - interval '1 hour'";
    sqlx::query(old).execute(&app.database.pool).await.unwrap();
    let stale = ada.post("/account/delete", &[("word", "delete")]).await;
    assert_eq!(stale.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stale.text().await.unwrap().contains("Sign out and in again first"));
    let stale = ada.post("/password", &[("password", "walnut ferry lantern")]).await;
    assert_eq!(stale.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let by_password = app.browser().post("/sign-in", &[("email", "ada@example.org"), ("password", "")]).await;
    assert_eq!(by_password.status(), StatusCode::UNPROCESSABLE_ENTITY, "no password is no empty one");
    sign_in(&issuer, &ada, "ada", as_it_is).await;
    let set = ada.post("/password", &[("password", "walnut ferry lantern"), ("next", "/account")]).await;
    assert_eq!(location(&set), "/account");
    let refused = ada.post("/account/delete", &[("word", "delete")]).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "now there is one to ask for");
    let form = [("word", "delete"), ("password", "walnut ferry lantern")];
    assert_eq!(location(&ada.post("/account/delete", &form).await), "/account/deleted");
    assert_eq!(people(&app).await, 0);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_site_without_such_a_provider_has_no_such_pages_and_one_whose_provider_is_away_says_so() {
    let app = TestApp::without_worker().await;
    assert_eq!(app.browser().post("/openid", &[]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(app.browser().get("/openid/callback?state=x&code=y").await.status(), StatusCode::NOT_FOUND);
    assert!(!app.browser().get("/sign-in").await.text().await.unwrap().contains("/openid"));
    app.stop().await.drop_it().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let app = TestApp::set(&[
        ("ATHANOR_OIDC_ISSUER", format!("http://{closed}")),
        ("ATHANOR_OIDC_CLIENT_ID", "athanor".to_owned()),
        ("ATHANOR_OIDC_CLIENT_SECRET", "s3cret".to_owned()),
    ])
    .await;
    let answer = app.browser().post("/openid", &[]).await;
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    assert!(answer.text().await.unwrap().contains("could not be asked"));
    app.stop().await.drop_it().await;
}
