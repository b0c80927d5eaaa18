//! A course that is read again when somebody asks for it, and what it looks like from outside.

use std::fs;

use reqwest::StatusCode;
use rustix::process::{Signal, getpid, kill_process};
use tempfile::TempDir;

use crate::helpers::TestApp;
use crate::helpers::audit::until;
use crate::helpers::lessons::{DOUBLE, LESSON};
use crate::publishing::{page_with, save};
use crate::seen_from_outside::{free_address, metrics_at};

const FILE: &str = "01-first/01-numbers.md";

/// How many watches on files this process has with the kernel.
fn watches() -> usize {
    let open = fs::read_dir("/proc/self/fd").expect("our own files").flatten();
    open.filter_map(|entry| fs::read_link(entry.path()).ok())
        .filter(|file| file.ends_with("anon_inode:inotify"))
        .count()
}

fn hang_up() {
    kill_process(getpid(), Signal::HUP).expect("a signal");
}

#[tokio::test]
async fn without_a_watch_a_change_is_shown_after_sighup() {
    let app = TestApp::set(&[("ATHANOR_WATCH_LESSONS", "off".to_owned())]).await;
    let guest = app.browser();
    assert_eq!(watches(), 0);
    save(app.lessons.path().join(FILE), &LESSON.replace("title: Numbers", "title: Changed"));
    assert!(guest.get("/").await.text().await.expect("a page").contains("Numbers"));
    hang_up();
    page_with(&guest, "/", "Changed").await;
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn with_a_watch_sighup_is_one_more_reading() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    until("it is watched", async || watches() == 1).await;
    hang_up();
    save(app.lessons.path().join(FILE), &LESSON.replace("title: Numbers", "title: Changed"));
    page_with(&guest, "/", "Changed").await;
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_private_tree_that_breaks_leaves_its_lesson_as_it_was_with_all_its_hidden_cases() {
    let private = TempDir::new().expect("a folder");
    let file = private.path().join(FILE);
    fs::create_dir_all(file.parent().expect("a chapter")).expect("a folder");
    let more =
        "<!-- exercise: double -->\n```elixir test name=\"nought\"\niex> Double.of(0)\n0\n```\n<!-- /exercise -->\n";
    fs::write(&file, more).expect("a file");
    let address = free_address();
    let settings = [
        ("ATHANOR_PRIVATE_LESSONS", private.path().to_str().expect("UTF-8")),
        ("ATHANOR_METRICS_LISTEN", address.as_str()),
    ];
    let database = crate::helpers::TestDatabase::new().await;
    let app = TestApp::with(database, crate::helpers::app::fake(), athanor::startup::Grading::In, &settings).await;
    let guest = app.browser();
    let total = async || {
        let id = guest.submit("double", "submit", DOUBLE).await;
        let judged = guest.verdict(&id).await;
        judged["cases"].as_array().expect("cases").len()
    };
    let measured = async |line: &str| metrics_at(&address).await.lines().any(|found| found == line);
    assert_eq!(total().await, 3, "the private one is a case");
    until("it is counted", async || measured("athanor_course_published_total 1").await).await;

    save(file.clone(), &more.replace("elixir test", "elixir tset"));
    until("the error is counted", async || measured("athanor_course_errors 1").await).await;
    assert!(measured("athanor_course_lessons_as_before 1").await);
    assert_eq!(guest.get("/lessons/numbers").await.status(), StatusCode::OK);
    assert_eq!(total().await, 3, "by all of the tests that were there");

    save(file, &more.replace("nought", "zero"));
    until("it is mended", async || measured("athanor_course_errors 0").await).await;
    assert!(measured("athanor_course_lessons_as_before 0").await);
    assert_eq!(total().await, 3);
    app.stop().await.drop_it().await;
}
