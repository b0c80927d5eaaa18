//! What strangers and other sites try on accounts.

use std::net::TcpListener;

use athanor::auth::password::Passwords;
use athanor::db::users;
use athanor::domain::account::{DisplayName, Email, Role};
use athanor::web::state::Published;
use athanor::web::{self, AppState, Settings};
use reqwest::{Client, Response, StatusCode};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::helpers::TestApp;
use crate::helpers::app::Browser;
use crate::helpers::database::TestDatabase;
use crate::helpers::issuer::Issuer;
use crate::helpers::mailbox::Mailbox;

const PASSWORD: &str = "plum teapot quarrel";

fn location(answer: &Response) -> &str {
    answer.headers()["location"].to_str().expect("a path")
}

fn session(answer: &Response) -> Option<String> {
    let mut cookies = answer.headers().get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    let cookie = cookies.find(|cookie| cookie.starts_with("athanor="))?;
    cookie.split(';').next().map(str::to_owned)
}

/// The address to return to, as attackers write it.
const ELSEWHERE: [&str; 12] = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "https:evil.example",
    "https://evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\u{1}//evil.example",
    "javascript:alert(1)",
    "/\r\nset-cookie: a=b",
];

#[tokio::test]
async fn no_form_that_returns_somewhere_leads_to_another_site() {
    let issuer = Issuer::open();
    let app = TestApp::set(&issuer.settings()).await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    for (number, next) in ELSEWHERE.into_iter().enumerate() {
        let email = format!("x{number}@example.org");
        let sign_up = [("name", "x"), ("email", email.as_str()), ("password", PASSWORD), ("next", next)];
        let sign_in = [("email", email.as_str()), ("password", PASSWORD), ("next", next)];
        let browser = app.browser();
        for (path, form) in
            [("/sign-up", &sign_up[..]), ("/sign-in", &sign_in), ("/theme", &[("theme", "dark"), ("next", next)])]
        {
            let answer = browser.post(path, form).await;
            assert_eq!((answer.status(), location(&answer)), (StatusCode::SEE_OTHER, "/"), "{path} {next:?}");
            assert!(answer.headers().get_all("set-cookie").iter().all(|cookie| cookie != "a=b"));
        }
        for page in ["/sign-in", "/sign-up", "/password"] {
            let answer = ada.get(&format!("{page}?next={}", athanor::web::problems::percent(next))).await;
            assert!(!answer.text().await.unwrap().contains("evil.example\""), "{page} {next:?}");
        }
        let away = app.browser();
        let refresh = away.post("/openid", &[("next", next)]).await.headers()["refresh"].to_str().unwrap().to_owned();
        let back = issuer.agree(refresh.strip_prefix("0; url=").unwrap(), &format!("s{number}"), |_| ());
        assert_eq!(location(&away.get(&back).await), "/", "{next:?}");
    }
    // Of a password too, once: each change ends the sessions.
    let form = [("current", PASSWORD), ("password", "walnut ferry lantern"), ("next", "//evil.example")];
    assert_eq!(location(&ada.post("/password", &form).await), "/");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_session_that_somebody_else_has_planted_is_worth_nothing_once_its_owner_is_known() {
    let mut mailbox = Mailbox::open().await;
    let app = TestApp::set(&mailbox.settings()).await;
    let planted = |browser: Option<String>| browser.expect("a cookie");
    let opens = async |cookie: &str| {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        client.get(app.url("/account")).header("cookie", cookie).send().await.unwrap().status() == StatusCode::OK
    };
    let ada = app.browser();
    let before = planted(session(&ada.get("/").await));
    let form = [("name", "Ada"), ("email", "ada@example.org"), ("password", PASSWORD)];
    let after = planted(session(&ada.post("/sign-up", &form).await));
    assert!(before != after && !opens(&before).await && opens(&after).await, "signing up");

    let again = app.browser();
    let before = planted(session(&again.get("/").await));
    let after =
        planted(session(&again.post("/sign-in", &[("email", "ada@example.org"), ("password", PASSWORD)]).await));
    assert!(before != after && !opens(&before).await && opens(&after).await, "signing in");

    let reader = app.browser();
    let before = planted(session(&reader.get("/").await));
    reader.post("/reset", &[("email", "ada@example.org")]).await;
    let link = mailbox.letter().await.link(&app.address);
    let set = planted(session(&reader.post(&link, &[("password", "walnut ferry lantern")]).await));
    assert!(before != set && !opens(&before).await && !opens(&after).await && opens(&set).await, "a new password");

    let out = planted(session(&reader.post("/account/sign-out-everywhere", &[]).await));
    assert!(out != set && !opens(&set).await && !opens(&out).await, "signing out");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn no_other_site_changes_an_account() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    let form = [
        ("name", "Mallory"),
        ("email", "mallory@evil.example"),
        ("password", PASSWORD),
        ("current", PASSWORD),
        ("word", "delete"),
        ("connect", "yes"),
        ("issuer", "https://x.example"),
    ];
    let token = "/reset/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let mut paths = vec!["/password", "/openid", "/sign-out", "/account/tokens"];
    paths.extend(["/account/name", "/account/email", "/account/disconnect", "/account/sign-out-everywhere"]);
    paths.extend(["/account/delete", "/reset", token]);
    let twins: Vec<String> = paths[4..].iter().map(|path| format!("/api/v1{path}")).collect();
    paths.extend(twins.iter().map(String::as_str));
    paths.push("/api/v1/account/password");
    for path in paths {
        for header in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            let request = ada.client.post(app.url(path)).header(header.0, header.1).form(&form);
            assert_eq!(request.send().await.unwrap().status(), StatusCode::FORBIDDEN, "{path} {header:?}");
        }
        let bare = ada.client.post(app.url(path)).form(&form).send().await.unwrap();
        assert_eq!(bare.status(), StatusCode::FORBIDDEN, "{path}: a cookie, and nobody says from where");
    }
    let known = ada.get_json("/account").await;
    assert_eq!((known["name"].as_str(), known["email"].as_str()), (Some("ada"), Some("ada@example.org")));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn names_and_addresses_are_text_on_every_page() {
    let app = TestApp::without_worker().await;
    let ada = app.browser();
    let (name, email) = ("\"><script>alert(1)</script>", "\"><svg/onload=alert(1)>@example.org");
    let form = [("name", name), ("email", email), ("password", PASSWORD)];
    assert_eq!(ada.post("/sign-up", &form).await.status(), StatusCode::SEE_OTHER);
    let mut pages = Vec::new();
    for path in
        ["/", "/account", "/account/tokens", "/password", "/progress", "/account?done=<script>alert(1)</script>"]
    {
        pages.push(ada.get(path).await);
    }
    pages.push(ada.post("/account/name", &[("name", &format!("{name}{}", "x".repeat(80)))]).await);
    pages.push(ada.post("/account/email", &[("email", email), ("password", name)]).await);
    pages.push(ada.post("/account/delete", &[("word", name), ("password", name)]).await);
    pages.push(app.browser().post("/reset", &[("email", name)]).await);
    pages.push(app.browser().post("/sign-in", &[("email", email), ("password", "x")]).await);
    for page in pages {
        let path = page.url().path().to_owned();
        let text = page.text().await.unwrap();
        assert!(!text.contains("<script>alert") && !text.contains("<svg/onload"), "{path}");
    }
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn an_account_is_its_owners_and_no_token_opens_it() {
    let app = TestApp::without_worker().await;
    let (ada, nobody) = (app.browser(), app.browser());
    ada.sign_up("ada").await;
    nobody.submit("double", "run", "x").await;
    for path in ["/account", "/account/export", "/account/tokens"] {
        assert_eq!(location(&nobody.get(path).await), format!("/sign-in?next={path}"), "a guest has no account");
        let twin = Client::new().get(app.url(&format!("/api/v1{path}"))).send().await.unwrap();
        assert_eq!(twin.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    let form = [("name", "x"), ("scope", "read"), ("scope", "submit"), ("scope", "run"), ("expires_days", "30")];
    let made: serde_json::Value = ada.post_for_json("/api/v1/account/tokens", &form).await.json().await.unwrap();
    let bearer = format!("Bearer {}", made["token"].as_str().unwrap());
    for (method, path) in [
        ("GET", "/api/v1/account"),
        ("GET", "/api/v1/account/export"),
        ("POST", "/api/v1/account/name"),
        ("POST", "/api/v1/account/email"),
        ("POST", "/api/v1/account/password"),
        ("POST", "/api/v1/account/disconnect"),
        ("POST", "/api/v1/account/sign-out-everywhere"),
        ("POST", "/api/v1/account/delete"),
    ] {
        let request = Client::new().request(method.parse().unwrap(), app.url(path)).header("authorization", &bearer);
        let answer = request.json(&serde_json::json!({"name": "x", "word": "delete"})).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["type"], "urn:athanor:problem:not-by-token", "{path}");
    }
    assert_eq!(ada.get_json("/account").await["name"], "ada");
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn guessing_the_password_of_an_open_session_and_downloading_without_end_are_slowed_down() {
    let app = TestApp::set(&[
        ("ATHANOR_RATE_SIGN_IN_ACCOUNT", "3/3600000".to_owned()),
        ("ATHANOR_RATE_EXPORT_ACCOUNT", "2/3600000".to_owned()),
    ])
    .await;
    let (ada, bob) = (app.browser(), app.browser());
    ada.sign_up("ada").await;
    bob.sign_up("bob").await;
    let guess = [("email", "x@example.org"), ("password", "a guess"), ("word", "delete"), ("current", "a guess")];
    let mut answers = Vec::new();
    for path in ["/account/email", "/account/delete", "/password", "/account/email"] {
        answers.push(ada.post(path, &guess).await.status());
    }
    assert_eq!(answers[..3], [StatusCode::UNPROCESSABLE_ENTITY; 3], "one count for all of them");
    assert_eq!(answers[3], StatusCode::TOO_MANY_REQUESTS);
    for expected in [StatusCode::OK, StatusCode::OK, StatusCode::TOO_MANY_REQUESTS] {
        assert_eq!(ada.get("/account/export").await.status(), expected);
    }
    assert_eq!(bob.get("/account/export").await.status(), StatusCode::OK);
    app.stop().await.drop_it().await;
}

/// The work of a request is counted, not its time: hashing is by far the most of it.
#[tokio::test]
async fn an_unknown_address_costs_as_many_hashes_as_a_known_one() {
    let database = TestDatabase::new().await;
    let passwords = Passwords::new(2);
    let hash = passwords.hash(SecretString::from(PASSWORD.to_owned())).await.unwrap();
    let (name, email) = (DisplayName::parse("Ada").unwrap(), Email::parse("ada@example.org").unwrap());
    users::create(&database.pool, &name, &email, Role::Learner, &hash, false).await.unwrap();
    // Somebody who signs in elsewhere and has no password.
    sqlx::query(
        "insert into users (id, role, name, email) values (gen_random_uuid(), 'learner', 'Bob', 'bob@example.org')",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let server = std::thread::spawn({
        let (options, passwords, stop) = (database.options.clone(), passwords.clone(), stop.clone());
        move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let pool = athanor::db::connect(options, 4).await.unwrap();
                let state = AppState::new(Settings::default(), pool.clone(), Published::default(), passwords);
                web::run(listener, state, stop).await.unwrap();
                pool.close().await;
            });
        }
    });
    let work = async |path: &str, form: &[(&str, &str)]| {
        let before = passwords.made();
        let answer = Browser::new(&address).post(path, form).await;
        (passwords.made() - before, answer.status())
    };
    let guess = |email: &'static str| [("email", email), ("password", "a guess")];
    for email in ["ada@example.org", "bob@example.org", "nobody@example.org", "not an address"] {
        assert_eq!(work("/sign-in", &guess(email)).await, (1, StatusCode::UNPROCESSABLE_ENTITY), "{email}");
    }
    for email in ["ada@example.org", "new@example.org"] {
        let form = [("name", "x"), ("email", email), ("password", PASSWORD)];
        assert_eq!(work("/sign-up", &form).await.0, 1, "{email}");
    }
    for email in ["ada@example.org", "nobody@example.org"] {
        assert_eq!(work("/reset", &[("email", email)]).await, (0, StatusCode::SEE_OTHER), "{email}");
    }
    stop.cancel();
    tokio::task::spawn_blocking(move || server.join()).await.unwrap().unwrap();
    database.drop_it().await;
}
