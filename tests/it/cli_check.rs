//! `athanor check` beyond right and wrong: what is weak, what is not the same twice, what cases leave open, and other formats.

use serde_json::{Value, json};

use crate::cli::{Course, athanor, athanor_remembering, code, lines};
use crate::helpers::lessons::guide_examples;

/// The number of the first line of a lesson that is meant.
fn line_of(lesson: &str, meant: impl Fn(&str) -> bool) -> Option<u64> {
    lesson.lines().position(meant).map(|line| line as u64 + 1)
}

/// Its cases leave open what happens at the limit.
const LOOSE: &str = "---
title: Sizes
---
<!-- exercise: sizes -->
### Sizes

```elixir starter
defmodule Size do
  def of(_), do: nil
end
```

```elixir test
iex> Size.of(20)
:big

iex> Size.of(1)
:small
```

```elixir solution
defmodule Size do
  def of(n) when n >= 10, do: :big
  def of(_), do: :small
end
```
<!-- /exercise -->
";

#[test]
fn docker_check_lists_changes_to_a_reference_that_no_case_notices() {
    let course = Course::new();
    let file = course.file("02-second/01-sizes.md", LOOSE);
    let output = athanor(&["check", "--mutate", "--format", "json", &file]);
    let report = &lines(&output)[0];
    assert_eq!(code(&output), 0, "suggestions are no problems: {report}");
    let mutants = &report["exercises"][0]["mutants"];
    let survived: Vec<_> = mutants["survived"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["line"].as_u64().unwrap_or(0), one["column"].as_u64().unwrap_or(0), one["change"].as_str()))
        .collect();
    let line = line_of(LOOSE, |line| line.contains(">= 10")).expect("the line");
    assert_eq!(
        survived,
        [
            (line, 20, Some("`>=` became `>`")),
            (line, 23, Some("`10` became `11`")),
            (line, 23, Some("`10` became `9`")),
        ],
        "{report}"
    );
    // Either clause left out, and the guard.
    assert_eq!((mutants["caught"].as_u64(), mutants["invalid"].as_u64()), (Some(3), Some(0)), "{report}");
    let said = athanor(&["check", "--mutate", &file]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("3 of 6 changes to the reference are noticed"), "{said}");
    assert!(said.contains(&format!("01-sizes.md:{line}:20: `>=` became `>`: no case notices")), "{said}");
}

/// Right, and weaker than it looks.
const WEAK: &str = "---
title: Even numbers
---
<!-- exercise: even -->
### Even

```elixir starter
defmodule Even do
  def even?(_), do: nil
end
```

```elixir support file=\"helper.ex\"
defmodule Helper do
  def nothing, do: nil
end
```

```elixir test
iex> Even.even?(2)
true

iex> Even.even?(3)
false
```

```elixir test hidden name=\"a large one\"
iex> Even.even?(1_000_000)
true
```

```elixir solution
defmodule Even do
  def even?(n), do: rem(n, 2) == 0
end
```

```elixir wrong says=\"the other way round\"
defmodule Even do
  def even?(2), do: false
  def even?(n), do: rem(n, 2) == 0
end
```
<!-- /exercise -->
";

#[test]
fn docker_check_warns_of_tests_that_say_less_than_they_seem_to() {
    let course = Course::new();
    let file = course.file("02-second/01-even.md", WEAK);
    let output = athanor(&["check", "--format", "json", &file]);
    let report = &lines(&output)[0];
    assert_eq!(code(&output), 0, "warnings are for the author to judge: {report}");
    let line_of = |text: &str| line_of(WEAK, |line| line.contains(text));
    let problems: Vec<_> = report["problems"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|problem| (problem["severity"].as_str(), problem["code"].as_str(), problem["line"].as_u64()))
        .collect();
    let warning = |code, line| (Some("warning"), Some(code), line);
    assert_eq!(
        problems,
        [
            warning("unneeded-case", line_of("1_000_000")),
            warning("guessable", line_of("exercise: even")),
            warning("unused-support", line_of("exercise: even")),
        ],
        "{report}"
    );
    assert_eq!(report["exercises"][0]["ok"], json!(true));

    let github = athanor(&["check", "--format", "github", &file]);
    let said = String::from_utf8_lossy(&github.stdout).into_owned();
    let place = line_of("1_000_000").expect("the case");
    let first = said.lines().next().unwrap_or_default();
    assert!(first.starts_with("::warning file=") && first.contains(&format!(",line={place},col=1,")), "{said}");
    assert!(
        first.contains("title=unneeded-case::no wrong answer fails the hidden case 'a large one'%0Ahelp: "),
        "{said}"
    );

    let sarif = athanor(&["check", "--format", "sarif", &file]);
    let log: Value = serde_json::from_slice(&sarif.stdout).expect("an object");
    let result = &log["runs"][0]["results"][0];
    assert_eq!((log["version"].as_str(), result["ruleId"].as_str()), (Some("2.1.0"), Some("unneeded-case")), "{log}");
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64(), Some(place), "{log}");
}

