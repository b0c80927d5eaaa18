//! `athanor new`, as an author uses it.

use std::path::Path;

use crate::cli::{athanor, code};

fn new(course: &Path, arguments: &[&str]) -> (i32, String) {
    let mut all = vec!["new"];
    all.extend(arguments);
    all.extend(["--lessons", course.to_str().expect("a path in UTF-8")]);
    let output = athanor(&all);
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (code(&output), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_new_lesson_with_a_new_exercise_passes_its_check() {
    let course = tempfile::tempdir().expect("a folder");
    let (status, said) = new(course.path(), &["lesson", "numbers", "--chapter", "first-steps", "--title", "yes: 1"]);
    assert_eq!(status, 0, "{said}");
    let (status, said) = new(course.path(), &["exercise", "two-words", "--in", "numbers"]);
    assert_eq!(status, 0, "{said}");
    let file = course.path().join("01-first-steps/01-numbers.md");
    assert!(said.contains("01-numbers.md:11: 'two-words' is there to be filled in"), "{said}");
    let text = std::fs::read_to_string(&file).expect("a lesson");
    assert_eq!(text.lines().nth(10), Some("<!-- exercise: two-words points=2 -->"));
    let checked = athanor(&["check", file.to_str().expect("a path in UTF-8")]);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert_eq!(code(&checked), 0, "{said}");
    assert!(!said.contains("warning"), "{said}");
}

#[test]
fn numbers_are_the_next_ones_and_nothing_is_overwritten() {
    let course = tempfile::tempdir().expect("a folder");
    let made = |arguments: &[&str]| new(course.path(), arguments);
    assert!(made(&["lesson", "one"]).1.contains("name one with --chapter"));
    assert_eq!(made(&["lesson", "one", "--chapter", "a"]).0, 0);
    assert_eq!(made(&["lesson", "two", "--chapter", "01-a"]).0, 0);
    assert_eq!(made(&["lesson", "three", "--chapter", "b"]).0, 0);
    assert_eq!(made(&["lesson", "four"]).0, 0, "the last chapter where none is named");
    for file in ["01-a/01-one.md", "01-a/02-two.md", "02-b/01-three.md", "02-b/02-four.md"] {
        assert!(course.path().join(file).is_file(), "{file}");
    }
    assert_eq!(made(&["exercise", "first", "--in", "one"]).0, 0);
    for (arguments, expected) in [
        (&["lesson", "one", "--chapter", "b"][..], "has a lesson `one` already"),
        (&["lesson", "No Name"], "is no name"),
        (&["lesson", "five", "--chapter", "../x"], "is no name"),
        (&["exercise", "first", "--in", "two"], "has an exercise `first` already"),
        (&["exercise", "second", "--in", "none"], "has no lesson `none`"),
    ] {
        let (status, said) = made(arguments);
        assert!(status == 2 && said.contains(expected), "{arguments:?}: {status} {said}");
    }
    let broken = course.path().join("01-a/02-two.md");
    let text = std::fs::read_to_string(&broken).expect("a lesson") + "<!-- exercise: open -->\n### Open\n";
    std::fs::write(&broken, &text).expect("a lesson");
    let (status, said) = made(&["exercise", "second", "--in", "two"]);
    assert!(status == 2 && said.contains("has errors, so nothing was added"), "{said}");
    assert_eq!(std::fs::read_to_string(&broken).expect("a lesson"), text);
}
