//! A learner says that a verdict is wrong; an instructor reads it beside the code and answers.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::helpers::TestApp;
use crate::helpers::app::Browser;
use crate::helpers::lessons::{DOUBLE, STARTER};

async fn instructor(app: &TestApp) -> Browser {
    let browser = app.browser();
    browser.sign_up("ira").await;
    sqlx::query("update users set role = 'instructor' where email = 'ira@example.org'")
        .execute(&app.database.pool)
        .await
        .expect("an update");
    browser
}

async fn report(browser: &Browser, id: &str, words: &str) -> StatusCode {
    browser.post_for_json(&format!("/submissions/{id}/report"), &[("words", words)]).await.status()
}

#[tokio::test]
async fn a_report_reaches_the_instructor_with_the_code_and_its_answer_the_learner() {
    let app = TestApp::start().await;
    let (ada, ira) = (app.browser(), instructor(&app).await);
    ada.sign_up("ada").await;
    let id = ada.submit("double", "submit", STARTER).await;
    ada.verdict(&id).await;
    let page = ada.get("/lessons/numbers").await.text().await.expect("a page");
    assert!(page.contains("This verdict is wrong?"), "the button is where the result is");
    let words = "of/1 gives <4> for 2, doesn't it?";
    let sent = ada.post(&format!("/submissions/{id}/report"), &[("words", words)]).await;
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    assert_eq!(report(&ada, &id, "once more").await, StatusCode::OK, "one open report is enough");
    let page = ada.get(&format!("/submissions/{id}")).await.text().await.expect("a page");
    assert!(page.contains("gives &lt;4&gt; for 2") && page.contains("with the instructors"), "{page}");

    let list = ira.get("/instructor/reports").await.text().await.expect("a page");
    for part in ["gives &lt;4&gt; for 2", "ada@example.org", "def of(n), do: n", "Not passed", &id] {
        assert!(list.contains(part), "{part}: {list}");
    }
    let listed = ira.get_json("/api/v1/instructor/reports").await;
    let entry = &listed["reports"][0];
    assert_eq!((&entry["words"], &entry["verdict"]), (&json!(words), &json!("failed")));
    let address = format!("/instructor/reports/{}", entry["id"].as_str().expect("an id"));
    assert_eq!(ira.post(&address, &[("words", " ")]).await.status(), StatusCode::BAD_REQUEST);
    let answer = ira.post(&address, &[("words", "It gives 2. Look again.")]).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(ira.post(&address, &[("words", "again")]).await.status(), StatusCode::NOT_FOUND, "once");
    let page = ada.get(&format!("/submissions/{id}")).await.text().await.expect("a page");
    assert!(page.contains("It gives 2. Look again.") && page.contains("Still wrong?"), "{page}");
    assert_eq!(ada.verdict(&id).await["report"]["answer"], "It gives 2. Look again.");
    assert_eq!(ira.get_json("/api/v1/instructor/reports").await["reports"], json!([]));
    let answered = ira.get_json("/api/v1/instructor/reports?answered=yes").await;
    assert_eq!(answered["reports"][0]["answered_by"], "ira");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn only_its_owner_reports_a_verdict_and_only_instructors_read_and_answer() {
    let app = TestApp::start().await;
    let (ada, ben, ira) = (app.browser(), app.browser(), instructor(&app).await);
    ada.sign_up("ada").await;
    ben.sign_up("ben").await;
    let id = ada.submit("double", "submit", STARTER).await;
    ada.verdict(&id).await;
    assert_eq!(report(&ben, &id, "wrong").await, StatusCode::NOT_FOUND);
    assert_eq!(report(&app.browser(), &id, "wrong").await, StatusCode::NOT_FOUND);
    assert_eq!(report(&ira, &id, "wrong").await, StatusCode::FORBIDDEN);
    assert_eq!(report(&ada, &id, "wrong").await, StatusCode::CREATED);
    assert_eq!(ben.get("/instructor/reports").await.status(), StatusCode::FORBIDDEN);
    let answer = ben.post("/instructor/reports/018f0000-0000-7000-8000-000000000000", &[("words", "no")]).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let foreign = ada.client.post(app.url(&format!("/submissions/{id}/report"))).header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.form(&[("words", "x")]).send().await.expect("an answer").status(), StatusCode::FORBIDDEN);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn reports_need_a_verdict_and_words_and_come_at_a_rate() {
    let app = TestApp::start().await;
    let ada = app.browser();
    let id = ada.submit("double", "submit", DOUBLE).await;
    ada.verdict(&id).await;
    let page = ada.get(&format!("/submissions/{id}")).await.text().await.expect("a page");
    assert!(!page.contains("This verdict is wrong?"), "nobody is asked whether they should not have passed");
    for words in ["", "   ", &"x".repeat(2001)] {
        assert_eq!(report(&ada, &id, words).await, StatusCode::BAD_REQUEST);
    }
    app.fake.hang(true);
    let waiting = ada.submit("double", "submit", STARTER).await;
    assert_eq!(report(&ada, &waiting, "too slow").await, StatusCode::CONFLICT);
    let as_json = ada.client.post(app.url(&format!("/api/v1/submissions/{id}/report")));
    let answer = as_json.header("sec-fetch-site", "same-origin").json(&json!({"words": "nul \0 and more"}));
    let answer = answer.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(answer.json::<Value>().await.expect("JSON")["new"], true);
    for _ in 0..3 {
        report(&ada, &id, "again").await;
    }
    assert_eq!(report(&ada, &id, "again").await, StatusCode::TOO_MANY_REQUESTS);
    app.stop().await.drop_it().await;
}