/// Its value is the same for as long as its VM lives.
const UNSTABLE: &str = "---
title: Numbers by chance
---
<!-- exercise: chance -->
### By chance

```elixir starter
defmodule Chance do
  def number, do: nil
end
```

```elixir test name=\"a number\"
iex> Chance.number()
Chance.number()
```

```elixir solution
defmodule Chance do
  def number do
    unless :persistent_term.get(:number, nil), do: :persistent_term.put(:number, :rand.uniform(1_000_000_000))
    :persistent_term.get(:number)
  end
end
```
<!-- /exercise -->
";

#[test]
fn docker_check_finds_a_value_that_is_not_the_same_in_another_container() {
    let course = Course::new();
    let file = course.file("02-second/01-chance.md", UNSTABLE);
    let output = athanor(&["check", "--format", "json", &file]);
    let report = &lines(&output)[0];
    let problem = &report["problems"][0];
    assert_eq!((code(&output), problem["code"].as_str()), (1, Some("unstable-value")), "{report}");
    let line = line_of(UNSTABLE, |line| line == "Chance.number()");
    assert_eq!(problem["line"].as_u64(), line, "{report}");
}

#[test]
fn a_problem_is_explained_by_its_code() {
    let said = athanor(&["explain", "unneeded-case"]);
    assert!(
        code(&said) == 0
            && String::from_utf8_lossy(&said.stdout).starts_with("A hidden case is failed by no wrong answer.")
    );
    let misspelt = athanor(&["explain", "uneeded-case"]);
    assert_eq!(code(&misspelt), 2);
    assert!(String::from_utf8_lossy(&misspelt.stderr).contains("did you mean unneeded-case?"));
    let all = athanor(&["explain"]);
    assert!(String::from_utf8_lossy(&all.stdout).lines().any(|line| line == "starter-passes"));
}

#[test]
fn docker_what_has_not_changed_is_not_run_again() {
    let course = Course::new();
    let cache = tempfile::tempdir().expect("a folder");
    let file = course.file("02-second/01-sizes.md", LOOSE);
    let check = |more: &[&str]| {
        let arguments = [&["check", "--mutate", "--format", "json"], more, &[file.as_str()]].concat();
        athanor_remembering(cache.path(), &arguments)
    };
    let first = check(&[]);
    // What it remembers is changed by hand, which shows whether it is asked.
    let starters = std::fs::read_dir(cache.path().join("check")).expect("a folder").flatten();
    let files: Vec<_> =
        starters.flat_map(|entry| std::fs::read_dir(entry.path()).into_iter().flatten().flatten()).collect();
    assert!(files.len() >= 9, "two evaluations, a starter and six mutants are remembered: {files:?}");
    let mut changed = 0;
    for file in &files {
        let text = std::fs::read_to_string(file.path()).expect("a text");
        if text.starts_with("{\"kind\":\"passed\"") {
            std::fs::write(file.path(), text.replacen("passed", "crashed", 1)).expect("written");
            changed += 1;
        }
    }
    assert_eq!(changed, 3, "the mutants that no case noticed");
    let survivors = |output: &std::process::Output| {
        lines(output)[0]["exercises"][0]["mutants"]["survived"].as_array().expect("a list").len()
    };
    assert_eq!(survivors(&first), 3);
    assert_eq!(survivors(&check(&[])), 0, "what is remembered is believed");
    assert_eq!(survivors(&check(&["--no-cache"])), 3, "unless nobody wants it");
    // Text around the exercise changes nothing; another limit in the reference does.
    course.file("02-second/01-sizes.md", LOOSE.replace("### Sizes", "### Sizes\n\nSay how big it is."));
    assert_eq!(survivors(&check(&[])), 0, "moved is not changed");
    course.file("02-second/01-sizes.md", LOOSE.replace("n >= 10", "n >= 9"));
    assert_eq!(survivors(&check(&[])), 3);
}

/// Right, and written carelessly.
const CARELESS: &str = "---
title: Pairs
---
<!-- exercise: -->
### Pairs

```elixir starter
defmodule   Pair do
  def of(_), do: nil
end
```

