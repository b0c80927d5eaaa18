//! `athanor check` of a course whose hidden tests lie in a private tree, and of a course or a part of it since a revision.

use std::process::{Command, Output};

use serde_json::Value;

use crate::cli::lines;

const SIZES: &str = "---
title: Sizes
---
A word: [size](../glossary.md#size). See [the other](../02-second/01-other.md#other).

<!-- exercise: sizes -->
### Sizes

```elixir test
iex> Size.of(20)
:big
```

```elixir solution
defmodule Size do
  def of(n) when n >= 10, do: :big
  def of(_), do: :small
end
```
<!-- /exercise -->
";

const OTHER: &str = "---
title: Other
---
<!-- exercise: other -->
### Other

```elixir test
iex> Other.of(1)
2
```

```elixir solution
defmodule Other do
  def of(n), do: n + 1
end
```
<!-- /exercise -->
";

const HIDDEN: &str = "Notes.


<!-- exercise: sizes -->
```elixir test
iex> Size.of(1)
:small
```

```elixir wrong
defmodule Size do
  def of(n), do: if(n >= 10, do: :big, else: :small)
end
```
<!-- /exercise -->
";

/// A course in a git repository, and a private tree beside it whose name comes first.
struct Course {
    folder: tempfile::TempDir,
}

impl Course {
    fn new() -> Self {
        let course = Self { folder: tempfile::tempdir().expect("a folder") };
        course.file("course/lessons/01-first/01-sizes.md", SIZES);
        course.file("course/lessons/02-second/01-other.md", OTHER);
        course.file("course/lessons/glossary.md", "---\ntitle: Words\n---\n\n## Size\n\nHow large something is.\n");
        course.file("before/01-first/01-sizes.md", HIDDEN);
        course.git(&["init", "-q"]);
        course.commit();
        course
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("a path in UTF-8").to_owned()
    }

    fn file(&self, name: &str, text: &str) {
        let file = self.folder.path().join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, text).expect("a file");
    }

    /// Runs git where nobody has set anything.
    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.current_dir(self.folder.path().join("course"));
        git.args(["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]);
        let output = git.args(arguments).output().expect("git");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn commit(&self) {
        self.git(&["add", "."]);
        self.git(&["commit", "-q", "-m", "One"]);
    }

    fn check(&self, private: bool, arguments: &[&str], part: &str) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_athanor"));
        program.env("ATHANOR_POOL", "2").env("ATHANOR_CACHE", self.path("cache"));
        if private {
            program.env("ATHANOR_PRIVATE_LESSONS", self.path("before"));
        }
        let path = self.path("course/lessons");
        let path = if part.is_empty() { path } else { format!("{path}/{part}") };
        program.args(["check", "--format", "json"]).args(arguments).arg(path).output().expect("the program")
    }

    /// Code, line and file of each problem, the file from the folder of all.
    fn problems(&self, output: &Output) -> Vec<(String, u64, String)> {
        let root = format!("{}/", self.folder.path().display());
        let report = &lines(output)[0];
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let problems = report["problems"].as_array().expect("a list").iter();
        problems
            .map(|p| (text(&p["code"]), p["line"].as_u64().expect("a line"), text(&p["file"]).replace(&root, "")))
            .collect()
    }

    /// What is said of a part since the first revision, in order.
    fn since(&self, private: bool, part: &str) -> Vec<String> {
        let output = self.check(private, &["--since", "HEAD"], part);
        let report = &lines(&output)[0];
        let problems = report["problems"].as_array().expect("a list").iter();
        problems.map(|p| p["message"].as_str().expect("a text").to_owned()).collect()
    }
}

#[test]
fn docker_problems_of_hidden_tests_point_into_the_private_tree() {
    let course = Course::new();
    let hidden = "before/01-first/01-sizes.md";
    let output = course.check(true, &[], "");
    let told = course.problems(&output);
    assert_eq!(
        told,
        [("wrong-passes".to_owned(), 10, hidden.to_owned()), ("unneeded-case".to_owned(), 6, hidden.to_owned())]
    );
    let wrong = &lines(&output)[0]["exercises"][0]["wrong"][0];
    assert_eq!((wrong["line"].as_u64(), wrong["file"].as_str()), (Some(10), Some(course.path(hidden).as_str())));

    course.file(hidden, &HIDDEN.replace(":small\n```", ":large\n```"));
    let told = course.problems(&course.check(true, &[], "01-first/01-sizes.md"));
    assert_eq!(told, [("reference-fails".to_owned(), 6, hidden.to_owned())]);

    // A problem of the lesson stays there.
    course.file(hidden, HIDDEN);
    course.file(
        "course/lessons/01-first/01-sizes.md",
        &SIZES.replace(":big\n```\n\n```elixir sol", ":bigger\n```\n\n```elixir sol"),
    );
    let told = course.problems(&course.check(true, &[], ""));
    assert_eq!(told, [("reference-fails".to_owned(), 10, "course/lessons/01-first/01-sizes.md".to_owned())]);
}

#[test]
fn docker_a_part_of_a_course_is_compared_with_the_same_part_of_the_whole_of_then() {
    let course = Course::new();
    for part in ["", "01-first", "01-first/01-sizes.md"] {
        assert!(course.since(false, part).is_empty(), "{part}");
    }
    let changed = SIZES.replace(":big\n```\n\n```elixir sol", ":big\n\niex> Size.of(10)\n:big\n```\n\n```elixir sol");
    course.file("course/lessons/01-first/01-sizes.md", &changed);
    let told = "the tests of 'sizes' are not those of HEAD: new are 'Size.of(10)'";
    for part in ["", "01-first", "01-first/01-sizes.md"] {
        assert_eq!(course.since(false, part), [told], "{part}");
    }
    assert!(course.since(false, "02-second").is_empty());

    // An exercise that moved to another chapter is not gone; one that is in none is, and only where it was.
    course.file("course/lessons/01-first/02-next.md", &OTHER.replace("title: Other", "title: Next"));
    course.file("course/lessons/02-second/01-other.md", "---\ntitle: Other\n---\n\n## Other\n");
    assert!(course.since(false, "02-second").is_empty());
    course.file("course/lessons/01-first/02-next.md", &OTHER.replace("exercise: other", "exercise: another"));
    let gone = "the exercise 'other' of HEAD, in the lesson `other`, is gone";
    assert_eq!(course.since(false, ""), [told, gone]);
    assert_eq!(course.since(false, "01-first"), [told]);
    assert_eq!(course.since(false, "02-second"), [gone]);
}

#[test]
fn docker_hidden_tests_are_no_change_since_a_revision() {
    let course = Course::new();
    let fine = HIDDEN.split("```elixir wrong").next().expect("its cases").to_owned() + "<!-- /exercise -->\n";
    course.file("before/01-first/01-sizes.md", &fine);
    for part in ["", "01-first/01-sizes.md"] {
        assert!(course.since(true, part).is_empty(), "{part}");
    }
    let changed = SIZES.replace("iex> Size.of(20)", "iex> Size.of(21)");
    course.file("course/lessons/01-first/01-sizes.md", &changed);
    let told = ["the tests of 'sizes' are not those of HEAD: new are 'Size.of(21)'; gone are 'Size.of(20)'"];
    assert_eq!(course.since(true, ""), told);

    // The older lesson lacks the case that the private tree speaks of: both are compared without it.
    let named = fine.replace(
        "<!-- /exercise",
        "```elixir wrong fails=\"Size.of(21)\"\ndefmodule Size do\n  def of(_), do: :small\nend\n```\n\n\
         ```elixir wrong\ndefmodule Size do\n  def of(_), do: :big\nend\n```\n<!-- /exercise",
    );
    course.file("before/01-first/01-sizes.md", &named);
    assert_eq!(course.since(true, "01-first"), told);
}
