use super::super::files::{Entry, Files};
use super::super::links::LessonFiles;
use super::*;

fn rewritten(text: &str, top: usize) -> (String, Vec<String>) {
    let files = Files::from([(".docs/a.svg".to_owned(), Entry::File(b"<svg xmlns='x'/>".to_vec()))]);
    let known = LessonFiles::from([("clock".to_owned(), "02-practice/01-clock.md".to_owned())]);
    let place = Place {
        slug: "x",
        folder: "exercises/practice/x",
        file: ".docs/instructions.md",
        lesson: "02-practice/02-x.md",
        files: &files,
        site: None,
        known: &known,
    };
    let mut findings = Findings::new("x");
    let source = Source::new("instructions.md", text);
    let text = rewrite(&source, &place, top, true, &mut findings).text;
    let said = findings.list.iter().map(|found| format!("{}: {}", found.line.unwrap_or(0), found.message)).collect();
    (text, said)
}

fn quietly(text: &str) -> String {
    let (text, said) = rewritten(text, 3);
    assert_eq!(said, [""; 0]);
    text
}

#[test]
fn headings_go_below_that_of_the_exercise_and_the_name_of_the_file_goes() {
    assert_eq!(quietly("# Instructions\n\nA\n\n## 1. One\n\n### Two ##\n"), "A\n\n### 1. One\n\n#### Two ##");
    assert_eq!(quietly("# Title\n\n###### Deep\n"), "### Title\n\n###### Deep");
    assert_eq!(quietly("Title *a*\nb\n===\n\nText\n---\n\nEnd"), "### Title *a* b\n\n#### Text\n\nEnd");
    assert_eq!(quietly("## Map %{a: 1}\n\n## `%{}`\n"), "### Map %{a: 1\\}\n\n### `%{}`");
    assert_eq!(quietly("> # Quoted\n"), "> ### Quoted");
}

#[test]
fn links_are_written_out_and_definitions_taken_out() {
    let text =
        "See [the *x*][X], [y][] and [z].\n\n[x]: https://a.example/(1) \"T\"\n[y]: https://b.example\n[z]: #h\n\n## H";
    let expected = "See [the *x*](<https://a.example/(1)> \"T\"), [y](https://b.example) and [z](#h).";
    assert!(quietly(text).starts_with(expected), "{}", quietly(text));
    assert_eq!(quietly("[`a`](https://a.example) <https://b.example>"), "[`a`](https://a.example) <https://b.example>");
    let (text, said) = rewritten("[**no**](hints.md), [](x.md)\n\n[a][b c]", 3);
    assert_eq!(text, "**no**, \n\n[a][b c]");
    assert_eq!(said.len(), 3, "{said:?}");
}

#[test]
fn pictures_come_along_or_become_links() {
    assert_eq!(quietly("![an a](a.svg \"t\")"), "![an a](x.docs-a.svg \"t\")");
    let (text, said) = rewritten("![](a.svg)\n![b](https://b.example/b.png)\n[![c](c.png)](https://c.example)", 3);
    assert_eq!(text, "![a](x.docs-a.svg)\n[b](https://b.example/b.png)\n[c](https://c.example)");
    assert_eq!(said.len(), 3, "{said:?}");
}

#[test]
fn code_blocks_have_no_role_and_an_end() {
    assert_eq!(quietly("```elixir\n1\n```"), "```elixir\n1\n```");
    let (text, said) = rewritten("```elixir run\n1\n```\n\n- ```test\n  2\n  ```\n", 3);
    assert_eq!(text, "```elixir\n1\n```\n\n- ```text\n  2\n  ```");
    assert_eq!(said.len(), 2);
    assert_eq!(quietly("```md\n```elixir\n1\n```\nafter"), "````md\n```elixir\n1\n````\nafter");
    let indented = "    ```elixir test\n    1\n    ```\n\nafter";
    assert_eq!(quietly(&format!("# Instructions\n\n{indented}\n")), indented);
    let (text, _) = rewritten("```\nopen", 3);
    assert_eq!(text, "````\nopen\n````");
}

#[test]
fn html_that_would_break_the_lesson_is_tamed() {
    let (text, said) = rewritten("a <!-- /exercise --> b\n\n<!-- exercise: y -->\n\n<details>\nx\n</details>\n", 3);
    assert_eq!(text, "a  b\n\n\n\n&lt;details>\nx\n&lt;/details>");
    assert_eq!(said.len(), 3, "{said:?}");
    let folded = "<details><summary>S</summary>\n\nx\n\n</details>";
    assert_eq!(quietly(folded), folded);
    assert_eq!(rewritten("<img src=\"a.png\">", 3).1.len(), 1);
}

#[test]
fn footnotes_and_leftovers_of_a_generator() {
    assert_eq!(quietly("a[^1]\n\n[^1]: b"), "a[^instructions-md-1]\n\n[^instructions-md-1]: b");
    let (text, said) = rewritten("%{concept:lists}\n\n`%{concept:x}` and %{a: 1}", 3);
    assert_eq!(text, "`%{concept:x}` and %{a: 1}");
    assert_eq!(said.len(), 1);
}

/// Fragments that mean something somewhere.
const FRAGMENTS: [&str; 28] = [
    "# ",
    "\n===\n",
    "\n---\n",
    "{#a}\n",
    "[a][b]",
    "\n\n[b]: <c d> \"e\"\n\n",
    "![",
    "](x \"é\")",
    "[y][]",
    "[",
    "]",
    "](#é)",
    "```elixir run\n",
    "\n~~~~exercism/note\n",
    "\n```\n",
    "<!-- exercise: a -->",
    "\n\n<details>\n",
    "<summary>é</summary>",
    "</details>\n\n",
    "<!--",
    "-->",
    "> ",
    "- ",
    "[^1]",
    "\n[^1]: é",
    "%{concept:é}",
    "\n\n",
    "é ",
];

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(
        picked in proptest::collection::vec(0..FRAGMENTS.len(), 0..24),
    ) {
        let text: String = picked.iter().map(|index| FRAGMENTS[*index]).collect();
        let (text, _) = rewritten(&text, 3);
        let lesson = format!(
            "---\ntitle: x\n---\n<!-- exercise: x -->\n## X\n\n{text}\n\n```elixir test\niex> 1\n1\n```\n\n\
             ```elixir solution\n1\n```\n\n<!-- /exercise -->\n"
        );
        // A lesson that is broken all the same is left out by the command, with its error; that must be no panic either.
        let _ = crate::content::problems_of("x.md", &lesson);
    }
}
