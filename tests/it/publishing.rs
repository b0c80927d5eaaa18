//! A course folder that changes while the site is served.

use std::path::PathBuf;

use athanor::startup::Grading;
use reqwest::StatusCode;
use uuid::Uuid;

use crate::helpers::TestApp;
use crate::helpers::app::{Browser, PATIENCE};
use crate::helpers::lessons::{DOUBLE, LESSON};

fn lesson(app: &TestApp) -> PathBuf {
    app.lessons.path().join("01-first/01-numbers.md")
}

/// Saves a lesson as editors do that never leave half a file.
pub fn save(path: PathBuf, text: &str) {
    let beside = path.with_extension("tmp");
    std::fs::write(&beside, text).expect("a file");
    std::fs::rename(beside, path).expect("a file");
}

/// Loads a page until it holds a text.
pub async fn page_with(browser: &Browser, path: &str, text: &str) -> String {
    let found = async {
        loop {
            let page = browser.get(path).await.text().await.expect("a page");
            if page.contains(text) {
                return page;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("no page with {text}"))
}

fn version_of(page: &str, exercise: &str) -> String {
    let form = page.split(&format!("/exercises/{exercise}/submissions")).nth(1).expect("a form");
    let value = form.split("name=\"version\" value=\"").nth(1).expect("a version");
    value.split('"').next().expect("its end").to_owned()
}

async fn submit(browser: &Browser, exercise: &str, version: &str, source: &str) -> String {
    let key = Uuid::new_v4().to_string();
    let form = [("source", source), ("kind", "submit"), ("key", &key), ("version", version)];
    let answer = browser.post_for_json(&format!("/exercises/{exercise}/submissions"), &form).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let body: serde_json::Value = answer.json().await.expect("JSON");
    body["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn whoever_loaded_the_page_before_a_change_is_graded_by_the_version_they_saw_and_hears_of_the_newer_one() {
    let app = TestApp::start().await;
    let guest = app.browser();
    let before = guest.get("/lessons/numbers").await.text().await.expect("a page");
    let seen = version_of(&before, "double");
    save(lesson(&app), &LESSON.replace("### Double", "### Twofold").replace("name=\"two\"", "name=\"two anew\""));
    let after = page_with(&guest, "/lessons/numbers", "Twofold").await;
    let present = version_of(&after, "double");
    assert_ne!(seen, present);

    let old = submit(&guest, "double", &seen, DOUBLE).await;
    let judged = guest.verdict(&old).await;
    assert_eq!(
        (&judged["verdict"], &judged["cases"][0]["name"]),
        (&"passed".into(), &"two".into()),
        "by the old cases"
    );
    let shown = guest.get(&format!("/submissions/{old}")).await.text().await.expect("a page");
    assert!(shown.contains("This exercise has changed since"), "{shown}");
    let on_page = guest.get(&format!("/lessons/numbers?attempt={old}")).await.text().await.expect("a page");
    assert!(on_page.contains("This exercise has changed since") && version_of(&on_page, "double") == present);

    let new = submit(&guest, "double", &present, DOUBLE).await;
    assert_eq!(guest.verdict(&new).await["cases"][0]["name"], "two anew");
    let shown = guest.get(&format!("/submissions/{new}")).await.text().await.expect("a page");
    assert!(!shown.contains("This exercise has changed since"));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_lesson_with_an_error_stays_as_it_was_while_others_change_and_instructors_read_why() {
    let app = TestApp::start().await;
    let guest = app.browser();
    save(
        lesson(&app),
        &LESSON.replace("title: Numbers", "title: Broken").replace("```elixir test name", "```elixir tset name"),
    );
    let second = LESSON
        .replace("title: Numbers", "title: Second")
        .replace("exercise: double points=2", "exercise: other points=2");
    let second = second.replace("exercise: answer", "exercise: another");
    save(app.lessons.path().join("01-first/02-second.md"), &second);
    page_with(&guest, "/", "Second").await;
    let first = guest.get("/lessons/numbers").await;
    assert_eq!(first.status(), StatusCode::OK);
    let first = first.text().await.expect("a page");
    assert!(first.contains("Numbers") && !first.contains("Broken"));
    let id = guest.submit("double", "submit", DOUBLE).await;
    assert_eq!(guest.verdict(&id).await["verdict"], "passed", "its exercises are still graded");

    let teacher = app.browser();
    teacher.sign_up("ida").await;
    sqlx::query("update users set role = 'instructor' where email = 'ida@example.org'")
        .execute(&app.database.pool)
        .await
        .expect("a role");
    let review = teacher.get("/instructor/submissions").await.text().await.expect("a page");
    assert!(review.contains("is shown as it was before its errors") && review.contains("tset"), "{review}");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn an_exercise_that_is_gone_keeps_its_history() {
    let app = TestApp::start().await;
    let guest = app.browser();
    let id = guest.submit("double", "submit", DOUBLE).await;
    guest.verdict(&id).await;
    save(lesson(&app), &LESSON.replace("exercise: double points=2", "exercise: twice points=2"));
    page_with(&guest, "/lessons/numbers", "/exercises/twice/submissions").await;
    let shown = guest.get(&format!("/submissions/{id}")).await;
    assert_eq!(shown.status(), StatusCode::OK);
    let attempts = guest.get("/exercises/double/attempts").await;
    assert_eq!(attempts.status(), StatusCode::OK);
    let attempts = attempts.text().await.expect("a page");
    assert!(attempts.contains(&id) && attempts.contains("The course has no such exercise any more"), "{attempts}");
    assert_eq!(app.browser().get("/exercises/double/attempts").await.status(), StatusCode::NOT_FOUND);

    // With its id the exercise has its history back.
    save(lesson(&app), LESSON);
    page_with(&guest, "/lessons/numbers", &format!("/submissions/{id}")).await;
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn instructors_hear_of_an_exercise_that_is_gone_for_as_long_as_it_is_after_a_restart_too() {
    let folder = tempfile::tempdir().expect("a folder");
    crate::helpers::lessons::write(folder.path());
    let file = folder.path().join("01-first/01-numbers.md");
    let settings = [("ATHANOR_LESSONS", folder.path().to_str().expect("UTF-8"))];
    let start = async |database| TestApp::with(database, crate::helpers::app::fake(), Grading::In, &settings).await;
    let review = async |teacher: &Browser| teacher.get("/instructor/submissions").await.text().await.expect("a page");
    let app = start(crate::helpers::TestDatabase::new().await).await;
    let (guest, teacher) = (app.browser(), app.browser());
    let id = guest.submit("double", "submit", DOUBLE).await;
    guest.verdict(&id).await;
    teacher.sign_up("ida").await;
    sqlx::query("update users set role = 'instructor' where email = 'ida@example.org'")
        .execute(&app.database.pool)
        .await
        .expect("a role");
    assert!(!review(&teacher).await.contains("is gone"));

    let renamed = LESSON.replace("exercise: double points=2", "exercise: twice points=2");
    save(file.clone(), &renamed);
    let told = "the exercise &#x27;double&#x27; is gone, and &#x27;twice&#x27; looks the same";
    page_with(&teacher, "/instructor/submissions", told).await;
    // Another reading, and another life of the site.
    save(file.clone(), &renamed.replace("title: Numbers", "title: Second reading"));
    page_with(&guest, "/lessons/numbers", "Second reading").await;
    assert!(review(&teacher).await.contains(told));
    let app = start(app.stop().await).await;
    let (guest, teacher) = (guest.at(&app.address), teacher.at(&app.address));
    assert!(review(&teacher).await.contains(told));

    // Given back, it is there; nobody has done anything at the other.
    save(file.clone(), LESSON);
    page_with(&guest, "/lessons/numbers", &format!("/submissions/{id}")).await;
    assert!(!review(&teacher).await.contains("is gone"));

    // A lesson with errors hides its exercises; they are not gone.
    let database = app.stop().await;
    save(file, &LESSON.replace("```elixir test name", "```elixir tset name"));
    let app = start(database).await;
    let shown = review(&teacher.at(&app.address)).await;
    assert!(shown.contains("tset") && !shown.contains("is gone"), "{shown}");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_folder_that_goes_away_takes_no_course_with_it() {
    let app = TestApp::start().await;
    let guest = app.browser();
    let chapter = app.lessons.path().join("01-first");
    std::fs::rename(&chapter, app.lessons.path().join("away")).expect("a move");
    save(app.lessons.path().join("README.md"), "Nothing here.");
    assert_eq!(guest.get("/lessons/numbers").await.status(), StatusCode::OK);
    std::fs::rename(app.lessons.path().join("away"), &chapter).expect("a move");
    save(lesson(&app), &LESSON.replace("title: Numbers", "title: Back again"));
    page_with(&guest, "/lessons/numbers", "Back again").await;
    app.stop().await.drop_it().await;
}
