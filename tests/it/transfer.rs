//! A whole course out and in again: nothing is lost, nothing lets anybody in, and half of it is never there.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use athanor::startup::Grading;
use serde_json::Value;
use tempfile::TempDir;

use crate::helpers::app::fake;
use crate::helpers::audit::{audit, until};
use crate::helpers::lessons::{ABSOLUTE, Course, DOUBLE, STARTER};
use crate::helpers::{TestApp, TestDatabase};

fn athanor(arguments: &[&str], database: &TestDatabase, settings: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_athanor"))
        .args(arguments)
        .env("DATABASE_URL", database.url())
        .envs(settings.iter().copied())
        .output()
        .expect("the program")
}

fn export(database: &TestDatabase, course: &Course, to: &Path) -> Output {
    athanor(&["export", "course", "--lessons", course.path(), "--to", to.to_str().unwrap()], database, &[])
}

fn import(database: &TestDatabase, from: &Path) -> (Option<i32>, String) {
    let output = athanor(&["import", "course", from.to_str().unwrap()], database, &[]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), said)
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

async fn run(database: &TestDatabase, statement: &'static str) {
    let changed = sqlx::query(statement).execute(&database.pool).await.unwrap().rows_affected();
    assert!(changed > 0, "nothing changed: {statement}");
}

async fn count(database: &TestDatabase, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&database.pool).await.unwrap()
}

/// A database with some of everything: verdicts of each kind, a report with its answer, code that was removed for its age,
/// odd bytes, a regrade, one grading that a worker holds and one that waits.
async fn lived_in() -> TestDatabase {
    let app = TestApp::start().await;
    let ada = app.browser();
    ada.sign_up("ada").await;
    for source in [DOUBLE, ABSOLUTE, STARTER] {
        let id = ada.submit("double", "submit", source).await;
        ada.verdict(&id).await;
        ada.post(&format!("/submissions/{id}/report"), &[("words", "why \"this\"?\n→")]).await;
    }
    let guest = app.browser();
    let id = guest.submit("double", "run", STARTER).await;
    guest.verdict(&id).await;
    let app = TestApp::with(app.stop().await, fake(), |_| Grading::Elsewhere, &[]).await;
    let ben = app.browser();
    ben.sign_up("ben").await;
    ben.submit("double", "submit", DOUBLE).await;
    ben.submit("answer", "submit", "defmodule Answer do\nend\n").await;
    ben.submit("double", "run", DOUBLE).await;
    ben.submit("double", "run", STARTER).await;
    assert_eq!(ben.post("/exercises/double/hints/1", &[]).await.status(), 200);
    let database = app.stop().await;
    for statement in [
        "update reports set resolved_at = now(), note = 'so', resolved_by = (select id from users where name = 'ben')
         where id = (select min(id::text)::uuid from reports)",
        "update submissions set source = '', source_removed_at = now() where id = (select min(id::text)::uuid from submissions)",
        r"update submissions set source = '\x00ff0a5c'::bytea where id = (
             select max(s.id::text)::uuid from submissions s join gradings g on g.submission_id = s.id where g.state = 'done')",
        r#"update case_results set detail = replace(detail::text, '"message":null', E'"message":"\\u0000 \\n"\n')::json
           where detail::text like '%"message":null%'"#,
        "update gradings set timings = '{\"a\": 0.1,\n\"a\": 12345678901234567890.10}' where verdict = 'passed'",
        "update gradings set state = 'running', attempts = 2, worker = 'w', lease_token = gen_random_uuid(),
             lease_until = now(), started_at = now()
         where id = (select min(id::text)::uuid from gradings where state = 'queued' and kind = 'submit')",
        "update users set created_at = '2026-01-02 03:04:05.000006+00' where name = 'ada'",
        "insert into regrades (id, exercise_id, to_version, asked_by, state, submissions)
         select gen_random_uuid(), exercise_id, id, 'me', 'computing', 1 from exercise_versions where exercise_id = 'double'",
        "insert into gradings (id, submission_id, user_id, exercise_id, version_id, kind, reason, state, standing, regrade_id)
         select gen_random_uuid(), s.id, s.user_id, s.exercise_id, s.version_id, s.kind, 'regrade', 'queued', false, r.id
         from submissions s join regrades r on r.exercise_id = s.exercise_id
         where s.id = (select min(id::text)::uuid from submissions)",
        r"update drafts set source = '\x00ff0a5c'::bytea, writer = gen_random_uuid(), writer_seq = 9007199254740993,
             updated_at = updated_at - interval '1 microsecond'
         where exercise_id = 'double' and user_id = (select id from users where name = 'ben')",
        r#"insert into draft_others (id, user_id, exercise_id, source, source_is_files, reason, written_at)
           select gen_random_uuid(), id, 'double', convert_to('[{"file":"a.ex","text":"1\n"}]', 'utf8'), true, 'merged', now()
           from users where name = 'ada'"#,
        "insert into api_tokens (id, user_id, name, token_hash, scopes)
         select gen_random_uuid(), id, 'mine', sha256('x'), '{read}' from users where name = 'ada'",
    ] {
        run(&database, statement).await;
    }
    database
}

