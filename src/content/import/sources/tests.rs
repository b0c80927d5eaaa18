use super::super::Weight;
use super::*;

const MODULE: &str = "defmodule A do\nend\n";

fn files(list: &[(&str, &str)]) -> Files {
    list.iter().map(|(path, text)| ((*path).to_owned(), Entry::File(text.as_bytes().to_vec()))).collect()
}

fn read(files: &Files) -> (Option<Sources>, Vec<(Weight, String, String)>) {
    let mut findings = Findings::new("x");
    let sources = sources(files, &mut findings);
    (sources, findings.list.into_iter().map(|found| (found.weight, found.file, found.message)).collect())
}

fn usual() -> Files {
    files(&[("lib/a.ex", MODULE), (".meta/example.ex", MODULE), ("test/a_test.exs", MODULE), ("mix.exs", "x")])
}

#[test]
fn without_a_config_the_usual_places_are_looked_at() {
    let mut files = usual();
    files.insert(
        "test/test_helper.exs".to_owned(),
        Entry::File(b"ExUnit.start()\n\ndefmodule Extra do\nend\n".to_vec()),
    );
    files.insert("assets/data.txt".to_owned(), Entry::File(b"1".to_vec()));
    files.insert(".approaches/one/content.md".to_owned(), Entry::File(b"1".to_vec()));
    files.insert("loop".to_owned(), Entry::Unread("it is a link".to_owned()));
    let (sources, said) = read(&files);
    let sources = sources.expect("an exercise");
    assert_eq!(sources.tests[0].file, "a_test.exs");
    assert_eq!(
        sources.support,
        [SourceFile { file: "test_helper.ex".into(), text: "\ndefmodule Extra do\nend\n".into() }]
    );
    let of = |file: &str| said.iter().find(|(_, path, _)| path == file).map(|(weight, ..)| *weight);
    assert_eq!(of("x/.meta/config.json"), Some(Weight::Warning));
    assert_eq!(of("x/test/test_helper.exs"), Some(Weight::Warning));
    assert_eq!(of("x/assets/data.txt"), Some(Weight::Warning));
    assert_eq!(of("x/.approaches"), Some(Weight::Notice));
    assert_eq!(of("x/loop"), Some(Weight::LeftOut));
    assert_eq!(said.len(), 5, "{said:?}");
}

#[test]
fn without_a_reference_or_tests_there_is_no_exercise() {
    let without = |path: &str| {
        let mut files = usual();
        files.remove(path);
        files
    };
    let with = |path: &str, bytes: &[u8]| {
        let mut files = usual();
        files.insert(path.to_owned(), Entry::File(bytes.to_vec()));
        files
    };
    let large = "# long\n".repeat(10_000);
    for (files, reason) in [
        (without(".meta/example.ex"), "no reference"),
        (without("test/a_test.exs"), "no tests"),
        (with(".meta/example.ex", b" \n"), "empty"),
        (with(".meta/example.ex", b"a\n\xff"), "line 2"),
        (with("test/a_test.exs", b"a\0"), "NUL"),
        (with(".meta/example.ex", large.as_bytes()), "70000 bytes"),
        (with("lib/a.erl", b"-module(a).\n"), "two languages"),
        (with(".meta/config.json", br#"{"files": {"test": ["test/a_tests.erl"]}}"#), "not ExUnit"),
    ] {
        let (sources, said) = read(&files);
        assert_eq!(sources, None);
        let left_out: Vec<_> = said.iter().filter(|(weight, ..)| *weight == Weight::LeftOut).collect();
        assert!(left_out.len() == 1 && left_out[0].2.contains(reason), "{reason}: {said:?}");
    }
}

#[test]
fn odd_configs_are_said_and_survived() {
    let with = |config: &str| {
        let mut files = usual();
        files.insert(META.to_owned(), Entry::File(config.as_bytes().to_vec()));
        files
    };
    for config in ["{", "[]", "{\"files\": 1}", "{\"files\": {\"solution\": [1, \"../../b.ex\", \"/etc/passwd\"]}}"] {
        assert!(read(&with(config)).0.is_some(), "{config}");
    }
    let outside = read(&with("{\"files\": {\"editor\": [\"../../b.ex\"]}}")).1;
    assert!(outside.iter().any(|(weight, ..)| *weight == Weight::LeftOut), "{outside:?}");
    let (sources, _) = read(&with("{\"files\": {\"editor\": [\"lib/a.ex\"], \"solution\": [\"lib/a.ex\"]}}"));
    assert!(sources.expect("an exercise").support.is_empty(), "a starter is no support");
}

#[test]
fn support_of_the_editor_and_of_the_tests_share_their_names() {
    let mut files = usual();
    for path in ["lib/more/a.ex", "lib/helper.ex", "test/helper.ex"] {
        files.insert(path.to_owned(), Entry::File(b"defmodule B do\nend\n".to_vec()));
    }
    let config = br#"{"files": {"solution": ["lib/a.ex"], "editor": ["lib/more/a.ex", "lib/helper.ex"]}}"#;
    files.insert(META.to_owned(), Entry::File(config.to_vec()));
    let support = read(&files).0.expect("an exercise").support;
    let names: Vec<&str> = support.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(names, ["more_a.ex", "helper.ex", "test_helper.ex"]);
}

#[test]
fn names_are_plain_and_used_once() {
    let mut names = Names::default();
    let given = ["lib/My-App/Shapes.ex", "lib/other/shapes.ex", "lib/other/shapes.exs", "lib/ä.ex", "lib/shapes.erl"];
    let made: Vec<String> = given.iter().map(|path| names.name(path, "")).collect();
    assert_eq!(made, ["shapes.ex", "other_shapes.ex", "lib_other_shapes.ex", "lib.ex", "shapes.erl"]);
    assert_eq!(Names::default().name("lib/solution.ex", "editor_"), "editor_solution.ex");
}
