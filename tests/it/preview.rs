//! `athanor preview`, as a browser and an author use it: the real program.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use futures_util::StreamExt as _;
use reqwest::StatusCode;

use crate::helpers::lessons::{self, ABSOLUTE, LESSON};

struct Preview {
    child: Child,
    address: String,
    folder: tempfile::TempDir,
}

impl Preview {
    /// Of the small course, with an engine or without one.
    fn start(engine: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        lessons::write(folder.path());
        let mut command = Command::new(env!("CARGO_BIN_EXE_athanor"));
        command.arg("preview").arg(folder.path()).env("ATHANOR_POOL", "1").stdout(Stdio::piped());
        if !engine {
            command.env("DOCKER_HOST", "unix:///nowhere/docker.sock");
        }
        let mut child = command.spawn().expect("the program");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let address = line.split_whitespace().find(|word| word.starts_with("http://")).expect("an address").to_owned();
        Self { child, address, folder }
    }

    fn lesson(&self) -> PathBuf {
        self.folder.path().join("01-first/01-numbers.md")
    }

    async fn page(&self, path: &str) -> String {
        let answer = reqwest::get(format!("{}{path}", self.address)).await.expect("an answer");
        answer.text().await.expect("a page")
    }

    /// The page once it holds something, which the preview says by itself.
    async fn page_with(&self, path: &str, wanted: &str, change: impl FnOnce(&Path)) -> String {
        let changes = reqwest::get(format!("{}/changes", self.address)).await.expect("a stream");
        let mut changes = Box::pin(changes.bytes_stream());
        change(&self.lesson());
        loop {
            changes.next().await.expect("the stream goes on").expect("an event");
            let page = self.page(path).await;
            if page.contains(wanted) {
                return page;
            }
        }
    }

