//! Signing up, in and out.

use reqwest::{Response, StatusCode};

use crate::helpers::TestApp;
use crate::helpers::lessons::{DOUBLE, STARTER};

const PASSWORD: &str = "plum teapot quarrel";

fn location(answer: &Response) -> &str {
    answer.headers()["location"].to_str().expect("a path")
}

fn session(answer: &Response) -> Option<String> {
    let cookies = answer.headers().get_all("set-cookie").iter();
    cookies.filter_map(|cookie| cookie.to_str().ok()).find(|cookie| cookie.starts_with("athanor=")).map(str::to_owned)
}

#[tokio::test]
async fn a_guest_who_signs_in_may_bring_the_attempts_along() {
    let app = TestApp::start().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let first = ada.submit("double", "submit", STARTER).await;
    ada.verdict(&first).await;
    let elsewhere = app.browser();
    let second = elsewhere.submit("double", "submit", DOUBLE).await;
    elsewhere.verdict(&second).await;
    let page = elsewhere.get("/sign-in").await.text().await.expect("a page");
    assert!(page.contains("Bring the 1 attempt made here"), "{page}");
    let form = [("email", "ada@example.org"), ("password", PASSWORD), ("bring", "yes")];
    assert_eq!(elsewhere.post("/sign-in", &form).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(ada.verdict(&second).await["verdict"], "passed", "both browsers see it now");
    let (rows, attempts): (i64, i64) = sqlx::query_as("select count(*), sum(attempts)::bigint from progress")
        .fetch_one(&app.database.pool)
        .await
        .expect("progress");
    assert_eq!((rows, attempts), (1, 2), "joined, not doubled");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_guest_who_does_not_bring_attempts_leaves_them_behind() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let elsewhere = app.browser();
    let id = elsewhere.submit("double", "submit", DOUBLE).await;
    let form = [("email", "ada@example.org"), ("password", PASSWORD)];
    assert_eq!(elsewhere.post("/sign-in", &form).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(elsewhere.get(&format!("/submissions/{id}")).await.status(), StatusCode::NOT_FOUND);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn the_session_is_another_one_after_signing_in_and_none_after_signing_out() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    let before = session(&ada.get("/").await).expect("a cookie with the first page");
    assert!(before.contains("HttpOnly") && before.contains("SameSite=Lax"), "{before}");
    let form = [("name", "Ada"), ("email", "ada@example.org"), ("password", PASSWORD)];
    let after = session(&ada.post("/sign-up", &form).await).expect("a new cookie");
    assert_ne!(before.split(';').next(), after.split(';').next());
    let stolen = after.split(';').next().expect("a pair").to_owned();
    let out = ada.post("/sign-out", &[]).await;
    assert_eq!(out.status(), StatusCode::SEE_OTHER);
    let thief = reqwest::Client::new().get(app.url("/password")).header("cookie", stolen);
    let page = thief.send().await.expect("an answer");
    assert!(page.url().path() == "/sign-in", "the old token opens nothing: {}", page.url());
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn whether_an_address_has_an_account_cannot_be_seen_by_signing_in() {
    let app = TestApp::without_worker().await;
    app.browser().sign_up("ada").await;
    let stranger = app.browser();
    let answer = async |email: &str| {
        let answer = stranger.post("/sign-in", &[("email", email), ("password", "something wrong")]).await;
        let status = answer.status();
        let page = answer.text().await.expect("a page").replace(email, "");
        (status, page.split("<main").nth(1).expect("a page").to_owned())
    };
    assert_eq!(answer("ada@example.org").await, answer("nobody@example.org").await);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn signing_in_leads_to_our_own_pages_only() {
    let app = TestApp::without_worker().await;
    app.browser().sign_up("ada").await;
    for (next, expected) in
        [("/progress", "/progress"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil.example", "/")]
    {
        let form = [("email", "ada@example.org"), ("password", PASSWORD), ("next", next)];
        let answer = app.browser().post("/sign-in", &form).await;
        assert_eq!(location(&answer), expected, "{next}");
    }
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_sign_up_that_cannot_be_taken_says_why_at_each_field_and_keeps_what_was_typed() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    let form = [("name", "<Ada>"), ("email", "nope"), ("password", "password1")];
    let answer = guest.post("/sign-up", &form).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.text().await.expect("a page");
    assert!(page.contains("email-error") && page.contains("password-error") && !page.contains("name-error"), "{page}");
    assert!(page.contains("&lt;Ada&gt;") && page.contains("nope") && !page.contains("password1"), "{page}");
    guest.sign_up("ada").await;
    let taken = [("name", "Other"), ("email", "ADA@example.org"), ("password", PASSWORD)];
    let answer = app.browser().post("/sign-up", &taken).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().await.expect("a page").contains("already an account"));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_one_time_password_is_replaced_before_anything_else() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    sqlx::query("update users set password_one_time = true where email = 'ada@example.org'")
        .execute(&app.database.pool)
        .await
        .expect("an update");
    let again = app.browser();
    let form = [("email", "ada@example.org"), ("password", PASSWORD), ("next", "/progress")];
    let answer = again.post("/sign-in", &form).await;
    assert_eq!(location(&answer), "/password?next=/progress");
    let other = again.get("/lessons/numbers").await;
    assert_eq!(location(&other), "/password?next=/lessons/numbers");
    let weak = again.post("/password", &[("password", "123")]).await;
    assert_eq!(weak.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let set = again.post("/password", &[("password", "walnut ferry lantern"), ("next", "/progress")]).await;
    assert_eq!((set.status(), location(&set)), (StatusCode::SEE_OTHER, "/progress"));
    assert_eq!(again.get("/lessons/numbers").await.status(), StatusCode::OK);
    assert_eq!(location(&ada.get("/password").await), "/sign-in?next=/password", "other sessions ended");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down() {
    let app = TestApp::without_worker().await;
    let guesser = app.browser();
    let form = [("email", "ada@example.org"), ("password", "a guess")];
    let mut last = guesser.post("/sign-in", &form).await;
    for _ in 0..12 {
        last = guesser.post("/sign-in", &form).await;
        if last.status() == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
    }
    assert_eq!(last.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(last.headers().contains_key("retry-after"));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn under_https_the_cookie_is_bound_to_the_host() {
    let app = TestApp::with(
        crate::helpers::database::TestDatabase::new().await,
        crate::helpers::app::fake(),
        |_| athanor::startup::Grading::Elsewhere,
        &[("ATHANOR_BASE_URL", "https://athanor.example")],
    )
    .await;
    let answer = app.browser().get("/").await;
    let cookie = answer.headers()["set-cookie"].to_str().expect("a cookie").to_owned();
    assert!(
        cookie.starts_with("__Host-athanor=") && cookie.contains("Secure") && cookie.contains("Path=/"),
        "{cookie}"
    );
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_password_that_somebody_else_set_ends_every_open_session() {
    let app = TestApp::start().await;
    let thief = app.browser();
    thief.sign_up("ada").await;
    let email = athanor::domain::account::Email::parse("ada@example.org").unwrap();
    athanor::db::users::set_one_time_password(&app.database.pool, &email, "$argon2id$none").await.unwrap();
    let page = thief.get("/password").await;
    assert_ne!(page.status(), StatusCode::OK, "an old session may not choose the next password");
    app.stop().await.drop_it().await;
}
