//! Every mistake, where it is found, and that it is the only thing that is said.

use super::loading::{LISTS, course, load};

/// A lesson with one exercise, whose parts can be replaced.
const EXERCISE: &str = "\
---
title: One
---
Text.

<!-- exercise: one-two points=2 -->
### One

```elixir starter
x
```

```elixir test
iex> One.one()
1
```

```elixir solution
y
```
<!-- /exercise -->
";

/// Replaces a part of the exercise above and returns what is said about it, with line and column.
fn said(from: &str, to: &str) -> Vec<(&'static str, u32, u32)> {
    assert!(EXERCISE.contains(from), "{from}");
    said_of(&EXERCISE.replacen(from, to, 1))
}

fn said_of(lesson: &str) -> Vec<(&'static str, u32, u32)> {
    let loaded = load(&[("01-a/01-one.md", lesson)]);
    for problem in &loaded.problems {
        let rendered = loaded.render(problem);
        assert!(problem.help.is_some(), "no help: {rendered}");
        assert!(rendered.contains(problem.code), "{rendered}");
    }
    assert_eq!(loaded.course.lessons().count(), usize::from(loaded.problems.is_empty()), "{:?}", loaded.problems);
    loaded.problems.iter().map(|problem| (problem.code, problem.line, problem.column)).collect()
}

#[test]
fn the_exercise_that_the_mistakes_are_made_in_is_right() {
    assert_eq!(said_of(EXERCISE), []);
}

