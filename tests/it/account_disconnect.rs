//! Disconnecting an account of another site, and who is let in while ways in are taken away.

use std::time::Duration;

use athanor::db::accounts::{self, Deletion};
use athanor::db::api_tokens::{self, MakeError, NewToken};
use athanor::db::identities::{self, Connection, Disconnection};
use athanor::db::sessions::{self, Evidence};
use athanor::db::users::AccountError;
use athanor::db::{Pool, resets, users};
use athanor::domain::account::{DisplayName, Email, Role};
use athanor::domain::ids::UserId;
use athanor::domain::scope::Scopes;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::account_openid::{as_it_is, depart, location, sign_in, start};
use crate::helpers::TestApp;
use crate::helpers::app::Browser;
use crate::helpers::database::TestDatabase;
use crate::helpers::issuer::Issuer;

const PASSWORD: &str = "plum teapot quarrel";
const SITE: &str = "https://x.example";
const LONG: Duration = Duration::from_secs(600);

async fn connected(issuer: &Issuer, browser: &Browser, subject: &str) {
    let url = depart(browser, &[("connect", "yes"), ("password", PASSWORD)]).await;
    assert_eq!(location(&browser.get(&issuer.agree(&url, subject, as_it_is)).await), "/account?done=connected");
}

async fn count(pool: &Pool, table: &str) -> i64 {
    let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
    sqlx::query_scalar(count).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn an_owner_sees_what_is_connected_and_disconnects_it_with_the_password() {
    let (issuer, app) = start().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let page = ada.get("/account").await.text().await.unwrap();
    assert!(page.contains("Connect Example University") && !page.contains("Disconnect"), "{page}");
    connected(&issuer, &ada, "a-1").await;
    connected(&issuer, &ada, "a-2").await;
    let elsewhere = app.browser();
    assert_eq!(location(&sign_in(&issuer, &elsewhere, "a-1", as_it_is).await), "/progress");
    let page = ada.get("/account").await.text().await.unwrap();
    assert_eq!(page.matches("Disconnect Example University").count(), 1, "{page}");
    assert!(!page.contains("Connect Example University"), "{page}");

    let refused = ada.post("/account/disconnect", &[("issuer", &issuer.address), ("password", "a guess")]).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = refused.text().await.unwrap();
    assert!(page.contains("id=\"disconnect-password-error\"") && !page.contains("a guess"), "{page}");
    assert_eq!(ada.get_json("/account").await["signs_in_with"], json!([issuer.address]));

    let form = [("issuer", issuer.address.as_str()), ("password", PASSWORD)];
    assert_eq!(location(&ada.post("/account/disconnect", &form).await), "/account?done=disconnected");
    let page = ada.get("/account?done=disconnected").await.text().await.unwrap();
    assert!(page.contains("Disconnected: nobody signs in") && page.contains("Connect Example University"), "{page}");
    assert_eq!(location(&elsewhere.get("/account").await), "/sign-in?next=/account", "other sessions have ended");
    for subject in ["a-1", "a-2"] {
        let named = |claims: &mut Value| claims["email"] = json!("ada@example.org");
        let again = sign_in(&issuer, &app.browser(), subject, named).await;
        assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY, "{subject}");
    }
    let twice = ada.post("/account/disconnect", &form).await;
    assert_eq!(twice.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.text().await.unwrap().contains("not any more"));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_program_with_a_session_disconnects_too() {
    let (issuer, app) = start().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    connected(&issuer, &ada, "a-1").await;
    let post = async |body: Value| {
        let request = ada.client.post(app.url("/api/v1/account/disconnect")).header("sec-fetch-site", "same-origin");
        let answer = request.json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap_or_default()["type"].clone())
    };
    let unfit = (422, json!("urn:athanor:problem:unfit"));
    assert_eq!(post(json!({"issuer": "https://another.example", "password": PASSWORD})).await, unfit);
    assert_eq!(post(json!({"issuer": issuer.address, "password": "no"})).await, unfit);
    assert_eq!(post(json!({"issuer": issuer.address, "password": PASSWORD})).await.0, 204);
    assert_eq!(ada.get_json("/api/v1/account").await["signs_in_with"], json!([]));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn the_only_way_in_stays_until_there_is_a_password() {
    let (issuer, app) = start().await;
    let ada = app.browser();
    sign_in(&issuer, &ada, "ada", as_it_is).await;
    let page = ada.get("/account").await.text().await.unwrap();
    assert!(page.contains("Choose a password</a> before you disconnect it") && !page.contains("<button>Disconnect"));
    let refused = ada.post("/account/disconnect", &[("issuer", &issuer.address)]).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().await.unwrap().contains("Choose one first"));
    assert_eq!(ada.get_json("/account").await["signs_in_with"], json!([issuer.address]));

    assert_eq!(ada.post("/password", &[("password", PASSWORD)]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(ada.get_json("/account").await["signs_in_with"], json!([issuer.address]), "a password alone ends none");
    let form = [("issuer", issuer.address.as_str()), ("password", PASSWORD)];
    assert_eq!(location(&ada.post("/account/disconnect", &form).await), "/account?done=disconnected");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn what_an_earlier_provider_left_can_be_taken_away() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    sqlx::query(
        "insert into identities (issuer, subject, user_id) select $1, 'a', id from users where role = 'learner'",
    )
    .bind(SITE)
    .execute(&app.database.pool)
    .await
    .unwrap();
    assert!(ada.get("/account").await.text().await.unwrap().contains("Disconnect https:&#x2f;&#x2f;x.example"));
    let form = [("issuer", SITE), ("password", PASSWORD)];
    assert_eq!(location(&ada.post("/account/disconnect", &form).await), "/account?done=disconnected");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn whoever_is_disconnected_while_the_other_site_is_asked_is_not_let_in() {
    let (issuer, app) = start().await;
    let (ada, thief) = (app.browser(), app.browser());
    ada.sign_up("ada").await;
    connected(&issuer, &ada, "a-1").await;
    let url = depart(&thief, &[]).await;
    let back = issuer.agree(&url, "a-1", |claims| claims["email"] = json!("ada@example.org"));
    let (reached, open) = issuer.hold();
    let form = [("issuer", issuer.address.as_str()), ("password", PASSWORD)];
    let (answer, ()) = tokio::join!(thief.get(&back), async {
        reached.await.unwrap();
        assert_eq!(location(&ada.post("/account/disconnect", &form).await), "/account?done=disconnected");
        open.send(()).unwrap();
    });
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(location(&thief.get("/account").await), "/sign-in?next=/account");
    app.stop().await.drop_it().await;
}

/// An account that is signed in to by a password and by another site, one session of it, and a link for a new password.
struct Fixture {
    database: TestDatabase,
    user: UserId,
    session: [u8; 32],
    link: [u8; 32],
}

const OLD_HASH: &str = "$argon2id$old";

impl Fixture {
    async fn new() -> Self {
        let database = TestDatabase::new().await;
        let pool = &database.pool;
        let (name, email) = (DisplayName::parse("Ada").unwrap(), Email::parse("ada@example.org").unwrap());
        let user = users::create(pool, &name, &email, Role::Learner, OLD_HASH, false).await.unwrap().id;
        let (session, link) = ([7; 32], [8; 32]);
        let evidence = Evidence::Password(OLD_HASH);
        assert_eq!(sessions::sign_in(pool, &session, user, LONG, evidence).await.unwrap(), Some(false));
        assert_eq!(identities::connect(pool, user, &session, SITE, "a").await.unwrap(), Connection::Made);
        assert!(resets::keep(pool, &email, &link, LONG).await.unwrap().is_some());
        Self { database, user, session, link }
    }

    /// Has `first` and then `second` wait for the account's row, in this order, and lets them go on.
    async fn in_order<A: Send + 'static, B: Send + 'static>(
        &self,
        first: impl Future<Output = A> + Send + 'static,
        second: impl Future<Output = B> + Send + 'static,
    ) -> (A, B) {
        let pool = &self.database.pool;
        let mut gate = pool.begin().await.unwrap();
        sqlx::query("select id from users for no key update").execute(&mut *gate).await.unwrap();
        let waiting = async |expected: i64| {
            let waits = "select count(*) from pg_stat_activity where datname = current_database()
                         and wait_event_type = 'Lock'";
            while sqlx::query_scalar::<_, i64>(waits).fetch_one(pool).await.unwrap() < expected {
                tokio::task::yield_now().await;
            }
        };
        let first = tokio::spawn(first);
        waiting(1).await;
        let second = tokio::spawn(second);
        waiting(2).await;
        gate.rollback().await.unwrap();
        (first.await.unwrap(), second.await.unwrap())
    }
}

/// The two ways to sign in, each before and after each of the ways to take it away.
#[tokio::test]
async fn whoever_signs_in_while_ways_in_are_taken_away_has_no_session_afterwards() {
    let site = Evidence::Identity { issuer: SITE, subject: "a" };
    for evidence in [Evidence::Password(OLD_HASH), site] {
        for reset_first in [true, false] {
            let fixture = Fixture::new().await;
            let (pool, user, link) = (fixture.database.pool.clone(), fixture.user, fixture.link);
            let enter = move |pool: Pool| async move {
                sessions::sign_in(&pool, &[9; 32], user, LONG, evidence).await.unwrap()
            };
            let reset = move |pool: Pool| async move { resets::redeem(&pool, &link, "$argon2id$new").await.unwrap() };
            let entered = if reset_first {
                let (reset, entered) = fixture.in_order(reset(pool.clone()), enter(pool.clone())).await;
                assert!(reset.is_some());
                entered
            } else {
                let (entered, reset) = fixture.in_order(enter(pool.clone()), reset(pool.clone())).await;
                assert!(reset.is_some());
                entered
            };
            assert_eq!(entered.is_some(), !reset_first, "{evidence:?}");
            assert_eq!(count(&pool, "sessions").await, 0, "{evidence:?} {reset_first}");
            fixture.database.drop_it().await;
        }
    }
    for disconnected_first in [true, false] {
        let fixture = Fixture::new().await;
        let (pool, user, session) = (fixture.database.pool.clone(), fixture.user, fixture.session);
        let enter =
            move |pool: Pool| async move { sessions::sign_in(&pool, &[9; 32], user, LONG, site).await.unwrap() };
        let part = move |pool: Pool| async move { identities::disconnect(&pool, user, &session, SITE).await.unwrap() };
        let (parted, entered) = if disconnected_first {
            fixture.in_order(part(pool.clone()), enter(pool.clone())).await
        } else {
            let (entered, parted) = fixture.in_order(enter(pool.clone()), part(pool.clone())).await;
            (parted, entered)
        };
        assert_eq!((parted, entered.is_some()), (Disconnection::Done, !disconnected_first));
        assert_eq!(count(&pool, "sessions").await, 1, "the owner's own");
        fixture.database.drop_it().await;
    }
}

#[tokio::test]
async fn an_old_password_that_was_found_right_lets_nobody_in_after_a_new_one_is_set() {
    for changed_first in [true, false] {
        let fixture = Fixture::new().await;
        let (pool, user, session) = (fixture.database.pool.clone(), fixture.user, fixture.session);
        let old = Evidence::Password(OLD_HASH);
        let enter = move |pool: Pool| async move { sessions::sign_in(&pool, &[9; 32], user, LONG, old).await.unwrap() };
        let change =
            move |pool: Pool| async move { accounts::change_password(&pool, user, &session, "$new").await.unwrap() };
        let changed = if changed_first {
            fixture.in_order(change(pool.clone()), enter(pool.clone())).await.0
        } else {
            fixture.in_order(enter(pool.clone()), change(pool.clone())).await.1
        };
        assert!(changed);
        assert_eq!(count(&pool, "sessions").await, 1, "the owner's own");
        assert_eq!(count(&pool, "identities").await, 1, "what is connected stays so");
        fixture.database.drop_it().await;
    }
}

/// A request that was let in before its session ended, and comes to its change after: the thief's last try.
#[tokio::test]
async fn a_session_that_a_reset_has_ended_changes_nothing_any_more() {
    let fixture = Fixture::new().await;
    let (pool, user, session) = (&fixture.database.pool, fixture.user, &fixture.session);
    resets::redeem(pool, &fixture.link, "$argon2id$new").await.unwrap().unwrap();
    let email = Email::parse("thief@example.org").unwrap();
    assert!(!accounts::change_password(pool, user, session, "$argon2id$thief").await.unwrap());
    assert!(matches!(accounts::change_email(pool, user, session, &email).await, Err(AccountError::Unknown)));
    assert_eq!(accounts::delete(pool, user, session).await.unwrap(), Deletion::SignedOut);
    assert_eq!(identities::disconnect(pool, user, session, SITE).await.unwrap(), Disconnection::SignedOut);
    assert_eq!(identities::connect(pool, user, session, SITE, "b").await.unwrap(), Connection::SignedOut);
    let (name, scopes): (_, Scopes) = (DisplayName::parse("ci").unwrap(), "read".parse().unwrap());
    let token = NewToken { user, session: Some(session), name: &name, hash: &[1; 32], scopes: &scopes, lifetime: None };
    assert!(matches!(api_tokens::make(pool, &token).await, Err(MakeError::UnknownUser)));
    let left: (String, String) =
        sqlx::query_as("select email, password_hash from users").fetch_one(pool).await.unwrap();
    assert_eq!((left.0.as_str(), left.1.as_str()), ("ada@example.org", "$argon2id$new"));
    fixture.database.drop_it().await;
}
