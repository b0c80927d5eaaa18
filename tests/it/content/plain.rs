//! Plain Markdown of other sites, without exercises: it loads and is shown as it is.

use athanor::domain::lesson::Part;

use super::loading::load;

const TUTORIAL: &str = "\
---
layout: getting-started
title: Basic types
author: [Ada, \"Ben\"]
version: 1.8.0
description: What values there are.
published: 2026-01-02
redirect_from: /types
---

# Basic types

Some *values* in [`iex`](https://hexdocs.pm/iex/IEx.html), as [before](/en/lessons/basics):

```elixir
iex> 1 + 2
3
```

```iex
iex> :ok
```

```
no language
```

{% include toc.html %}

    indented

| a | b |
|---|---|
| 1 | 2 |

## Integers

<!-- a comment -->

Setext
------

The end.
";

fn html(parts: &[Part]) -> String {
    parts.iter().map(|part| if let Part::Html(html) = part { html.as_str() } else { panic!("{part:?}") }).collect()
}

#[test]
fn a_tutorial_loads_as_it_is_and_all_of_it_is_shown() {
    let loaded = load(&[("01-a/01-types.md", TUTORIAL)]);
    assert!(!loaded.has_errors(), "{:?}", loaded.problems);
    let said = loaded.problems.iter().map(|problem| (problem.code, problem.line)).collect::<Vec<_>>();
    let keys = [2, 4, 5, 7, 8].map(|line| ("unknown-key", line));
    assert_eq!(said, [&keys[..], &[("level-one-heading", 11)]].concat());
    assert!(loaded.render(&loaded.problems[0]).starts_with("warning[unknown-key]: `layout`"));
    let lesson = loaded.course.lesson("types").expect("the lesson");
    assert_eq!((lesson.title.as_str(), lesson.summary.as_str()), ("Basic types", "What values there are."));
    let html = html(&lesson.parts);
    for shown in [
        "<h2 id=\"basic-types\">Basic types</h2>",
        "href=\"https://hexdocs.pm/iex/IEx.html\"",
        "href=\"/en/lessons/basics\"",
        ":ok",
        "no language",
        "{% include toc.html %}",
        "indented",
        "<table>",
        "<h2 id=\"integers\">",
        "<h2 id=\"setext\">",
        "The end.",
    ] {
        assert!(html.contains(shown), "{shown} is not in {html}");
    }
}

#[test]
fn front_matter_that_is_a_map_in_elixir_is_read() {
    let map = "%{\n  version: \"1.8.0\",\n  title: \"Enum\",\n  excerpt: \"\"\"\n  What to do with a collection.\n  \"\"\"\n}\n---\n";
    let body = TUTORIAL.split_once("---\n\n").expect("front matter").1;
    for text in [format!("{map}\n{body}"), format!("\u{feff}{map}\n{body}").replace('\n', "\r\n")] {
        let loaded = load(&[("01-a/01-enum.md", &text)]);
        assert!(!loaded.has_errors(), "{:?}", loaded.problems);
        let lesson = loaded.course.lesson("enum").expect("the lesson");
        assert_eq!((lesson.title.as_str(), lesson.summary.as_str()), ("Enum", "What to do with a collection."));
        assert!(html(&lesson.parts).contains("The end."));
    }
}

#[test]
fn a_slip_in_one_of_our_keys_is_still_an_error() {
    let loaded = load(&[("01-a/01-one.md", "---\ntitle: One\nneed: [two]\n---\nText.\n")]);
    assert!(loaded.has_errors());
    assert_eq!((loaded.problems[0].code, loaded.problems[0].line), ("unknown-key", 3));
}

#[test]
fn a_heading_of_level_one_in_an_exercise_is_still_an_error() {
    let lesson = "---\ntitle: One\n---\n# Text\n\n<!-- exercise: one -->\nNo heading.\n\n```elixir test\niex> 1\n1\n```\n\n```elixir solution\n1\n```\n<!-- /exercise -->\n";
    let said = |text: &str| {
        let codes =
            load(&[("01-a/01-one.md", text)]).problems.into_iter().map(|problem| (problem.code, problem.is_error()));
        codes.collect::<Vec<_>>()
    };
    assert_eq!(said(lesson), [("level-one-heading", false), ("exercise-without-heading", true)]);
    let titled = lesson.replace("No heading.", "# A heading");
    assert_eq!(said(&titled), [("level-one-heading", false), ("level-one-heading", true)]);
}
