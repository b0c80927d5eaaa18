//! The server, started as `athanor serve` starts it.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use athanor::config::Config;
use athanor::db;
use athanor::sandbox::Sandbox;
use athanor::sandbox::fake::{FakeAnswer, FakeSandbox};
use athanor::startup::{Grading, Listeners, site};
use reqwest::cookie::{CookieStore as _, Jar};
use reqwest::{Client, Response, StatusCode, redirect};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::database::TestDatabase;
use super::lessons;

/// Longest wait for anything that must happen; only a broken program ever waits so long.
pub const PATIENCE: Duration = Duration::from_secs(90);

pub struct TestApp {
    pub address: String,
    pub database: TestDatabase,
    pub fake: Arc<FakeSandbox>,
    stop: CancellationToken,
    server: std::thread::JoinHandle<anyhow::Result<()>>,
    pub lessons: tempfile::TempDir,
}

/// A sandbox that does what the small course's code would do.
pub fn fake() -> Arc<FakeSandbox> {
    Arc::new(FakeSandbox::new(|ask| {
        let source = ask.job.sources.first().map_or("", |source| source.text.as_str());
        let double: fn(i64) -> i64 = match source {
            text if text.contains("abs(n) * 2") => |n| n.abs() * 2,
            text if text.contains("n * 2") => |n| n * 2,
            _ => |n| n,
        };
        match ask.step.code.as_str() {
            "Double.of(2)" => FakeAnswer::value(&double(2).to_string()),
            "Double.of(-13)" => FakeAnswer::value(&double(-13).to_string()),
            "Answer.now()" => FakeAnswer::value("42"),
            code => FakeAnswer::value(code),
        }
    }))
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(TestDatabase::new().await, fake(), Grading::In, &[]).await
    }

    /// Without anyone who grades.
    pub async fn without_worker() -> Self {
        Self::with(TestDatabase::new().await, fake(), |_| Grading::Elsewhere, &[]).await
    }

    /// Without anyone who grades, with these settings.
    pub async fn set(settings: &[(&'static str, String)]) -> Self {
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Self::with(TestDatabase::new().await, fake(), |_| Grading::Elsewhere, &settings).await
    }

    pub async fn with(
        database: TestDatabase,
        fake: Arc<FakeSandbox>,
        grading: impl FnOnce(Arc<dyn Sandbox>) -> Grading,
        settings: &[(&str, &str)],
    ) -> Self {
        // What the server logs is shown with a test that fails.
        let _ = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_test_writer().try_init();
        let folder = tempfile::tempdir().expect("a folder");
        lessons::write(folder.path());
        let path = folder.path().to_str().expect("a path in UTF-8").to_owned();
        let own = [("ATHANOR_LESSONS", path.as_str()), ("ATHANOR_METRICS_LISTEN", "off")];
        let vars = own.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = Config::from_vars(vars).expect("settings");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let stop = CancellationToken::new();
        // A thread and a runtime of its own, as in a process of its own: the server is not `Send`, and its connections
        // must not depend on the test's runtime.
        let server = {
            let (options, stop, grading) = (database.options.clone(), stop.clone(), grading(fake.clone()));
            let metrics = config.metrics_listen.map(|address| TcpListener::bind(address).expect("a port for metrics"));
            let listeners = Listeners { site: listener, metrics };
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
                runtime.block_on(async {
                    let pool = db::connect(options, 8).await?;
                    let ended = site(&config, grading, listeners, &pool, &stop).await;
                    pool.close().await;
                    ended
                })
            })
        };
        let app = Self { address, database, fake, stop, server, lessons: folder };
        app.wait_until_ready().await;
        app
    }

    async fn wait_until_ready(&self) {
        let ready = async {
            while !Client::new().get(self.url("/healthz")).send().await.is_ok_and(|answer| answer.status().is_success())
            {
                assert!(!self.server.is_finished(), "the server ended at once");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ready).await.expect("the server");
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// Stops the server as a signal does, and says how it ended.
    pub async fn stop(self) -> TestDatabase {
        self.stop.cancel();
        let server = tokio::task::spawn_blocking(move || self.server.join());
        let ended = tokio::time::timeout(PATIENCE, server).await.expect("the server stops").expect("the thread");
        ended.expect("no panic").expect("no error");
        self.database
    }

    /// A browser that nobody has used before. It follows no redirects.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.address)
    }
}

/// What a person does, with a cookie jar of their own.
#[derive(Clone)]
pub struct Browser {
    pub client: Client,
    jar: Arc<Jar>,
    address: String,
}

impl Browser {
    pub fn new(address: &str) -> Self {
        let jar = Arc::new(Jar::default());
        let client = Client::builder().cookie_provider(Arc::clone(&jar)).redirect(redirect::Policy::none());
        Self { client: client.build().expect("a client"), jar, address: address.to_owned() }
    }

    /// The same person at another address: cookies do not ask for the port.
    pub fn at(&self, address: &str) -> Self {
        Self { client: self.client.clone(), jar: Arc::clone(&self.jar), address: address.to_owned() }
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What it sends with every request as `Cookie`.
    pub fn cookies(&self) -> String {
        let url = self.address.parse().expect("an address");
        self.jar.cookies(&url).map(|cookies| cookies.to_str().expect("a text").to_owned()).unwrap_or_default()
    }

    pub async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.address)).send().await.expect("an answer")
    }

    pub async fn get_json(&self, path: &str) -> Value {
        let answer = self.client.get(format!("{}{path}", self.address)).header("accept", "application/json");
        answer.send().await.expect("an answer").json().await.expect("JSON")
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.client.post(format!("{}{path}", self.address)).header("sec-fetch-site", "same-origin");
        request.form(form).send().await.expect("an answer")
    }

    pub async fn post_for_json(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.client.post(format!("{}{path}", self.address)).header("sec-fetch-site", "same-origin");
        request.header("accept", "application/json").form(form).send().await.expect("an answer")
    }

    pub async fn sign_up(&self, name: &str) {
        let email = format!("{name}@example.org");
        let form = [("name", name), ("email", email.as_str()), ("password", "plum teapot quarrel")];
        let answer = self.post("/sign-up", &form).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", answer.text().await.expect("a text"));
    }

    /// Hands in code and answers the submission's id.
    pub async fn submit(&self, exercise: &str, kind: &str, source: &str) -> String {
        let key = Uuid::new_v4().to_string();
        let form = [("source", source), ("kind", kind), ("key", key.as_str())];
        let answer = self.post_for_json(&format!("/exercises/{exercise}/submissions"), &form).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        let body: Value = answer.json().await.expect("JSON");
        body["id"].as_str().expect("an id").to_owned()
    }

    /// Waits for a verdict and answers the submission as its owner sees it.
    pub async fn verdict(&self, id: &str) -> Value {
        let path = format!("/submissions/{id}");
        let verdict = async {
            loop {
                let submission = self.get_json(&path).await;
                if submission["verdict"].is_string() || submission["state"] == "superseded" {
                    return submission;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, verdict).await.expect("a verdict")
    }
}