#[tokio::test]
async fn a_course_goes_out_and_in_again_without_a_difference() {
    let course = Course::new();
    let place = TempDir::new().unwrap();
    let (first, second, third) = (place.path().join("first"), place.path().join("second"), place.path().join("third"));
    let database = lived_in().await;
    let output = export(&database, &course, &first);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    export(&database, &course, &second);
    assert_eq!(files(&first), files(&second), "the same twice");
    assert_eq!(fs::metadata(&first).unwrap().permissions().mode() & 0o777, 0o700, "for its owner only");
    let lessons = files(Path::new(course.path()));
    assert!(lessons.len() == 2 && files(&first.join("lessons")) == lessons, "files as they are");

    let copy = TestDatabase::new().await;
    assert_eq!(import(&copy, &first).0, Some(0), "{:?}", import(&copy, &first));
    assert_eq!(export(&copy, &course, &third).status.code(), Some(0));
    assert_eq!(files(&first), files(&third), "the same bytes");
    for query in [
        "select count(*) from users",
        "select count(*) from submissions",
        "select count(*) from gradings where reason = 'first' and standing and state = 'done'",
        "select count(*) from case_results",
        "select count(*) from reports where resolved_by is not null",
        "select count(*) from regrades",
        "select count(*) from drafts where source = '\\x00ff0a5c' and writer_seq = 9007199254740993",
        "select count(*) from drafts where writer is null",
        "select count(*) from draft_others where source_is_files and reason = 'merged'",
        "select count(*) from hints_opened",
        "select count(*) from submissions where source = '\\x00ff0a5c'",
        "select sum(length(timings::text)) from gradings where verdict = 'passed'",
    ] {
        let (there, here) = (count(&database, query).await, count(&copy, query).await);
        assert!(there == here && there > 0, "{query}: {there} and {here}");
    }
    let (code, said) = import(&copy, &first);
    assert!(code == Some(0) && said.contains("already"), "{said}");
    database.drop_it().await;

    // What waited or ran is graded by whoever serves the copy.
    assert_eq!(count(&copy, "select count(*) from gradings where state = 'queued' and reason = 'first'").await, 3);
    assert_eq!(count(&copy, "select sum(waiting)::bigint from turns").await, 3);
    let app = TestApp::with(copy, fake(), Grading::In, &[]).await;
    until("all is graded", async || {
        count(&app.database, "select count(*) from gradings where state in ('queued', 'running')").await == 0
    })
    .await;
    audit(&app.database.pool).await;
    assert_eq!(count(&app.database, "select count(*) from turns where running or waiting > 0").await, 0);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn what_lets_somebody_in_is_not_exported() {
    let course = Course::new();
    let place = TempDir::new().unwrap();
    let database = lived_in().await;
    let hash: String = sqlx::query_scalar("select password_hash from users where name = 'ada'")
        .fetch_one(&database.pool)
        .await
        .expect("a hash");
    let hashes: Vec<String> = sqlx::query_scalar(
        "select encode(token_hash, h) from (select token_hash from sessions union select token_hash from api_tokens) t
         cross join unnest(array['hex', 'base64']) h",
    )
    .fetch_all(&database.pool)
    .await
    .expect("hashes");
    let to = place.path().join("out");
    assert_eq!(export(&database, &course, &to).status.code(), Some(0));
    let text = fs::read_to_string(to.join("results.jsonl")).unwrap();
    assert!(hashes.len() >= 4 && text.contains("ada@"));
    for secret in hashes.iter().map(String::as_str).chain([hash.as_str(), "argon2", "password", "token", "lease"]) {
        assert!(!text.contains(secret), "{secret} is in the export");
    }
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("an object");
        assert!(line["type"].is_string() && line["version"] == 1 && line["row"].is_object(), "{line}");
    }
    database.drop_it().await;
}

