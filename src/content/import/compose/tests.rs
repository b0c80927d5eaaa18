use super::super::{Entry, Weight, read_track};
use super::*;
use crate::content::problems_of;

const CONFIG: &str = r#"{"exercises": {
  "concept": [{"slug": "counting", "name": "Counting *up*", "concepts": ["numbers"]}],
  "practice": [{"slug": "sum", "prerequisites": ["numbers", "none"]}]
}}"#;

fn exercise(index: usize, files: &[(&str, &str)]) -> Given {
    let listed = read_track(CONFIG).expect("a track").exercises[index].clone();
    let folder = format!("exercises/{}/{}", listed.kind.as_str(), listed.slug);
    let file = |(path, text): &(&str, &str)| ((*path).to_owned(), Entry::File(text.as_bytes().to_vec()));
    Given { listed, folder, files: files.iter().map(file).collect() }
}

const MODULE: &str = "defmodule Sum do\n  def of(_), do: 0\nend\n";
const TEST: &str = "defmodule SumTest do\n  use ExUnit.Case\n  test \"it\", do: assert Sum.of(1) == 1\nend\n";

fn sum() -> Given {
    exercise(
        1,
        &[
            (
                ".meta/config.json",
                r#"{"blurb": "Adds \"up\".", "files": {"solution": ["lib/sum.ex"], "test": ["test/sum_test.exs"], "example": [".meta/example.ex"], "editor": ["lib/pair.ex"]}}"#,
            ),
            (
                ".docs/instructions.md",
                "# Instructions\n\nSee [this](exercise:x/counting).\n\n````\n```elixir test\n````\n\n---\ntitle: x\n---\n",
            ),
            (".docs/hints.md", "# Hints\n\n## 1. First\n\n- [a][b]\n\n[b]: https://b.example\n"),
            ("lib/sum.ex", MODULE),
            ("lib/pair.ex", "defmodule Pair do\nend\n"),
            ("test/sum_test.exs", TEST),
            (".meta/example.ex", "defmodule Sum do\n  @doc \"\"\"\n  ```\n  \"\"\"\n  def of(n), do: n\nend"),
        ],
    )
}

fn counting() -> Given {
    exercise(
        0,
        &[
            (".docs/introduction.md.tpl", "# Introduction\n\n## Numbers\n\n%{concept:numbers}\n\n%{concept:gone}\n"),
            ("lib/a/counting.ex", MODULE),
            ("lib/b/counting.ex", MODULE),
            ("test/counting_test.exs", TEST),
            ("test/more_test.exs", TEST),
            (".meta/exemplar.ex", MODULE),
        ],
    )
}

#[test]
fn an_exercise_becomes_a_lesson_without_problems() {
    let concepts =
        Files::from([("numbers/introduction.md".to_owned(), Entry::File(b"# Numbers\n\nOne, two.\n".to_vec()))]);
    let built = build(&[counting(), sum()], &concepts, &Known::default());
    let paths: Vec<&str> = built.lessons.iter().map(|lesson| lesson.path.as_str()).collect();
    assert_eq!(paths, ["01-concepts/01-counting.md", "02-practice/01-sum.md"]);
    for lesson in &built.lessons {
        let (source, problems) = problems_of(&lesson.path, &lesson.text);
        // Without the rest of the course links lead nowhere; and a file of hidden tests it is not.
        let problems: Vec<_> = problems
            .iter()
            .filter(|problem| !["missing-link-target", "private-block"].contains(&problem.code))
            .collect();
        assert!(problems.is_empty(), "{problems:?}\n{}", source.text);
    }
    let [first, second] = built.lessons.as_slice() else { panic!("two lessons") };
    assert!(first.text.contains("## Numbers\n\nOne, two."), "{}", first.text);
    assert!(first.text.contains("## Counting \\*up\\*"), "{}", first.text);
    assert!(first.text.contains("elixir starter file=counting.ex\n"), "{}", first.text);
    assert!(first.text.contains("elixir starter file=b_counting.ex\n"), "{}", first.text);
    assert!(first.text.contains("elixir exunit file=more_test.exs\n"), "{}", first.text);
    assert!(
        second.text.starts_with("---\ntitle: \"Sum\"\nsummary: \"Adds \\\"up\\\".\"\nneeds: [\"counting\"]\n---\n")
    );
    assert!(second.text.contains("[this](../01-concepts/01-counting.md)"), "{}", second.text);
    assert!(second.text.contains("````elixir solution\n"), "{}", second.text);
    assert!(second.text.contains("elixir support file=pair.ex\n"), "{}", second.text);
    assert!(
        second.text.contains("<details><summary>1\\. First</summary>\n\n- [a](https://b.example)"),
        "{}",
        second.text
    );
    let left_out: Vec<_> = built.findings.iter().filter(|found| found.weight == Weight::LeftOut).collect();
    assert_eq!(left_out.len(), 1, "{left_out:?}");
    assert_eq!(
        (left_out[0].file.as_str(), left_out[0].line),
        ("exercises/concept/counting/.docs/introduction.md.tpl", Some(7))
    );
}

#[test]
fn what_is_left_out_is_linked_and_needed_by_nobody() {
    let slug = |text| ExerciseId::parse(text).expect("a slug");
    let known = Known { left_out: [slug("counting")].into(), passing: [slug("sum")].into() };
    let built = build(&[counting(), sum()], &Files::new(), &known);
    let [lesson] = built.lessons.as_slice() else { panic!("one lesson") };
    assert!(lesson.text.contains("<!-- exercise: sum starter-passes -->"));
    assert!(!lesson.text.contains("needs:") && lesson.text.contains("See this."), "{}", lesson.text);
    assert!(built.findings.iter().any(|found| found.line == Some(3) && found.message.contains("counting")));
}

#[test]
fn a_starter_that_is_the_reference_passes_by_nature() {
    let mut given = sum();
    given.files.insert(".meta/example.ex".to_owned(), Entry::File(MODULE.replace('\n', "\r\n").into_bytes()));
    let built = build(&[given], &Files::new(), &Known::default());
    assert!(built.lessons[0].text.contains("<!-- exercise: sum starter-passes -->"));
}
