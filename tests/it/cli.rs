//! The command line, as scripts rely on it: the real program, on the real engine.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::helpers::lessons::{self, ABSOLUTE, DOUBLE, STARTER};

/// Runs the program, which remembers nothing of what it ran before.
pub fn athanor(arguments: &[&str]) -> Output {
    let cache = tempfile::tempdir().expect("a folder");
    athanor_remembering(cache.path(), arguments)
}

/// Runs the program, which remembers in this folder.
pub fn athanor_remembering(cache: &Path, arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_athanor"));
    program.args(arguments).env("ATHANOR_POOL", "2").env("ATHANOR_CACHE", cache).output().expect("the program")
}

pub fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit status")
}

pub fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn path(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

pub struct Course {
    folder: tempfile::TempDir,
}

impl Course {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        lessons::write(folder.path());
        Self { folder }
    }

    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let file = self.folder.path().join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, text).expect("a file");
        path(&file)
    }

    fn path(&self) -> String {
        path(self.folder.path())
    }
}

#[test]
fn docker_grade_answers_one_object_for_each_file_in_order() {
    let course = Course::new();
    let work = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &[u8]| {
        let file = work.path().join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, text).expect("a file");
        path(&file)
    };
    let right = file("right.ex", DOUBLE.as_bytes());
    let starter = file("starter.ex", STARTER.as_bytes());
    let absolute = file("absolute.ex", ABSOLUTE.as_bytes());
    let broken = file("broken.ex", b"defmodule Double do\n  def of(n), do: n *\nend\n");
    let empty = file("empty.ex", b"  \n");
    let foreign = file("foreign.ex", b"\xff\xfe");
    file("several/lib/a.ex", b"defmodule Times do\n  def two(n), do: n * 2\nend\n");
    file("several/lib/b.ex", b"defmodule Double do\n  def of(n), do: Times.two(n)\nend\n");
    let several = path(&work.path().join("several"));
    let files = [&right, &starter, &absolute, &broken, &empty, &foreign, &several];
    let lessons = course.path();
    let mut arguments = vec!["grade", "--lessons", &lessons, "--exercise", "double", "--format", "json"];
    arguments.extend(files.iter().map(|file| file.as_str()));
    let output = athanor(&arguments);
    assert_eq!(code(&output), 1, "{}", String::from_utf8_lossy(&output.stderr));
    let answers = lines(&output);
    let named: Vec<&str> = answers.iter().filter_map(|answer| answer["file"].as_str()).collect();
    assert_eq!(named, files.map(String::as_str));
    let verdicts: Vec<&str> = answers.iter().filter_map(|answer| answer["verdict"].as_str()).collect();
    assert_eq!(verdicts, ["passed", "failed", "failed", "compile_error", "rejected", "rejected", "passed"]);

    let failed = &answers[1]["cases"][0];
    assert_eq!(failed["name"], "two");
    assert_eq!(failed["outcome"], "failed");
    assert_eq!(
        (failed["expression"].as_str(), failed["expected"].as_str(), failed["actual"].as_str()),
        (Some("Double.of(2)"), Some("4"), Some("2"))
    );
    assert_eq!(answers[2]["cases"][1]["hidden"], true);
    assert_eq!(answers[2]["cases"][1]["actual"], "26", "the author's tool shows hidden cases");
    assert_eq!(answers[2]["says"], "Minus signs count too.");
    assert_eq!(answers[3]["cases"][0]["outcome"], "not_reached");
    assert!(answers[3]["diagnostics"][0]["line"].is_u64(), "{}", answers[3]);
    assert!(answers[4]["message"].is_string());
}

#[test]
fn docker_grade_exits_zero_when_all_passed_and_two_for_bad_usage() {
    let course = Course::new();
    let right = course.file("right.ex", DOUBLE);
    let lessons = course.path();
    let grade = |exercise: &str, file: &str| athanor(&["grade", "--lessons", &lessons, "--exercise", exercise, file]);
    let passed = grade("double", &right);
    assert_eq!(code(&passed), 0, "{}", String::from_utf8_lossy(&passed.stderr));
    let unknown = grade("duoble", &right);
    assert_eq!(code(&unknown), 2);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("did you mean 'double'?"));
    let missing = grade("double", "/no/such/file.ex");
    assert_eq!(code(&missing), 2);
    assert_eq!(code(&athanor(&["grade", "--exercise", "double"])), 2);
}