#[test]
fn every_mistake_is_found_in_its_place() {
    let test = "```elixir test\niex> One.one()\n1\n```\n";
    let solution = "```elixir solution\ny\n```\n";
    let mut others = Vec::new();
    for (from, to, expected) in [
        // Front matter.
        ("---\ntitle: One\n---\n", "", ("missing-front-matter", 1, 1)),
        ("---\nText", "Text", ("unclosed-front-matter", 1, 1)),
        ("title: One", "summary: One", ("missing-title", 1, 1)),
        ("title: One", "title: One\nsumary: x", ("unknown-key", 3, 1)),
        ("title: One", "title: One\nneeds: x", ("wrong-type", 3, 8)),
        ("title: One", "title: One: two", ("bad-yaml", 2, 11)),
        ("title: One", "title: One\ntitle: Two", ("duplicate-key", 3, 1)),
        ("title: One", "title: One\nneeds: [ona]", ("unknown-lesson", 3, 9)),
        // Exercise comments.
        ("exercise: one-two points=2", "exercise:", ("bad-exercise-id", 6, 1)),
        ("one-two", "One_Two", ("bad-exercise-id", 6, 16)),
        ("one-two points=2", "points=2 one-two", ("bad-exercise-id", 6, 16)),
        ("points=2", "pionts=2", ("unknown-attribute", 6, 24)),
        ("points=2", "points=0", ("bad-points", 6, 31)),
        ("points=2", "points=2.5", ("bad-points", 6, 31)),
        ("points=2", "points", ("bad-attribute", 6, 24)),
        ("points=2", "points=", ("bad-attribute", 6, 24)),
        ("points=2", "points=2 points=3", ("duplicate-attribute", 6, 33)),
        ("points=2", "points=\"2", ("unclosed-quote", 6, 31)),
        ("points=2", "flavour", ("bad-attribute", 6, 24)),
        ("points=2", "flavour=llvm", ("bad-attribute", 6, 32)),
        ("points=2", "starter-passes=yes", ("bad-attribute", 6, 24)),
        ("<!-- exercise: one-two", "<!-- exercise one-two", ("bad-exercise-comment", 6, 1)),
        ("<!-- /exercise -->\n", "", ("unclosed-exercise", 6, 1)),
        ("<!-- /exercise -->\n", "<!-- /exercice -->\n", ("bad-exercise-comment", 21, 1)),
        ("<!-- /exercise -->\n", "<!-- /exercise -->\n<!-- /exercise -->\n", ("stray-exercise-end", 22, 1)),
        ("### One\n", "### One\n\n<!-- a comment without end\n", ("unclosed-comment", 9, 1)),
        ("Text.\n", "Text <!-- /exercise -->.\n", ("misplaced-exercise-comment", 4, 6)),
        ("### One\n", "Text\n", ("exercise-without-heading", 6, 1)),
        ("### One\n", "# One\n", ("level-one-heading", 7, 1)),
        // Blocks and roles.
        (test, "", ("exercise-without-tests", 6, 1)),
        (solution, "", ("exercise-without-solution", 6, 1)),
        (solution, "```elixir solution\ny\n```\n\n```elixir solution\nz\n```\n", ("duplicate-block", 22, 1)),
        ("y\n", "\n", ("empty-block", 18, 1)),
        ("elixir starter", "elixir starer", ("unknown-role", 9, 11)),
        ("elixir starter", "elixir hidden test", ("unknown-role", 9, 11)),
        ("elixir starter", "elixir name=x", ("unknown-role", 9, 11)),
        ("elixir starter", "elixir starter hidden", ("unknown-attribute", 9, 19)),
        ("elixir starter", "text io", ("unsupported-language", 9, 4)),
        ("elixir test", "elixir io prints", ("unknown-attribute", 13, 14)),
        ("elixir test\niex> One.one()\n1", "elixir io\nHello", ("text-before-prompt", 14, 1)),
        ("elixir test\niex> One.one()\n1", "elixir io", ("empty-test", 13, 1)),
        ("elixir test\niex> One.one()\n1", "elixir io\niex> One.one()", ("test-expects-nothing", 13, 1)),
        ("elixir starter", "erlang starter", ("mixed-languages", 18, 4)),
        ("elixir starter", "erlang run", ("unsupported-language", 9, 4)),
        ("elixir starter", "elixir exunit", ("mixed-tests", 9, 1)),
        ("elixir test", "elixir exunit hidden", ("unknown-attribute", 13, 18)),
        ("elixir test", "elixir exunit file=x.exs", ("bad-file-name", 13, 23)),
        ("elixir test", "erlang exunit", ("unsupported-language", 13, 4)),
        ("elixir starter", "elixir starter file=solution.erl", ("bad-file-name", 9, 24)),
        ("elixir starter", "elixr starter", ("unsupported-language", 9, 4)),
        ("elixir starter", "starter", ("missing-language", 9, 4)),
        ("elixir starter", "elixir run", ("run-in-exercise", 9, 4)),
        ("elixir starter", "elixir support file=../x.ex", ("bad-file-name", 9, 24)),
        ("Text.\n", "```elixir test\niex> 1\n1\n```\n", ("role-outside-exercise", 4, 4)),
        ("Text.\n", "- Text\n\n  ```elixir run\n  x\n  ```\n", ("misplaced-role", 6, 3)),
        ("Text.\n", "> ~~~elixir run\n> x\n> ~~~\n", ("misplaced-role", 4, 3)),
        ("x\n```\n", "x\n", ("unclosed-fence", 9, 1)),
        ("y\n```\n", "y\n", ("unclosed-fence", 18, 1)),
        ("### One\n", "### One\n\n<p>\n```elixir starter\nx\n```\n", ("fence-in-html", 10, 1)),
        // Test blocks.
        ("elixir test", "elixir test hiden", ("unknown-attribute", 13, 16)),
        ("elixir test", "elixir test hidden=yes", ("bad-attribute", 13, 16)),
        ("elixir test", "elixir test name", ("bad-attribute", 13, 16)),
        ("elixir test", "elixir test name=\"\"", ("bad-attribute", 13, 16)),
        ("elixir test", "elixir test timeout=1h", ("bad-timeout", 13, 24)),
        ("elixir test", "elixir test timeout=11s", ("bad-timeout", 13, 24)),
        ("elixir test", "elixir test points=-1", ("bad-points", 13, 23)),
        ("elixir test", "elixir test points=1", ("points-mismatch", 6, 31)),
        ("iex> One.one()\n1\n", "", ("empty-test", 13, 1)),
        ("iex> One.one()\n1\n", "iex> One.one()\n", ("test-expects-nothing", 13, 1)),
        ("iex> One.one()\n", "iex> x = 1\n\niex> One.one()\n", ("case-expects-nothing", 14, 1)),
        ("iex> One.one()\n", "One.one()\n", ("text-before-prompt", 14, 1)),
        ("iex> One.one()\n", "...> One.one()\n", ("stray-continuation", 14, 1)),
        ("iex> One.one()\n", "iex>\n", ("empty-expression", 14, 1)),
        ("()\n1\n", "()\n[#PID<0.1.0>]\n", ("unwritable-value", 15, 2)),
        ("()\n1\n", "()\n# one\n", ("comment-as-value", 15, 1)),
        ("()\n1\n", "()\n** (exit) x\n", ("bad-exception", 15, 1)),
        // Wrong answers and hints.
        (
            solution,
            "```elixir solution\ny\n```\n\n```elixir wrong fails=\"One.one(), One.on()\"\nz\n```\n",
            ("unknown-case", 22, 35),
        ),
        ("### One\n", "### One\n\n<details>Text</details>\n", ("hint-without-summary", 9, 1)),
        ("### One\n", "### One\n\n<details><summary>A</summary>\n", ("unclosed-hint", 9, 1)),
        (
            "### One\n",
            "### One\n\n<details><summary>A</summary>\n\n```elixir run\nx\n```\n\n</details>\n",
            ("misplaced-role", 11, 1),
        ),
        // Links.
        ("Text.\n", "Text [a](02-two.md).\n", ("missing-link-target", 4, 6)),
        ("Text.\n", "Text [a](#two).\n", ("missing-anchor", 4, 6)),
        ("Text.\n", "Text [a](../glossary.md#a).\n", ("missing-link-target", 4, 6)),
        // Pictures.
        ("Text.\n", "Text ![a](a.png).\n", ("missing-picture", 4, 6)),
        ("Text.\n", "Text ![a](../../a.png).\n", ("remote-picture", 4, 6)),
        ("Text.\n", "Text ![a](https://example.org/a.png).\n", ("remote-picture", 4, 6)),
        ("Text.\n", "Text ![a](01-one.md).\n", ("picture-kind", 4, 6)),
    ] {
        let said = said(from, to);
        if said != [expected] {
            others.push(format!("{from:?} became {to:?}: {said:?} and not {expected:?}"));
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
}

#[test]
fn a_second_exercise_that_begins_in_the_first_is_reported() {
    let nested = EXERCISE.replace("Text.\n", "<!-- exercise: other -->\n");
    let codes = said_of(&nested);
    assert!(codes.contains(&("nested-exercise", 6, 1)), "{codes:?}");
}

#[test]
fn mistakes_that_only_the_course_can_tell_are_found() {
    let said = |files: &[(&str, &str)]| {
        let loaded = load(files);
        let codes = loaded.problems.iter().map(|p| (p.code, p.file.clone(), p.line, p.column)).collect::<Vec<_>>();
        (codes, loaded)
    };
    let (codes, loaded) = said(&[("01-a/01-one.md", EXERCISE), ("02-b/01-two.md", EXERCISE)]);
    assert_eq!(codes, [("duplicate-exercise-id", "02-b/01-two.md".to_owned(), 6, 16)]);
    assert!(loaded.problems[0].message.contains("01-a/01-one.md:6:16"), "{}", loaded.problems[0].message);
    assert_eq!(loaded.course.lessons().count(), 1);

    let (codes, loaded) = said(&[("01-a/01-lists.md", LISTS), ("02-b/02-lists.md", LISTS)]);
    assert_eq!(codes, [("duplicate-slug", "02-b/02-lists.md".to_owned(), 1, 1)]);
    assert!(loaded.problems[0].message.contains("01-a/01-lists.md"));

    let needs = |name| format!("---\ntitle: x\nneeds: [{name}]\n---\n");
    let (codes, loaded) = said(&[
        ("01-a/01-one.md", &needs("two")),
        ("01-a/02-two.md", &needs("three")),
        ("01-a/03-three.md", &needs("two")),
    ]);
    assert_eq!(codes, [("needs-cycle", "01-a/03-three.md".to_owned(), 3, 9)]);
    assert!(loaded.problems[0].message.contains("`two` needs `three` needs `two`"), "{}", loaded.problems[0].message);

    let (codes, _) = said(&[("01-a/01-self.md", &needs("self"))]);
    assert_eq!(codes, [("needs-cycle", "01-a/01-self.md".to_owned(), 3, 9)]);

    let other = course()[1].1.replace("#taking-apart", "#taking-a-part");
    let (codes, loaded) = said(&[course()[0], ("01-basics/02-pattern-matching.md", &other)]);
    assert_eq!(codes, [("missing-anchor", "01-basics/02-pattern-matching.md".to_owned(), 6, 36)]);
    assert_eq!(loaded.problems[0].help.as_deref(), Some("did you mean `#taking-apart`?"));

    // What a lesson holds is known for all its warnings, and not where it has errors.
    let lists = course()[0];
    let warned = lists.1.replace("## Taking apart", "# Lists\n\n## Taking apart");
    let (codes, _) = said(&[(lists.0, &warned), ("01-basics/02-pattern-matching.md", &other)]);
    let codes: Vec<_> = codes.iter().map(|(code, ..)| *code).collect();
    assert_eq!(codes, ["level-one-heading", "missing-anchor"]);
    let broken = format!("{}\n```elixir\n", lists.1);
    let (codes, _) = said(&[(lists.0, &broken), ("01-basics/02-pattern-matching.md", &other)]);
    assert_eq!(codes.iter().map(|(code, ..)| *code).collect::<Vec<_>>(), ["unclosed-fence"]);
}

#[test]
fn pictures_and_links_written_as_html_are_warnings_with_a_way_out() {
    let said = |text: &str| {
        let lesson = format!("---\ntitle: x\n---\n\n## Here\n\n{text}\n");
        let loaded = load(&[("01-a/01-one.md", &lesson), ("01-a/02-two.md", LISTS)]);
        let problems = loaded.problems.into_iter();
        problems.map(|p| (p.code, p.line, p.column, p.is_error(), p.help.unwrap_or_default())).collect::<Vec<_>>()
    };
    let picture = "write it as Markdown: `![what it shows](a.png)`".to_owned();
    let link = "write it as Markdown: `[its text](02-two.md#taking-apart)`".to_owned();
    let tags = "<img src=\"a.png\">";
    assert_eq!(said(&format!("é {tags}")), [("raw-picture", 7, 3, false, picture.clone())]);
    assert_eq!(said(&format!("- <div>\n  {tags}\n  </div>")), [("raw-picture", 8, 3, false, picture.clone())]);
    assert_eq!(said(&format!("<figure>\n{tags}\n</figure>")), [("raw-picture", 8, 1, false, picture)]);
    let href = "<a\n href='02-two.md#taking-apart'>two</a>";
    assert_eq!(said(href), [("raw-link", 7, 1, false, link.clone())]);
    assert_eq!(said(&format!("<p>{href}</p>")), [("raw-link", 7, 4, false, link)]);
    for file in ["two.pdf", "02-tow.md"] {
        assert_eq!(said(&format!("<a href={file}>x</a>"))[0].0, "raw-link");
    }
    let remote = said("<img src=https://example.org/a.png>");
    assert!(remote[0].4.contains("beside the lesson"), "{remote:?}");
    assert_eq!(said("<a href=\"#heer\">x</a>"), [("missing-anchor", 7, 1, true, "did you mean `#here`?".to_owned())]);
    let fine = "<a href=\"#here\">a</a> <a href=https://example.org/a.png>b</a> <a href=mailto:a@example.org>c</a> <a id=x>d</a> `<img src=x>`";
    assert_eq!(
        said(&format!("{fine}\n\n```html\n<img src=x>\n```\n\n<!-- <img src=x> -->\n\n[l](02-two.md#taking-apart)")),
        []
    );
    // In an exercise's text and in its hints as well.
    let exercise = EXERCISE.replace(
        "### One\n",
        "### One\n\n<a href=../x.md>x</a>\n\n<details><summary>Hint</summary>\n<img>\n</details>\n",
    );
    let loaded = load(&[("01-a/01-one.md", &exercise)]);
    let found: Vec<_> = loaded.problems.iter().map(|p| (p.code, p.line)).collect();
    assert_eq!(found, [("raw-link", 9), ("raw-picture", 12)]);
    assert_eq!(loaded.course.exercises().count(), 1, "the lesson is shown");
}

#[test]
fn problems_are_shown_as_a_compiler_would() {
    let shown = |from: &str, to: &str| {
        let loaded = load(&[("01-a/01-one.md", &EXERCISE.replacen(from, to, 1))]);
        let source = athanor::content::Source::new("01-a/01-one.md", &EXERCISE.replacen(from, to, 1));
        athanor::content::render(&loaded.problems[0], Some(&source))
    };
    insta::assert_snapshot!(shown("elixir test", "elixir test hiden"), @r"
    error[unknown-attribute]: `hiden` is not an attribute of a `test` block
      --> 01-a/01-one.md:13:16
       |
    13 | ```elixir test hiden
       |                ^^^^^
       |
       = help: did you mean `hidden`? Known are `hidden`, `prints`, `name`, `timeout`, `points`
    ");
    insta::assert_snapshot!(shown("()\n1\n", "()\n{\"é\", #PID<0.1.0>}\n"), @r#"
    error[unwritable-value]: an expected value cannot contain `#PID<…>`: it is not an Elixir expression
      --> 01-a/01-one.md:15:7
       |
    15 | {"é", #PID<0.1.0>}
       |       ^^^^^
       |
       = help: test what matters about it instead, for instance `iex> is_pid(value)`, then `true`
    "#);
    insta::assert_snapshot!(shown("one-two", "OneTwo"), @r"
    error[bad-exercise-id]: 'OneTwo' is not in kebab-case: small letters and digits, words joined by single hyphens, at most 80 characters
     --> 01-a/01-one.md:6:16
      |
    6 | <!-- exercise: OneTwo points=2 -->
      |                ^^^^^^
      |
      = help: call it `one-two`; the id is permanent, because progress hangs on it
    ");
}
