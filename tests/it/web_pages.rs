//! Pages, their headers, and how they wait for a verdict.

use std::time::Duration;

use reqwest::StatusCode;

use crate::helpers::TestApp;
use crate::helpers::lessons::{DOUBLE, STARTER};

#[tokio::test]
async fn without_scripts_a_submission_leads_to_its_result() {
    let app = TestApp::start().await;
    let guest = app.browser();
    let sent = guest.post("/exercises/double/submissions", &[("source", STARTER), ("kind", "submit")]).await;
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    let mut location = sent.headers()["location"].to_str().expect("a path").to_owned();
    assert!(location.starts_with("/lessons/numbers?attempt=") && location.ends_with("#double"), "{location}");
    for _ in 0..20 {
        let answer = guest.get(&location).await;
        let refresh = answer.headers().get("refresh").map(|value| value.to_str().expect("a text").to_owned());
        let page = answer.text().await.expect("a page");
        let Some(refresh) = refresh else {
            assert!(page.contains("cases did not pass") && page.contains("def of(n), do: n"), "{page}");
            break;
        };
        location = refresh.split_once("url=").expect("an address").1.to_owned();
    }
    let later = guest.get("/lessons/numbers").await.text().await.expect("a page");
    assert!(later.contains("cases did not pass"), "the last result is there when one comes back");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_page_whose_verdict_is_not_there_says_so_and_comes_again() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    let id = guest.submit("double", "submit", DOUBLE).await;
    let before = std::time::Instant::now();
    let answer = guest.get(&format!("/lessons/numbers?attempt={id}")).await;
    assert!(before.elapsed() >= Duration::from_millis(900), "it waits a while for the verdict");
    let refresh = answer.headers()["refresh"].to_str().expect("a text").to_owned();
    assert_eq!(refresh, format!("1; url=/lessons/numbers?attempt={id}&look=1#double"));
    let page = answer.text().await.expect("a page");
    assert!(page.contains("Waiting for its turn") && page.contains("n * 2"), "{page}");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_stream_tells_the_state_and_then_the_verdict_with_its_page() {
    let app = TestApp::start().await;
    let guest = app.browser();
    app.fake.delay(Duration::from_millis(300));
    let id = guest.submit("double", "submit", DOUBLE).await;
    let stream = guest.get(&format!("/submissions/{id}/events")).await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let text = stream.text().await.expect("a stream that ends");
    let state = text.find("event: state").expect("a state");
    let verdict = text.find("event: verdict").expect("a verdict");
    assert!(state < verdict, "{text}");
    assert!(text.contains("All 2 cases passed") && text.contains("\"html\""), "{text}");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn every_answer_carries_the_policies() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    for path in ["/", "/lessons/numbers", "/nothing", "/healthz", "/assets/app.css"] {
        let answer = guest.get(path).await;
        let policy = answer.headers()["content-security-policy"].to_str().expect("a text").to_owned();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    }
    let page = guest.get("/lessons/numbers").await.text().await.expect("a page");
    assert!(!page.contains("style=") && !page.contains(" onclick"), "nothing inline");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn assets_may_be_kept_for_ever_under_their_hash_and_asked_for_again_without() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    let page = guest.get("/").await.text().await.expect("a page");
    let at = page.find("/assets/app.css?v=").expect("the style sheet");
    let address: String = page[at..].chars().take_while(|c| *c != '"').collect();
    let kept = guest.get(&address).await;
    assert_eq!(kept.headers()["cache-control"], "public, max-age=31536000, immutable");
    let tag = kept.headers()["etag"].clone();
    let again =
        guest.client.get(app.url("/assets/app.css")).header("if-none-match", tag).send().await.expect("an answer");
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    for path in ["/assets/../Cargo.toml", "/assets/%2e%2e/Cargo.toml", "/assets/none.css"] {
        assert_eq!(guest.get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn attempts_come_in_pages_newest_first() {
    let app = TestApp::start().await;
    let guest = app.browser();
    let mut ids = Vec::new();
    for _ in 0..27 {
        let id = guest.submit("double", "submit", DOUBLE).await;
        guest.verdict(&id).await;
        ids.push(id);
    }
    let page = guest.get("/exercises/double/attempts").await.text().await.expect("a page");
    assert!(page.contains(&ids[26]) && page.contains(&ids[2]) && !page.contains(&format!("/submissions/{}", ids[1])));
    let older = format!("/exercises/double/attempts?before={}", ids[2]);
    assert!(page.contains(&format!("before={}", ids[2])), "{page}");
    let page = guest.get(&older).await.text().await.expect("a page");
    assert!(page.contains(&ids[1]) && page.contains(&ids[0]) && !page.contains("Older attempts"), "{page}");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn the_theme_is_kept_in_a_cookie_and_known_to_the_server() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    let answer = guest.post("/theme", &[("theme", "dark"), ("next", "/progress")]).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()["location"], "/progress");
    assert!(guest.get("/").await.text().await.expect("a page").contains("data-theme=\"dark\""));
    guest.post("/theme", &[("theme", "system"), ("next", "//evil.example")]).await;
    assert!(!guest.get("/").await.text().await.expect("a page").contains("data-theme"));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_look_of_the_site_or_in_json() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    let page = guest.get("/lessons/none").await;
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    assert!(page.text().await.expect("a page").contains("There is nothing here"));
    let problem = guest.get_json("/submissions/none").await;
    assert_eq!(problem["type"], "urn:athanor:problem:not-found");
    let wrong = guest.post("/progress", &[]).await;
    assert!(wrong.status().is_client_error());
    assert!(wrong.text().await.expect("a page").contains("<h1>"));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_lessons_pictures_come_from_the_site_and_no_others_do() {
    let app = TestApp::without_worker().await;
    let guest = app.browser();
    let page = guest.get("/lessons/numbers").await.text().await.expect("a page");
    let (_, rest) = page.split_once("<img src=\"").expect("a picture");
    let (address, rest) = rest.split_once('"').expect("its address");
    assert!(address.starts_with("/lessons/numbers/pictures/") && address.ends_with(".svg"), "{address}");
    assert!(rest.starts_with(" alt=\"two boxes\">"), "{rest}");
    let answer = guest.get(address).await;
    assert_eq!(
        (answer.status(), &answer.headers()["content-type"]),
        (StatusCode::OK, &"image/svg+xml".parse().unwrap())
    );
    assert!(answer.headers()["cache-control"].to_str().expect("a text").contains("immutable"));
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert!(answer.text().await.expect("a drawing").contains("<rect"));
    for other in ["/lessons/numbers/pictures/boxes.svg", "/lessons/none/pictures/a.svg"] {
        assert_eq!(guest.get(other).await.status(), StatusCode::NOT_FOUND, "{other}");
    }
    assert!(
        page.contains("<a href=\"https://hexdocs.pm/elixir/Enum.html#map/2\"><code>Enum.map/2</code></a>"),
        "{page}"
    );
    assert!(page.contains("About 15 minutes"), "{page}");
    app.stop().await.drop_it().await;
}
