//! The glossary of a course that is served: its page, the terms at a lesson's end, and what changes while it is served.

use std::path::PathBuf;

use reqwest::StatusCode;
use serde_json::json;

use crate::helpers::TestApp;
use crate::helpers::lessons::LESSON;
use crate::publishing::{page_with, save};

const GLOSSARY: &str = "---\ntitle: Words\n---\nIn short.\n\n## Even number\n\nTwice another one. As [zero](#zero) is.\n\n\
                        ## Zero\n\nNothing, see [numbers](01-first/01-numbers.md#double).\n";

fn path(app: &TestApp, file: &str) -> PathBuf {
    app.lessons.path().join(file)
}

fn linked() -> String {
    LESSON.replace("Some text,", "Some text, an [even *number*](../glossary.md#even-number),")
}

#[tokio::test]
async fn terms_are_linked_listed_below_their_lesson_searched_for_and_shown_with_the_lessons_that_use_them() {
    let app = TestApp::without_worker().await;
    let reader = app.browser();
    assert_eq!(reader.get("/glossary").await.status(), StatusCode::NOT_FOUND, "a course without one");
    let page = reader.get("/lessons/numbers").await.text().await.expect("a page");
    assert!(!page.contains("/glossary") && !page.contains("Terms of this lesson"), "{page}");

    save(path(&app, "glossary.md"), GLOSSARY);
    save(path(&app, "01-first/01-numbers.md"), &linked());
    let page = page_with(&reader, "/lessons/numbers", "Terms of this lesson").await;
    let link = "<a class=\"term\" href=\"/glossary#even-number\" aria-describedby=\"term.even-number\" title=\"Twice another one.\">\
                even <em>number</em></a>";
    assert!(page.contains(link), "{page}");
    assert!(page.contains("<dd id=\"term.even-number\">Twice another one.</dd>"), "{page}");
    assert!(!page.contains("term.zero"), "only those that it uses");
    assert!(page.contains("<a href=\"/glossary\">Words</a>"), "it is at the side: {page}");

    let page = page_with(&reader, "/glossary", "Even number").await;
    for text in [
        "<h1>Words</h1>",
        "In short.",
        "<h2 id=\"zero\">Zero</h2>",
        "href=\"#zero\"",
        "href=\"/lessons/numbers#double\"",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(page.contains("Used in <a href=\"/lessons/numbers\">Numbers</a>."), "{page}");
    let found = reader.get_json("/api/v1/search?q=even").await;
    let place = json!({"kind": "term", "title": "Even number", "lesson": "Words", "url": "/glossary#even-number"});
    assert_eq!(found["results"][0], place, "{found}");
    let twin = reader.get_json("/api/v1/glossary").await;
    assert_eq!(twin["terms"][0]["first"], "Twice another one.");
    assert_eq!(twin["terms"][0]["lessons"], json!([{"slug": "numbers", "title": "Numbers"}]));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_changed_glossary_is_shown_and_one_with_errors_loses_no_term() {
    let app = TestApp::without_worker().await;
    let reader = app.browser();
    save(path(&app, "glossary.md"), GLOSSARY);
    save(path(&app, "01-first/01-numbers.md"), &linked());
    page_with(&reader, "/lessons/numbers", "Twice another one.").await;
    save(path(&app, "glossary.md"), &GLOSSARY.replace("Twice another one.", "Half of it is whole."));
    page_with(&reader, "/lessons/numbers", "Half of it is whole.").await;
    save(path(&app, "glossary.md"), "## Even number\n\n## Odd number\n\nNot even.\n");
    let page = page_with(&reader, "/glossary", "Odd number").await;
    assert!(page.contains("Half of it is whole."), "as it was: {page}");
    // A term that is gone takes no lesson with it, and stays as long as that is shown as it was.
    save(path(&app, "glossary.md"), "## Odd number\n\nOf the others.\n");
    let page = page_with(&reader, "/glossary", "Of the others.").await;
    assert!(page.contains("Half of it is whole."), "{page}");
    let page = reader.get("/lessons/numbers").await.text().await.expect("a page");
    assert!(page.contains("Half of it is whole."), "{page}");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn hostile_terms_are_words_on_every_page() {
    let app = TestApp::without_worker().await;
    let reader = app.browser();
    let hostile = "## <img src=x onerror=alert(1)> \"' {#bad}\n\n\"><script>alert(2)</script>` [x](javascript:alert(3)) '\"> End.\n";
    save(path(&app, "glossary.md"), hostile);
    save(path(&app, "01-first/01-numbers.md"), &LESSON.replace("Some text,", "Some [text](../glossary.md#bad),"));
    page_with(&reader, "/lessons/numbers", "Terms of this lesson").await;
    for path in ["/lessons/numbers", "/glossary", "/search?q=end", "/search?q=img"] {
        let page = reader.get(path).await.text().await.expect("a page");
        for bad in ["<script>alert", "<img src=x", "href=\"javascript:", " onerror=alert(1)>"] {
            assert!(!page.contains(bad), "{path} has {bad}: {page}");
        }
    }
    app.stop().await.drop_it().await;
}
