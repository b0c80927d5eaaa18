//! `athanor import exercism`: the real program on tracks of our own making.

mod track;

use std::fs;
use std::path::Path;
use std::process::Output;

use athanor::content;
use serde_json::{Value, json};

use crate::cli::{athanor, code, lines};
use track::{Track, files};

fn import(track: &Track, more: &[&str]) -> Output {
    let (source, dest) = (track.source(), track.dest());
    let mut arguments = vec!["import", "exercism", "--format", "json"];
    arguments.extend(more);
    arguments.extend([source.to_str().expect("a path"), dest.to_str().expect("a path")]);
    athanor(&arguments)
}

fn report(output: &Output) -> Value {
    lines(output).pop().unwrap_or_else(|| panic!("no report: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Files, lines and messages of a weight.
fn of_weight(report: &Value, weight: &str) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list").iter().filter(|found| found["weight"] == weight);
    findings
        .map(|found| {
            let line = found["line"].as_u64().map(|line| format!(":{line}")).unwrap_or_default();
            format!("{}{line}: {}", found["file"].as_str().unwrap_or(""), found["message"].as_str().unwrap_or(""))
        })
        .collect()
}

fn ids(report: &Value) -> Vec<&str> {
    report["lessons"].as_array().expect("a list").iter().filter_map(|lesson| lesson["id"].as_str()).collect()
}

fn problems(course: &Path) -> Vec<String> {
    let loaded = content::load(course, None);
    loaded.problems.iter().map(|problem| loaded.render(problem)).collect()
}

#[test]
fn docker_what_is_imported_is_green_and_says_what_was_left_out() {
    let mut track = Track::new();
    track.doubling("doubles", "n");
    track.doubling("refactored", "n + n");
    track.doubling("broken", "0");
    track.file("exercises/practice/broken/.meta/example.ex", "defmodule Broken do\n  def of(n), do: n\nend\n");
    track.list("concept", json!({"slug": "boxes", "name": "Boxes", "concepts": ["structs"]}));
    let below = |path: &str| format!("exercises/concept/boxes/{path}");
    // The reference's files stand in the wrong order, and the tests' own module uses the learner's.
    track.file(&below("lib/area.ex"), "defmodule Area do\nend\n");
    track.file(&below("lib/area/box.ex"), "defmodule Area.Box do\nend\n");
    track.file(&below(".meta/exemplar/a.ex"), "defmodule Area do\n  def of(%Area.Box{w: w}), do: w * w\nend\n");
    track.file(&below(".meta/exemplar/b.ex"), "defmodule Area.Box do\n  defstruct w: 1\nend\n");
    track.file(&below("test/support/boxes.ex"), "defmodule Boxes do\n  def two, do: struct(Area.Box, w: 2)\nend\n");
    track.file(
        &below("test/deep/area_test.exs"),
        "defmodule AreaTest do\n  use ExUnit.Case\n  test \"a box\" do\n    assert Area.of(Boxes.two()) == 4\n  end\nend\n",
    );
    track.file(
        &below(".meta/config.json"),
        json!({"files": {
            "solution": ["lib/area.ex", "lib/area/box.ex"],
            "test": ["test/deep/area_test.exs"],
            "exemplar": [".meta/exemplar/a.ex", ".meta/exemplar/b.ex"],
        }})
        .to_string(),
    );
    let output = import(&track, &[]);
    let report = report(&output);
    assert_eq!(code(&output), 1, "{report}");
    assert_eq!(ids(&report), ["boxes", "doubles", "refactored"], "{report}");
    let passing: Vec<bool> =
        report["lessons"].as_array().into_iter().flatten().map(|one| one["starter_passes"] == true).collect();
    assert_eq!(passing, [false, false, true]);
    let left_out = of_weight(&report, "left_out");
    assert!(left_out.len() == 1 && left_out[0].starts_with("exercises/practice/broken: "), "{left_out:?}");
    let course = track.dest();
    let checked = athanor(&["check", course.to_str().expect("a path")]);
    assert_eq!(code(&checked), 0, "{}", String::from_utf8_lossy(&checked.stdout));
}

#[test]
fn a_whole_track_is_imported_without_running_it() {
    let mut track = Track::new();
    for number in 0..178 {
        track.doubling(&format!("number-{number}"), "0");
    }
    let output = import(&track, &["--no-run"]);
    assert_eq!(code(&output), 0, "{}", report(&output));
    let files = files(&track.dest());
    assert_eq!(files.len(), 178);
    assert_eq!(files[0], "02-practice/001-number-0.md");
    assert_eq!(problems(&track.dest()), [""; 0]);
    assert_eq!(content::load(&track.dest(), None).course.exercises().count(), 178);
}

#[test]
fn odd_layouts_are_said_and_nothing_is_lost_in_silence() {
    let mut track = Track::new();
    for slug in ["plain", "odd", "no-example", "no-config", "linked", "huge", "crlf"] {
        track.doubling(slug, "0");
    }
    let below = |path: &str| format!("exercises/practice/{path}");
    track.list("practice", json!({"slug": "gone"}));
    track.list("practice", json!({"slug": "Not Kebab"}));
    track.list("practice", json!({"slug": "unfinished", "status": "wip"}));
    track.list("concept", json!({"slug": "plain"}));
    track.file(
        &below("odd/.docs/instructions.md"),
        "---\ntitle: mine\n---\n\n# Odd\n\n<!-- exercise: other -->\n\n<details>\n\n```elixir test\niex> 1\n1\n```\n\n\
         ![far](https://example.org/a.png) ![](near.svg) [gone](../x.md) [plain](../../plain)\n\n\
         ~~~~exercism/note\n# Note\n~~~~\n\n<script>alert(1)</script>\n\n%{concept:x}\n\n```open\n",
    );
    track.file(&below("odd/.docs/near.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    track.file(&below("odd/.docs/hints.md"), b"# Hints\n\nbytes \xff and a \0 here, </details>\n");
    track.file(&below("odd/data/emails.txt"), "a");
    track.file(&below("odd/.approaches/a/content.md"), "a");
    track.file(&below("stray/README.md"), "a");
    fs::remove_file(track.source().join(below("no-example/.meta/example.ex"))).unwrap();
    fs::remove_file(track.source().join(below("no-config/.meta/config.json"))).unwrap();
    fs::write(track.source().join("../outside.md"), "secret").unwrap();
    let hints = track.source().join(below("linked/.docs/hints.md"));
    fs::remove_file(&hints).unwrap();
    std::os::unix::fs::symlink("../../../../../outside.md", &hints).unwrap();
    std::os::unix::fs::symlink("..", track.source().join(below("linked/loop"))).unwrap();
    track.file(&below("huge/.docs/introduction.md"), vec![b'a'; 1024 * 1024 + 1]);
    let text = "\u{feff}# Instructions\r\n\r\nDouble.\r\n";
    track.file(&below("crlf/.docs/instructions.md"), text);
    track.file(&below("crlf/lib/crlf.ex"), "\u{feff}defmodule Crlf do\r\nend\r\n");

    let output = import(&track, &["--no-run"]);
    let report = report(&output);
    assert_eq!(code(&output), 1, "{report}");
    // The first list comes first: the slug that stands in both has no folder there.
    assert_eq!(ids(&report), ["odd", "no-config", "linked", "huge", "crlf"], "{report:#}");
    assert_eq!(problems(&track.dest()), [""; 0]);
    let (left_out, warnings) = (of_weight(&report, "left_out"), of_weight(&report, "warning"));
    let said = |list: &[String], start: &str| {
        assert!(list.iter().any(|line| line.starts_with(start)), "{start} is not in {list:#?}");
    };
    for start in [
        "config.json:",
        "exercises/practice/no-example",
        "exercises/practice/linked/.docs/hints.md: it is not taken: it is a link that leads out",
        "exercises/practice/linked/loop",
        "exercises/practice/huge/.docs/introduction.md: it is not taken: it is larger than 1024 KiB",
    ] {
        said(&left_out, start);
    }
    for start in [
        "exercises/practice/no-config/.meta/config.json",
        "exercises/practice/odd/.docs/instructions.md:9: this HTML",
        "exercises/practice/odd/.docs/instructions.md:11: the code block's `elixir test`",
        "exercises/practice/odd/.docs/instructions.md:16: the picture `https://example.org/a.png`",
        "exercises/practice/odd/.docs/instructions.md:16: of the link to `../x.md`",
        "exercises/practice/odd/.docs/hints.md:3: this is not UTF-8",
        "exercises/practice/odd/data/emails.txt",
        "exercises/practice/stray",
    ] {
        said(&warnings, start);
    }
    let notices = of_weight(&report, "notice");
    said(&notices, "exercises/practice/odd/.docs/instructions.md:7: an HTML comment");
    said(&notices, "exercises/practice/odd/.approaches");
    assert!(notices.iter().any(|line| line.contains("`unfinished` is skipped")), "{notices:#?}");
    let course = files(&track.dest());
    assert!(course.contains(&"02-practice/odd.docs-near.svg".to_owned()), "{course:?}");
    let text = fs::read_to_string(track.dest().join("02-practice/05-crlf.md")).unwrap();
    assert!(!text.contains('\r') && !text.contains('\u{feff}'));
    let all = course.iter().map(|file| fs::read_to_string(track.dest().join(file)).unwrap()).collect::<String>();
    assert!(!all.contains("secret"));
}

#[test]
fn what_is_there_is_replaced_only_by_force_and_only_by_a_whole_course() {
    let mut track = Track::new();
    track.doubling("doubles", "0");
    fs::create_dir_all(track.dest()).unwrap();
    assert_eq!(code(&import(&track, &["--no-run"])), 0, "an empty folder is welcome");
    fs::write(track.dest().join("mine.txt"), "mine").unwrap();
    let output = import(&track, &["--no-run"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(code(&output) == 2 && said.contains("--force"), "{said}");
    // A track that cannot be read touches nothing, force or not.
    track.file("config.json", "{\n  nothing");
    let output = import(&track, &["--no-run", "--force"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(code(&output) == 2 && said.contains("config.json:2:"), "{said}");
    assert_eq!(files(&track.dest()), ["02-practice/01-doubles.md", "mine.txt"]);
    track.file("config.json", "{\"exercises\": [{\"slug\": \"doubles\"}]}");
    track.file("exercises/doubles/.meta/example.ex", "");
    assert_eq!(code(&import(&track, &["--no-run", "--force"])), 0);
    assert_eq!(files(&track.dest()), ["02-practice/01-doubles.md"]);
    let beside = fs::read_dir(track.dest().parent().expect("a folder")).unwrap().count();
    assert_eq!(beside, 2, "only the track and the course are left");
}

#[test]
fn places_that_are_no_place_for_a_course_are_refused() {
    let mut track = Track::new();
    track.doubling("doubles", "0");
    let source = track.source();
    let inside = source.join("course");
    let file = track.file("file.txt", "x");
    let [source, inside, file] = [&source, &inside, &file].map(|path| path.to_str().expect("a path"));
    let above = track.dest().parent().expect("a folder").display().to_string();
    for (from, to) in
        [(source, inside), (source, source), (source, above.as_str()), (source, file), (above.as_str(), inside)]
    {
        let output = athanor(&["import", "exercism", "--no-run", "--force", from, to]);
        assert_eq!(code(&output), 2, "{from} {to}: {}", String::from_utf8_lossy(&output.stdout));
    }
    assert!(track.source().join("config.json").is_file());
}