```elixir test
iex> Pair.of( 1 )
{ 1,1 }

iex> Pair.of(1_000)
{1_000, 1_000}
```

```elixir solution
defmodule Pair do
  def of( a ),
    do: {a,a}
end
```

```elixir wrong
defmodule Pair do
```
<!-- /exercise -->
";

#[test]
fn docker_check_fix_writes_ids_formatted_code_and_canonical_values() {
    let course = Course::new();
    let file = course.file("02-second/01-pairs.md", CARELESS);
    let output = athanor(&["check", "--fix", "--format", "json", &file]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(code(&output), 0, "{said} {:?}", lines(&output));
    assert!(said.contains("01-pairs.md: 1 id\n"), "{said}");
    assert!(said.contains("01-pairs.md: 2 code blocks, 1 expected value\n"), "{said}");
    let expected = CARELESS
        .replace("<!-- exercise: -->", "<!-- exercise: pairs -->")
        .replace("defmodule   Pair", "defmodule Pair")
        .replace("{ 1,1 }", "{1, 1}")
        .replace("def of( a ),\n    do: {a,a}", "def of(a),\n    do: {a, a}");
    let fixed = std::fs::read_to_string(&file).expect("a text");
    assert_eq!(fixed, expected, "expressions, numbers with underscores and what cannot be read stay");
    let again = athanor(&["check", "--fix", &file]);
    assert!(!String::from_utf8_lossy(&again.stderr).contains("fixed"), "nothing is left to fix");
    assert_eq!(std::fs::read_to_string(&file).expect("a text"), expected);
}

/// Runs git where nobody has set anything.
fn git(folder: &std::path::Path, arguments: &[&str]) {
    let mut git = std::process::Command::new("git");
    git.current_dir(folder).args(["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]);
    let output = git.args(arguments).output().expect("git");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn docker_check_names_what_changed_under_learners_feet_since_a_revision() {
    let course = Course::new();
    let file = course.file("02-second/01-sizes.md", LOOSE);
    let folder = std::path::Path::new(&file).parent().expect("a folder").to_owned();
    course.file("02-second/02-gone.md", LOOSE.replace("sizes -->", "old-name -->").replace("Sizes", "Older"));
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "One"]);
    let folder = folder.to_str().expect("a path in UTF-8");
    let since = |revision: &str, path: &str| athanor(&["check", "--format", "json", "--since", revision, path]);
    let problems = |output: &std::process::Output| lines(output)[0]["problems"].as_array().expect("a list").clone();
    assert!(problems(&since("HEAD", folder)).is_empty(), "nothing has changed");

    // Another case, another exercise under another id, and text around them, which is no change.
    let more = LOOSE
        .replace("iex> Size.of(1)\n", "iex> Size.of(10)\n:big\n\niex> Size.of(1)\n")
        .replace("### Sizes", "### Sizes\n\nSay.");
    course.file("02-second/01-sizes.md", &more);
    course.file("02-second/02-gone.md", LOOSE.replace("sizes -->", "new-name -->").replace("Sizes", "Older"));
    let output = since("HEAD", folder);
    let found = problems(&output);
    let told: Vec<_> =
        found.iter().map(|p| (p["code"].as_str().unwrap_or(""), p["line"].as_u64().unwrap_or(0))).collect();
    assert_eq!(told, [("tests-changed", 4), ("exercise-removed", 4)], "{found:?}");
    assert_eq!(code(&output), 0, "warnings: the author may mean it");
    let message = found[0]["message"].as_str().expect("a text");
    assert_eq!(message, "the tests of 'sizes' are not those of HEAD: new are 'Size.of(10)'");
    assert!(found[1]["help"].as_str().expect("a text").contains("call it 'old-name' again"), "{found:?}");
    // A single lesson says nothing of the others.
    assert_eq!(problems(&since("HEAD", &file)).len(), 1);

    let output = since("no-such-revision", folder);
    assert_eq!(code(&output), 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("git does not know"), "{output:?}");
}

#[test]
fn what_only_a_later_lesson_teaches_is_named() {
    let course = Course::new();
    let lesson = |title: &str, teaches: &str, code: &str| {
        format!("---\ntitle: {title}\nteaches: {teaches}\n---\n```elixir run\n{code}\n```\n")
    };
    course.file("02-second/01-early.md", lesson("Early", "[\"|>\"]", "[1] |> Enum.map(&f/1)"));
    course.file("02-second/02-late.md", lesson("Late", "[Enum.map/2, \"|>\"]", "[1] |> Enum.map(&f/1)"));
    let folder = course.file("02-second/README.md", "Lessons");
    let folder = std::path::Path::new(&folder).parent().expect("a folder").to_str().expect("a path").to_owned();
    let output = athanor(&["check", "--format", "json", &folder]);
    let problems = lines(&output)[0]["problems"].clone();
    assert_eq!(problems.as_array().map(Vec::len), Some(1), "{problems}");
    assert_eq!(
        (problems[0]["code"].as_str(), problems[0]["line"].as_u64(), problems[0]["column"].as_u64()),
        (Some("untaught"), Some(6), Some(8))
    );
    assert_eq!(code(&output), 0);
}

#[test]
fn docker_a_notebook_becomes_a_lesson_that_checks_and_a_lesson_a_notebook() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a path in UTF-8").to_owned();
    std::fs::create_dir_all(folder.path().join("files")).expect("a folder");
    std::fs::create_dir_all(folder.path().join("03-notes")).expect("a folder");
    std::fs::write(path("files/p.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").expect("written");
    let notebook =
        "# My Notes\n\n## Lists\n\n![a chain](files/p.svg)\n\n```elixir\nlist = [1, 2]\n```\n\n```elixir\nlist\n```\n";
    std::fs::write(path("My notes.livemd"), notebook).expect("written");
    let output = athanor(&["import", "livebook", &path("My notes.livemd"), &path("03-notes")]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(code(&output), 0, "{said}");
    assert!(
        said.contains("My notes.livemd:12:1: this cell is shown, and not run: it uses `list` of an earlier cell"),
        "{said}"
    );
    let lesson = path("03-notes/01-my-notes.md");
    let checked = athanor(&["check", &lesson]);
    assert_eq!(code(&checked), 0, "{}", String::from_utf8_lossy(&checked.stdout));

    let again = athanor(&["import", "livebook", &path("My notes.livemd"), &lesson]);
    assert_eq!(code(&again), 2, "a lesson is never written over");
    let none = athanor(&["import", "livebook", &path("none.livemd"), &path("03-notes")]);
    assert_eq!(code(&none), 2);

    let output = athanor(&["export", "livebook", &lesson, &path("03-notes/back.livemd")]);
    assert_eq!(code(&output), 0, "{output:?}");
    let back = std::fs::read_to_string(path("03-notes/back.livemd")).expect("a text");
    assert!(back.starts_with("# My Notes\n") && back.contains("```elixir\nlist = [1, 2]\n```"), "{back}");
    assert!(back.contains("![a chain](files/my-notes.files-p.svg)"), "{back}");
    assert!(folder.path().join("03-notes/files/my-notes.files-p.svg").is_file());
    assert_eq!(code(&athanor(&["export", "livebook", &lesson, &path("03-notes/back.livemd")])), 2, "nor a notebook");
}

#[test]
fn docker_the_examples_of_the_authors_guide_pass_their_check() {
    const GREETER: &str = "```elixir solution
defmodule Greeter do
  def greet(name), do: IO.puts(\"Hello, #{name}!\")
  def main, do: IO.gets(\"What is your name?\\n\") |> String.trim() |> greet()
end
```";
    let mut examples = guide_examples();
    let mut next = || examples.next().expect("another example");
    let (run, glossary, linking, exercise) = (next(), next(), next(), next());
    let (prints, session, exunit, erlang, private) = (next(), next(), next(), next(), next());
    let greeter =
        format!("<!-- exercise: greeter -->\n### Greet\n\n{prints}\n{session}\n{GREETER}\n<!-- /exercise -->");
    let lesson = format!("---\ntitle: Examples\n---\n{run}\n{linking}\n{exercise}\n{greeter}\n\n{exunit}\n{erlang}");
    let place = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let file = place.path().join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(file, text).expect("a file");
    };
    write("lessons/01-first/01-examples.md", &lesson);
    write("lessons/glossary.md", glossary);
    write("hidden/01-first/01-examples.md", private);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_athanor"))
        .args(["check", "--format", "json"])
        .arg(place.path().join("lessons"))
        .env("ATHANOR_PRIVATE_LESSONS", place.path().join("hidden"))
        .env("ATHANOR_CACHE", place.path().join("cache"))
        .output()
        .expect("the program");
    let report = &lines(&output)[0];
    let errors: Vec<&Value> = report["problems"]
        .as_array()
        .expect("problems")
        .iter()
        .filter(|problem| problem["severity"] == "error")
        .collect();
    assert!(errors.is_empty() && code(&output) == 0, "{errors:#?}");
    let references: Vec<_> =
        report["exercises"].as_array().expect("exercises").iter().map(|one| &one["reference"]).collect();
    assert_eq!(references, vec![&json!("passed"); 4]);
}
