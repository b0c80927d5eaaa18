//! A new password by mail.

use reqwest::{Response, StatusCode};

use crate::helpers::TestApp;
use crate::helpers::app::Browser;
use crate::helpers::audit::until;
use crate::helpers::lessons::DOUBLE;
use crate::helpers::mailbox::Mailbox;

const PASSWORD: &str = "plum teapot quarrel";
const NEW: &str = "walnut ferry lantern";

fn location(answer: &Response) -> &str {
    answer.headers()["location"].to_str().expect("a path")
}

async fn ask(browser: &Browser, email: &str) {
    let answer = browser.post("/reset", &[("email", email)]).await;
    assert_eq!((answer.status(), location(&answer)), (StatusCode::SEE_OTHER, "/reset?asked=yes"));
}

async fn signs_in(app: &TestApp, email: &str, password: &str) -> bool {
    let answer = app.browser().post("/sign-in", &[("email", email), ("password", password)]).await;
    answer.status() == StatusCode::SEE_OTHER
}

async fn waiting(app: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from mails").fetch_one(&app.database.pool).await.unwrap()
}

#[tokio::test]
async fn a_link_in_a_mail_sets_a_new_password_once_and_ends_all_that_was_open() {
    let mut mailbox = Mailbox::open().await;
    let app = TestApp::set(&mailbox.settings()).await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let form = [("name", "ci"), ("scope", "read"), ("expires_days", "30")];
    assert_eq!(ada.post("/account/tokens", &form).await.status(), StatusCode::CREATED);
    let forgetful = app.browser();
    assert!(forgetful.get("/reset").await.text().await.unwrap().contains("Mail me a link"));
    ask(&forgetful, " ADA@example.org ").await;
    let letter = mailbox.letter().await;
    assert_eq!(letter.to, "ada@example.org");
    let link = letter.link(&app.address);
    let page = forgetful.get(&link).await;
    assert_eq!(page.headers()["cache-control"], "no-store");
    let page = page.text().await.unwrap();
    assert!(page.contains("ada@example.org") && page.contains("Choose a new password"), "{page}");
    assert_eq!(page.matches(&link).count(), 1, "only the form knows the token: {page}");
    let weak = forgetful.post(&link, &[("password", "123")]).await;
    assert_eq!(weak.status(), StatusCode::UNPROCESSABLE_ENTITY, "and the link still works");
    let set = forgetful.post(&link, &[("password", NEW)]).await;
    assert_eq!((set.status(), location(&set)), (StatusCode::SEE_OTHER, "/account?done=password"));
    assert_eq!(forgetful.get("/account").await.status(), StatusCode::OK, "signed in");
    assert_eq!(location(&ada.get("/account").await), "/sign-in?next=/account", "other sessions have ended");
    let revoked: bool = sqlx::query_scalar("select bool_and(revoked_at is not null) from api_tokens")
        .fetch_one(&app.database.pool)
        .await
        .unwrap();
    assert!(revoked, "tokens too");
    assert!(signs_in(&app, "ada@example.org", NEW).await && !signs_in(&app, "ada@example.org", PASSWORD).await);
    assert!(mailbox.letter().await.text.contains("was changed"), "the owner is told");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_link_that_was_used_is_too_old_or_was_never_given_opens_nothing() {
    let mut mailbox = Mailbox::open().await;
    let app = TestApp::set(&mailbox.settings()).await;
    app.browser().sign_up("ada").await;
    let browser = app.browser();
    let mut links = Vec::new();
    for _ in 0..3 {
        ask(&browser, "ada@example.org").await;
        links.push(mailbox.letter().await.link(&app.address));
    }
    let refused = async |link: &str| {
        assert_eq!(browser.get(link).await.status(), StatusCode::NOT_FOUND, "{link}");
        let answer = browser.post(link, &[("password", "quite another sentence")]).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        let page = answer.text().await.unwrap();
        assert!(page.contains("of no more use") && !page.contains("ada@example.org"), "{page}");
        assert!(!signs_in(&app, "ada@example.org", "quite another sentence").await);
    };
    sqlx::query("update password_resets set expires_at = now() where created_at = (select min(created_at) from password_resets)")
        .execute(&app.database.pool)
        .await
        .unwrap();
    refused(&links[0]).await;
    assert_eq!(browser.post(&links[1], &[("password", NEW)]).await.status(), StatusCode::SEE_OTHER);
    refused(&links[1]).await;
    refused(&links[2]).await;
    for made_up in ["/reset/x", "/reset/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/reset/%00"] {
        refused(made_up).await;
    }
    assert!(signs_in(&app, "ada@example.org", NEW).await);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_wins() {
    let mut mailbox = Mailbox::open().await;
    let app = TestApp::set(&mailbox.settings()).await;
    app.browser().sign_up("ada").await;
    let (one, other) = (app.browser(), app.browser());
    ask(&one, "ada@example.org").await;
    let link = mailbox.letter().await.link(&app.address);
    let (one, other) = (one.post(&link, &[("password", NEW)]), other.post(&link, &[("password", NEW)]));
    let (one, other) = tokio::join!(one, other);
    let mut statuses = [one.status(), other.status()];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::NOT_FOUND]);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn an_unknown_address_gets_the_same_words_and_no_mail() {
    let mut mailbox = Mailbox::open().await;
    let app = TestApp::set(&mailbox.settings()).await;
    app.browser().sign_up("ada").await;
    let browser = app.browser();
    let page = async |email: &str| {
        ask(&browser, email).await;
        browser.get("/reset?asked=yes").await.text().await.unwrap().split("<main").nth(1).unwrap().to_owned()
    };
    let unknown = page("nobody@example.org").await;
    assert_eq!(unknown, page("ada@example.org").await);
    assert_eq!(mailbox.letter().await.to, "ada@example.org");
    until("nothing waits", async || waiting(&app).await == 0).await;
    assert!(mailbox.is_empty());
    let nonsense = browser.post("/reset", &[("email", "no <b>address</b>")]).await;
    assert_eq!(nonsense.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nonsense.text().await.unwrap().contains("value=\"no &lt;b&gt;address&lt;"), "what was typed is there");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn the_link_leads_to_the_site_whatever_the_request_calls_it() {
    let mut mailbox = Mailbox::open().await;
    let app = TestApp::set(&mailbox.settings()).await;
    app.browser().sign_up("ada").await;
    let request = reqwest::Client::new().post(app.url("/reset")).form(&[("email", "ada@example.org")]);
    let request = request.header("host", "evil.example").header("x-forwarded-host", "evil.example");
    request.send().await.expect("an answer");
    let letter = mailbox.letter().await;
    assert!(!letter.text.contains("evil"), "{}", letter.text);
    letter.link(&app.address);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_mail_that_is_not_taken_is_tried_again_with_a_link_that_works() {
    let mut mailbox = Mailbox::open().await;
    let app = TestApp::set(&mailbox.settings()).await;
    app.browser().sign_up("ada").await;
    let browser = app.browser();
    mailbox.refuse(1);
    ask(&browser, "ada@example.org").await;
    let pool = &app.database.pool;
    let put_off = "select exists (select 1 from mails where tries = 1 and send_after < now() + interval '15 seconds'
        and send_after > now())";
    until("it is put off", async || sqlx::query_scalar::<_, bool>(put_off).fetch_one(pool).await.unwrap()).await;
    assert!(mailbox.is_empty());
    sqlx::query("update mails set send_after = now()").execute(pool).await.unwrap();
    let link = mailbox.letter().await.link(&app.address);
    assert_eq!(browser.post(&link, &[("password", NEW)]).await.status(), StatusCode::SEE_OTHER);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_mail_that_is_never_taken_is_given_up() {
    let mailbox = Mailbox::open().await;
    let app = TestApp::set(&mailbox.settings()).await;
    app.browser().sign_up("ada").await;
    mailbox.refuse(100);
    let pool = &app.database.pool;
    sqlx::query(
        "insert into mails (id, kind, recipient, tries) values (gen_random_uuid(), 'reset', 'ada@example.org', 4)",
    )
    .execute(pool)
    .await
    .unwrap();
    until("it is given up", async || waiting(&app).await == 0).await;
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn however_many_ask_one_mailbox_gets_few_letters_and_nobody_is_told() {
    let mut mailbox = Mailbox::open().await;
    let mut settings = mailbox.settings().to_vec();
    settings.push(("ATHANOR_RATE_RESET_ACCOUNT", "2/3600000".to_owned()));
    settings.push(("ATHANOR_RATE_RESET_ADDRESS", "6/3600000".to_owned()));
    let app = TestApp::set(&settings).await;
    app.browser().sign_up("ada").await;
    for _ in 0..5 {
        ask(&app.browser(), "ada@example.org").await;
    }
    app.browser().sign_up("bob").await;
    ask(&app.browser(), "bob@example.org").await;
    let to = [mailbox.letter().await.to, mailbox.letter().await.to, mailbox.letter().await.to];
    assert_eq!(to, ["ada@example.org", "ada@example.org", "bob@example.org"]);
    let flood = app.browser().post("/reset", &[("email", "bob@example.org")]).await;
    assert_eq!(flood.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(flood.headers().contains_key("retry-after"));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_changed_address_is_told_to_the_old_one_and_links_sent_there_are_of_no_use() {
    let mut mailbox = Mailbox::open().await;
    let app = TestApp::set(&mailbox.settings()).await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    ask(&app.browser(), "ada@example.org").await;
    let link = mailbox.letter().await.link(&app.address);
    let form = [("email", "ada@other.example"), ("password", PASSWORD)];
    assert_eq!(location(&ada.post("/account/email", &form).await), "/account?done=email");
    let letter = mailbox.letter().await;
    assert_eq!(letter.to, "ada@example.org");
    assert!(letter.text.contains("was changed") && !letter.text.contains("other.example"), "{}", letter.text);
    assert_eq!(app.browser().post(&link, &[("password", NEW)]).await.status(), StatusCode::NOT_FOUND);
    assert!(signs_in(&app, "ada@other.example", PASSWORD).await);
    assert!(!signs_in(&app, "ada@example.org", PASSWORD).await);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_guest_who_sets_a_new_password_may_bring_the_attempts_along() {
    let mut mailbox = Mailbox::open().await;
    let app = TestApp::set(&mailbox.settings()).await;
    app.browser().sign_up("ada").await;
    let guest = app.browser();
    let id = guest.submit("double", "submit", DOUBLE).await;
    ask(&guest, "ada@example.org").await;
    let link = mailbox.letter().await.link(&app.address);
    assert!(guest.get(&link).await.text().await.unwrap().contains("Bring the 1 attempt made here"));
    assert_eq!(guest.post(&link, &[("password", NEW), ("bring", "yes")]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(guest.get(&format!("/submissions/{id}")).await.status(), StatusCode::OK);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_guest_who_only_typed_may_bring_that_along_too() {
    let mut mailbox = Mailbox::open().await;
    let app = TestApp::set(&mailbox.settings()).await;
    app.browser().sign_up("ada").await;
    let guest = app.browser();
    let saved = guest.post("/exercises/double/draft", &[("source", "# not sent"), ("save", "yes")]).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    ask(&guest, "ada@example.org").await;
    let link = mailbox.letter().await.link(&app.address);
    let page = guest.get(&link).await.text().await.unwrap();
    assert!(page.contains("Bring what you typed here as a guest"), "{page}");
    guest.post(&link, &[("password", NEW), ("bring", "yes")]).await;
    let page = guest.get("/lessons/numbers").await.text().await.unwrap();
    assert!(page.contains("# not sent</textarea>"), "{page}");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_site_without_mail_says_so_and_a_public_one_writes_no_link_to_its_log() {
    let app = TestApp::set(&[("ATHANOR_BASE_URL", "https://athanor.example".to_owned())]).await;
    let browser = app.browser();
    assert!(browser.get("/reset").await.text().await.unwrap().contains("cannot send mail"));
    ask(&browser, "admin@localhost").await;
    assert_eq!(waiting(&app).await, 0);
    let resets: i64 =
        sqlx::query_scalar("select count(*) from password_resets").fetch_one(&app.database.pool).await.unwrap();
    assert_eq!(resets, 0);
    app.stop().await.drop_it().await;
}