#[tokio::test]
async fn a_file_that_is_not_right_is_refused_with_its_line_and_leaves_nothing() {
    let course = Course::new();
    let place = TempDir::new().unwrap();
    let database = lived_in().await;
    let out = place.path().join("out");
    assert_eq!(export(&database, &course, &out).status.code(), Some(0));
    database.drop_it().await;
    let good = fs::read_to_string(out.join("results.jsonl")).unwrap();
    let number =
        |kind: &str| 1 + good.lines().position(|line| line.starts_with(&format!("{{\"type\":\"{kind}\""))).unwrap();
    let last = good.lines().count();
    let without = |kind: &str| {
        let kept = good.lines().enumerate().filter(|(at, _)| at + 1 != number(kind)).map(|(_, line)| line);
        kept.collect::<Vec<_>>().join("\n") + "\n"
    };
    let on = |kind: &str, from: &str, to: &str| {
        let line = good.lines().nth(number(kind) - 1).unwrap();
        assert!(line.contains(from), "{from} is not in {line}");
        good.replacen(line, &line.replacen(from, to, 1), 1)
    };
    let empty = TestDatabase::new().await;
    let bad = place.path().join("bad");
    fs::create_dir(&bad).unwrap();
    for (text, line, words) in [
        (String::new(), 1, "not whole"),
        ("no JSON\n".to_owned(), 1, "expected"),
        (good.replacen("{\"type\"", "{\"typo\"", 1), 1, "typo"),
        (good.replace("\"version\":1", "\"version\":2"), 1, "version 2"),
        (good.lines().take(last - 1).map(|line| format!("{line}\n")).collect(), last, "not whole"),
        (good[..good.len() - 20].to_owned(), last, ""),
        (format!("{good}\n"), last + 1, "after the line of type `end`"),
        (without("case_result"), last - 1, "not whole"),
        (without("exercise"), 0, "no line above holds"),
        (without("exercise_version"), 0, ""),
        (without("submission"), 0, "no submission above"),
        (on("user", "\"role\":\"", "\"role\":\"x"), number("user"), "not a role"),
        (on("user", "\"name\":", "\"password_hash\":\"x\",\"name\":"), number("user"), "unknown field `password_hash`"),
        (on("user", "\"created_at\":\"2", "\"created_at\":\"x"), number("user"), ""),
        (on("exercise", "\"id\":\"", "\"id\":\"X "), number("exercise"), "kebab-case"),
        (
            on("exercise_version", "\"content_hash\":\"", "\"content_hash\":\"zz"),
            number("exercise_version"),
            "hexadecimal",
        ),
        (on("exercise_version", "\"tests\":{", "\"tests\":{\"cases\":3,"), number("exercise_version"), "set of tests"),
        (on("submission", "\"kind\":\"submit\"", "\"kind\":\"guess\""), number("submission"), "submissions_kind_check"),
        (on("grading", "\"state\":\"done\"", "\"state\":\"running\""), number("grading"), "queued"),
        (on("grading", "\"state\":\"done\"", "\"state\":\"queued\""), number("grading"), "gradings_done_has_a_verdict"),
        (on("grading", "\"standing\":true", "\"standing\":false"), 0, "no grading that stands"),
        (
            on("case_result", "\"detail\":{", "\"detail\":{\"us\":\"x\","),
            number("case_result"),
            "what became of a case",
        ),
        (on("progress", "\"row\":{", "\"row\":{\"more\":1,"), number("progress"), "unknown field `more`"),
        (on("draft", "\"source\":{\"text\":", "\"source\":{\"base64\":"), number("draft"), "not in Base64"),
        (on("draft_other", "\"reason\":\"", "\"reason\":\"x"), number("draft_other"), "draft_others_reason_check"),
        (on("hint_opened", "\"hint_no\":1", "\"hint_no\":0"), number("hint_opened"), "hints_opened_hint_no_check"),
    ] {
        let path = bad.join("results.jsonl");
        fs::write(&path, &text).unwrap();
        let (code, said) = import(&empty, &bad);
        assert_eq!(code, Some(2), "{words}: {said}");
        let place = if line == 0 { format!("{}:", path.display()) } else { format!("{}:{line}:", path.display()) };
        assert!(said.contains(&place) && said.contains(words), "{words} in line {line}: {said}");
        assert_eq!(count(&empty, "select count(*) from users").await, 0, "{words}");
    }
    let bytes = [good.as_bytes(), b"\xff\n"].concat();
    fs::write(bad.join("results.jsonl"), &bytes).unwrap();
    assert_eq!(import(&empty, &bad).0, Some(2), "not UTF-8");
    assert_eq!(import(&empty, place.path()).0, Some(2), "no results there");
    let enabled = "select count(*) from pg_trigger where tgname = 'gradings_turn_inserted' and tgenabled = 'O'";
    assert_eq!(count(&empty, enabled).await, 1, "the queue counts turns as before");
    // And the same database still takes what is right, with other line ends too.
    fs::write(bad.join("results.jsonl"), good.replace('\n', "\r\n")).unwrap();
    let (code, said) = import(&empty, &bad);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(count(&empty, enabled).await, 1);
    fs::write(bad.join("results.jsonl"), on("user", "\"name\":\"", "\"name\":\"not ")).unwrap();
    let (code, said) = import(&empty, &bad);
    assert!(code == Some(2) && said.contains("results.jsonl:1:1: the database is not empty"), "{said}");
    empty.drop_it().await;
}