#[test]
fn an_engine_that_cannot_be_reached_is_three_and_says_what_to_do() {
    let course = Course::new();
    let right = course.file("right.ex", DOUBLE);
    let output = Command::new(env!("CARGO_BIN_EXE_athanor"))
        .args(["grade", "--lessons", &course.path(), "--exercise", "double", &right])
        .env("DOCKER_HOST", "unix:///no/such/docker.sock")
        .output()
        .expect("the program");
    assert_eq!(code(&output), 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("athanor doctor"));
}

#[test]
fn docker_check_finds_nothing_in_a_good_course_and_says_where_a_bad_one_is_wrong() {
    let course = Course::new();
    let good = athanor(&["check", "--format", "json", &course.path()]);
    let report = &lines(&good)[0];
    assert_eq!((code(&good), &report["problems"]), (0, &Value::Array(Vec::new())), "{report}");
    let double = &report["exercises"][0];
    assert_eq!((double["id"].as_str(), double["ok"].as_bool()), (Some("double"), Some(true)));
    assert_eq!((double["starter"].as_str(), double["reference"].as_str()), (Some("failed"), Some("passed")));
    assert_eq!(double["wrong"][0]["failed_cases"], serde_json::json!(["a secret"]));

    let bad = lessons::LESSON
        .replace("def of(n), do: n\nend", "def of(n), do: n * 2\nend")
        .replace("fails=\"a secret\"", "fails=\"two\"")
        .replace("iex> Answer.now()\n42", "iex> Answer.now()\n43");
    course.file("01-first/01-numbers.md", &bad);
    let output = athanor(&["check", "--format", "json", &course.path()]);
    let report = &lines(&output)[0];
    assert_eq!(code(&output), 1);
    let line_of = |text: &str| bad.lines().position(|line| line.contains(text)).map(|line| line as u64 + 1);
    let problems: Vec<_> = report["problems"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|problem| (problem["code"].as_str().unwrap_or_default(), problem["line"].as_u64()))
        .collect();
    assert_eq!(
        problems,
        [
            ("starter-passes", line_of("exercise: double")),
            ("wrong-fails-elsewhere", line_of("fails=\"two\"")),
            ("reference-fails", line_of("iex> Answer.now()")),
        ],
        "{report}"
    );
    assert_eq!(code(&athanor(&["check", "/no/such/folder"])), 2);
}

#[test]
fn docker_the_course_is_green() {
    let lessons = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons");
    let output = athanor(&["check", "--mutate", "--format", "json", &path(&lessons)]);
    let report = &lines(&output)[0];
    assert_eq!((code(&output), &report["problems"]), (0, &json!([])), "{}", String::from_utf8_lossy(&output.stderr));
    // Changes to a reference that no case notices, each of which somebody has looked at: it makes an equal program.
    let mut equal: Vec<&str> =
        include_str!("cli/equal_mutants.txt").lines().filter(|line| !line.starts_with('#')).collect();
    let survived = report["exercises"].as_array().unwrap().iter().flat_map(|exercise| {
        let survived = exercise["mutants"]["survived"].as_array().unwrap().iter();
        survived.map(|one| format!("{}: {}", exercise["id"].as_str().unwrap(), one["change"].as_str().unwrap()))
    });
    let unknown: Vec<String> = survived
        .filter(|one| match equal.iter().position(|known| known == one) {
            Some(place) => {
                equal.swap_remove(place);
                false
            }
            None => true,
        })
        .collect();
    assert_eq!(unknown, Vec::<String>::new(), "cases are missing, or these belong into tests/it/cli/equal_mutants.txt");
}

#[test]
fn a_setting_that_cannot_be_used_names_itself() {
    let output = Command::new(env!("CARGO_BIN_EXE_athanor"))
        .args(["serve"])
        .env("ATHANOR_POOL", "many")
        .output()
        .expect("the program");
    assert_eq!(code(&output), 2);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("ATHANOR_POOL=\"many\" cannot be used: it takes a whole number"), "{said}");
}

#[test]
fn a_database_that_cannot_be_reached_is_said_at_once() {
    let output = Command::new(env!("CARGO_BIN_EXE_athanor"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("ATHANOR_METRICS_LISTEN", "off")
        .env("DATABASE_URL", "postgres://nobody@localhost/nothing?host=/no/such/folder")
        .output()
        .expect("the program");
    assert_eq!(code(&output), 1);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("DATABASE_URL"), "{said}");
}