    async fn attempt(&self, form: &[(&str, &str)]) -> (StatusCode, String) {
        let request = reqwest::Client::new().post(format!("{}/exercises/double/try", self.address)).form(form);
        let answer = request.send().await.expect("an answer");
        (answer.status(), answer.text().await.expect("a text"))
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn what_is_saved_is_on_the_page_and_a_mistake_stands_beside_what_was_there() {
    let preview = Preview::start(false);
    let page = preview.page("/").await;
    assert!(page.contains("/lessons/numbers"), "{page}");
    let page = preview.page_with("/lessons/numbers", "cannot be run", |_| ()).await;
    assert!(page.contains("Some text") && page.contains("athanor doctor"), "{page}");

    let save = |text: String| move |file: &Path| std::fs::write(file, text).expect("a file");
    let new = LESSON.replace("Some text", "Other words");
    preview.page_with("/lessons/numbers", "Other words", save(new)).await;
    let broken = LESSON.replace("```elixir solution", "```elixir solutoin");
    let page = preview.page_with("/lessons/numbers", "solutoin", save(broken)).await;
    assert!(page.contains("01-numbers.md:") && page.contains("Other words"), "the lesson as it was: {page}");
    // Written beside it and renamed over it, as editors do.
    let page = preview
        .page_with("/lessons/numbers", "Third words", |file| {
            let beside = file.with_extension("tmp");
            std::fs::write(&beside, LESSON.replace("Some text", "Third words")).expect("a file");
            std::fs::rename(&beside, file).expect("a file");
        })
        .await;
    assert!(!page.contains("solutoin"), "{page}");
    let picture = page.split('"').find(|part| part.contains("/pictures/")).expect("a picture's address");
    assert!(preview.page(picture).await.contains("<svg"));
    let (status, said) = preview.attempt(&[("what", "reference")]).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{said}");
}

#[tokio::test]
async fn a_glossary_is_shown_with_what_is_wrong_about_it_and_an_example_says_why_it_cannot_be_run() {
    let preview = Preview::start(false);
    let glossary = preview.folder.path().join("glossary.md");
    let lesson = LESSON.replace("Some text,", "Some [text](../glossary.md#text),");
    let page = preview
        .page_with("/lessons/numbers", "Terms of this lesson", |file| {
            std::fs::write(&glossary, "## Text\n\nWords in a row. More.\n").expect("a file");
            std::fs::write(file, lesson).expect("a file");
        })
        .await;
    assert!(page.contains("<dd id=\"term.text\">Words in a row.</dd>"), "{page}");
    let page = preview
        .page_with("/glossary", "says", |_| {
            std::fs::write(&glossary, "## Text\n\nIt says.\n\n## Text\n").expect("a file")
        })
        .await;
    assert!(page.contains("data-problem=\"duplicate-term\"") && page.contains("It says."), "{page}");

    let run = |accept: &'static str| {
        let request = reqwest::Client::new().post(format!("{}/lessons/numbers/blocks/1", preview.address));
        async move { request.header("accept", accept).form(&[("code", "1 + <b>")]).send().await.expect("an answer") }
    };
    preview.page_with("/lessons/numbers", "cannot be run", |_| ()).await;
    let answer = run("application/json").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let said: serde_json::Value = answer.json().await.expect("JSON");
    assert!(said["detail"].as_str().is_some_and(|detail| detail.contains("athanor doctor")), "{said}");
    let page = run("text/html").await.text().await.expect("a page");
    assert!(page.contains("Examples cannot be run") && page.contains("1 + &lt;b&gt;"), "nothing typed is lost: {page}");
}

#[tokio::test]
async fn docker_examples_run_in_a_preview_as_they_do_on_the_site() {
    let preview = Preview::start(true);
    preview.page_with("/lessons/numbers", "Checked: nothing is wrong with it.", |_| ()).await;
    let run = |path: &'static str, accept: &'static str, form: &'static [(&str, &str)]| {
        let request = reqwest::Client::new().post(format!("{}{path}", preview.address));
        async move { request.header("accept", accept).form(form).send().await.expect("an answer") }
    };
    let said: serde_json::Value =
        run("/lessons/numbers/blocks/1", "application/json", &[]).await.json().await.expect("JSON");
    assert_eq!(said["sentence"], "It returned 42");
    let html = said["html"].as_str().expect("HTML");
    assert!(html.contains("&lt;b&gt;hi&lt;&#x2f;b&gt;") && html.contains("iex&gt;"), "{html}");
    let form = &[("code", "b = 6\nb * \"x\"")];
    let page = run("/lessons/numbers/blocks/1", "text/html", form).await.text().await.expect("a page");
    assert!(page.contains("ArithmeticError") && page.contains("Some text"), "{page}");
    for path in ["/lessons/numbers/blocks/2", "/lessons/none/blocks/1"] {
        assert_eq!(run(path, "application/json", &[]).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let empty = run("/lessons/numbers/blocks/1", "application/json", &[("code", " ")]).await;
    assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn other_sites_and_other_names_are_refused() {
    let preview = Preview::start(false);
    let ask = |name: &'static str, value: &'static str| {
        let request = reqwest::Client::new().post(format!("{}/exercises/double/try", preview.address));
        async move { request.header(name, value).send().await.expect("an answer").status() }
    };
    assert_eq!(ask("host", "evil.example:80").await, StatusCode::FORBIDDEN);
    assert_eq!(ask("origin", "http://evil.example").await, StatusCode::FORBIDDEN);
    assert_eq!(ask("sec-fetch-site", "cross-site").await, StatusCode::FORBIDDEN);
    let outside = Command::new(env!("CARGO_BIN_EXE_athanor"))
        .args(["preview", "--listen", "0.0.0.0:0"])
        .arg(preview.folder.path())
        .output()
        .expect("the program");
    assert_eq!(outside.status.code(), Some(2));
    let said = String::from_utf8_lossy(&outside.stderr).into_owned();
    assert!(said.contains("can be reached from other machines"), "{said}");
}

#[tokio::test]
async fn docker_an_author_tries_starter_reference_wrong_answers_and_a_text() {
    let preview = Preview::start(true);
    preview.page_with("/lessons/numbers", "Checked: nothing is wrong with it.", |_| ()).await;
    for (form, expected) in [
        (&[("what", "starter")][..], "data-verdict=\"failed\""),
        (&[("what", "reference")], "data-verdict=\"passed\""),
        (&[("what", "wrong"), ("nth", "0")], "Minus signs count too."),
        (&[("what", "typed"), ("source", ABSOLUTE)], "hidden case"),
    ] {
        let (status, said) = preview.attempt(form).await;
        assert!(status == StatusCode::OK && said.contains(expected), "{form:?}: {status} {said}");
    }
    for (form, expected) in [
        (&[("what", "wrong"), ("nth", "7")][..], "no such wrong answer"),
        (&[("what", "typed"), ("source", " ")], "no code yet"),
    ] {
        let (status, said) = preview.attempt(form).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && said.contains(expected), "{form:?}: {status} {said}");
    }
    // What running shows comes to the page by itself, at the exercise.
    let wrong = LESSON.replace("def of(n), do: n * 2", "def of(n), do: n * 3");
    let page = preview
        .page_with("/lessons/numbers", "data-problem=\"reference-fails\"", |file| {
            std::fs::write(file, wrong).expect("a file");
        })
        .await;
    let (exercise, problem) = (page.find("id=\"double\""), page.find("data-problem"));
    assert!(exercise < problem && problem < page.find("id=\"answer\""), "{page}");
}

#[tokio::test]
async fn docker_an_image_that_is_missing_is_said_and_not_looked_for_by_looking_at_the_page() {
    let preview = Preview::start(true);
    let asks = LESSON.replace("<!-- exercise: double", "<!-- exercise: double image=nobody-has-this");
    let save = |text: String| move |file: &Path| std::fs::write(file, text).expect("a file");
    preview.page_with("/lessons/numbers", "data-problem=\"no-image\"", save(asks.clone())).await;
    let page = preview.page("/lessons/numbers").await;
    assert!(page.contains("data-problem=\"no-image\""), "it is not checked again by being looked at: {page}");
    preview.page_with("/lessons/numbers", "Other words", save(asks.replace("Some text", "Other words"))).await;
    preview.page_with("/lessons/numbers", "data-problem=\"no-image\"", |_| ()).await;
}