#[tokio::test]
async fn hidden_tests_of_a_private_folder_go_out_only_when_asked_for() {
    let course = Course::new();
    let place = TempDir::new().unwrap();
    let private = place.path().join("private");
    fs::create_dir_all(private.join("01-first")).unwrap();
    fs::write(private.join("01-first/01-numbers.md"), "secret").unwrap();
    let setting = [("ATHANOR_PRIVATE_LESSONS", private.to_str().unwrap())];
    let database = TestDatabase::new().await;
    let to = place.path().join("out");
    let arguments = ["export", "course", "--lessons", course.path(), "--to", to.to_str().unwrap()];
    let with = |more: &'static str| [&arguments[..], &[more]].concat();
    let output = athanor(&arguments, &database, &setting);
    assert_eq!((output.status.code(), to.exists()), (Some(2), false));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--private"), "{output:?}");
    assert_eq!(athanor(&with("--private"), &database, &[]).status.code(), Some(2), "there is no such folder");
    assert_eq!(athanor(&with("--without-results"), &database, &setting).status.code(), Some(0));
    assert_eq!(files(&to).len(), 2, "the lesson and its picture");
    assert_eq!(athanor(&with("--private"), &database, &setting).status.code(), Some(2), "it is there already");
    fs::remove_dir_all(&to).unwrap();
    assert_eq!(athanor(&with("--private"), &database, &setting).status.code(), Some(0));
    assert_eq!(fs::read(to.join("private/01-first/01-numbers.md")).unwrap(), b"secret");
    let inside = format!("{}/out/deep", course.path());
    let output = athanor(&["export", "course", "--lessons", course.path(), "--to", &inside], &database, &[]);
    assert!(output.status.code() == Some(2) && !Path::new(course.path()).join("out").exists(), "{output:?}");
    database.drop_it().await;
}
