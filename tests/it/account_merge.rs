//! What a guest did becomes an account's own: all of it, once.

use std::collections::BTreeSet;

use athanor::db::users::{MOVED, STAYS, merge_guest};
use athanor::domain::ids::UserId;
use reqwest::StatusCode;
use uuid::Uuid;

use crate::helpers::TestApp;
use crate::helpers::audit::{audit, until};
use crate::helpers::database::TestDatabase;
use crate::helpers::lessons::{DOUBLE, STARTER};

const PASSWORD: &str = "plum teapot quarrel";

async fn guests(app: &TestApp) -> Vec<Uuid> {
    sqlx::query_scalar("select id from users where role = 'guest' order by id")
        .fetch_all(&app.database.pool)
        .await
        .unwrap()
}

async fn id_of(app: &TestApp, email: &str) -> Uuid {
    sqlx::query_scalar("select id from users where email = $1").bind(email).fetch_one(&app.database.pool).await.unwrap()
}

#[tokio::test]
async fn every_table_that_names_a_person_is_moved_or_said_to_stay() {
    let database = TestDatabase::new().await;
    let tables: BTreeSet<String> = sqlx::query_scalar(
        "select distinct conrelid::regclass::text from pg_constraint where contype = 'f' and confrelid = 'users'::regclass",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap()
    .into_iter()
    .collect();
    let known: BTreeSet<String> = MOVED.iter().chain(&STAYS).map(ToString::to_string).collect();
    assert_eq!(tables, known, "src/db/users/merge.rs says what a new table does");
    database.drop_it().await;
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_when_both_have_tried_the_same_exercise() {
    let app = TestApp::start().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let key = Uuid::new_v4().to_string();
    let same_key = async |browser: &crate::helpers::app::Browser, source: &str| {
        let form = [("source", source), ("kind", "submit"), ("key", key.as_str())];
        let answer = browser.post_for_json("/exercises/double/submissions", &form).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        let id = answer.json::<serde_json::Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
        browser.verdict(&id).await;
        id
    };
    let first = same_key(&ada, DOUBLE).await;
    let guest = app.browser();
    let second = same_key(&guest, STARTER).await;
    assert!(guest.post(&format!("/submissions/{second}/report"), &[("words", "but")]).await.status().is_redirection());
    let run = guest.submit("double", "run", STARTER).await;
    guest.verdict(&run).await;
    let other = guest.submit("answer", "submit", "defmodule Answer do\nend\n").await;
    guest.verdict(&other).await;
    let before: (i64, i64) =
        sqlx::query_as("select (select count(*) from submissions), (select count(*) from case_results)")
            .fetch_one(&app.database.pool)
            .await
            .unwrap();
    let form = [("email", "ada@example.org"), ("password", PASSWORD), ("bring", "yes")];
    assert_eq!(guest.post("/sign-in", &form).await.status(), StatusCode::SEE_OTHER);
    for id in [&first, &second, &run, &other] {
        assert_eq!(ada.get(&format!("/submissions/{id}")).await.status(), StatusCode::OK);
    }
    let after: (i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from submissions s join users u on u.id = s.user_id where u.email = 'ada@example.org'),
             (select count(*) from case_results), (select count(*) from reports)",
    )
    .fetch_one(&app.database.pool)
    .await
    .unwrap();
    assert_eq!(after, (before.0, before.1, 1));
    let progress: Vec<(String, i32, bool)> =
        sqlx::query_as("select exercise_id, attempts, passed_at is not null from progress order by exercise_id")
            .fetch_all(&app.database.pool)
            .await
            .unwrap();
    assert_eq!(progress[1], ("double".to_owned(), 2, true));
    assert_eq!((progress[0].0.as_str(), progress.len()), ("answer", 2));
    assert!(guests(&app).await.is_empty());
    audit(&app.database.pool).await;
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_guest_whose_address_is_taken_signs_in_instead_and_keeps_everything() {
    let app = TestApp::without_worker().await;
    app.browser().sign_up("ada").await;
    let guest = app.browser();
    let id = guest.submit("double", "submit", DOUBLE).await;
    let form = [("name", "Ada"), ("email", "ada@example.org"), ("password", PASSWORD)];
    assert_eq!(guest.post("/sign-up", &form).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(guest.get(&format!("/submissions/{id}")).await.status(), StatusCode::OK, "still the guest's");
    let form = [("email", "ada@example.org"), ("password", PASSWORD), ("bring", "yes")];
    assert_eq!(guest.post("/sign-in", &form).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(guest.get(&format!("/submissions/{id}")).await.status(), StatusCode::OK, "the account's");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn two_guests_who_come_to_one_account_at_once_both_arrive() {
    let app = TestApp::start().await;
    app.browser().sign_up("ada").await;
    let (one, other) = (app.browser(), app.browser());
    for (browser, exercises) in [(&one, ["double", "answer"]), (&other, ["answer", "double"])] {
        for exercise in exercises {
            let id = browser.submit(exercise, "submit", STARTER).await;
            browser.verdict(&id).await;
        }
    }
    let form = [("email", "ada@example.org"), ("password", PASSWORD), ("bring", "yes")];
    let (first, second) = tokio::join!(one.post("/sign-in", &form), other.post("/sign-in", &form));
    assert_eq!((first.status(), second.status()), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    let counts: (i64, i64, i64) =
        sqlx::query_as("select count(*), sum(attempts)::bigint, count(distinct user_id) from progress")
            .fetch_one(&app.database.pool)
            .await
            .unwrap();
    assert_eq!(counts, (2, 4, 1));
    audit(&app.database.pool).await;
    app.stop().await.drop_it().await;
}

/// A worker writes a verdict while its guest signs in: the merge waits for it, the verdict does not wait for the merge, and what it
/// counts arrives.
#[tokio::test]
async fn a_verdict_that_is_just_being_written_arrives_with_the_guest() {
    let app = TestApp::without_worker().await;
    app.browser().sign_up("ada").await;
    app.browser().submit("double", "submit", DOUBLE).await;
    let (guest, account) = (guests(&app).await[0], id_of(&app, "ada@example.org").await);
    let pool = app.database.pool.clone();
    let mut verdict = pool.begin().await.unwrap();
    sqlx::query("update gradings set state = 'done', verdict = 'passed', shown_verdict = 'passed', points = 2")
        .execute(&mut *verdict)
        .await
        .unwrap();
    let merging = tokio::spawn({
        let pool = pool.clone();
        async move { merge_guest(&pool, UserId(guest), UserId(account)).await }
    });
    let waits = "select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')";
    until("the merge waits for the verdict", async || {
        sqlx::query_scalar::<_, bool>(waits).fetch_one(&pool).await.unwrap()
    })
    .await;
    sqlx::query(
        "insert into progress (user_id, exercise_id, attempts, best_points, passed_at) values ($1, 'double', 1, 2, now())
         on conflict (user_id, exercise_id) do update set attempts = progress.attempts + 1, best_points = 2, passed_at = now()",
    )
    .bind(guest)
    .execute(&mut *verdict)
    .await
    .expect("the verdict is written");
    verdict.commit().await.unwrap();
    merging.await.unwrap().expect("the merge is done");
    let (owner, attempts): (Uuid, i32) =
        sqlx::query_as("select user_id, attempts from progress").fetch_one(&pool).await.unwrap();
    assert_eq!((owner, attempts), (account, 1));
    audit(&pool).await;
    app.stop().await.drop_it().await;
}
