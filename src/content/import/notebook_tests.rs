use super::*;
use crate::content::import::{Entry, Weight};
use crate::content::load;

/// The lines and columns of what an import finds, and what it says.
type Remarks = Vec<((u32, u32), String)>;

fn import(text: &str) -> (String, Remarks) {
    let files = Files::from([
        ("a.livemd".to_owned(), Entry::File(text.as_bytes().to_vec())),
        ("files/p.svg".to_owned(), Entry::File(b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec())),
    ]);
    let (notebook, findings) = notebook(&files, "a.livemd", "a", "01-a.md");
    let place = |found: &Finding| (found.line.unwrap_or(0), found.column.unwrap_or(0));
    let said = findings.into_iter().map(|found| (place(&found), found.message)).collect();
    (notebook.expect("a lesson").text, said)
}

/// Checks that nothing is wrong with a lesson but pictures, which are not there.
fn sound(text: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("01-a.md");
    std::fs::write(&file, text).expect("written");
    let problems = load(&file, None).problems;
    let errors: Vec<_> = problems.iter().filter(|p| p.is_error() && p.code != "missing-picture").collect();
    assert!(errors.is_empty(), "{errors:?}\n{text}");
}

#[test]
fn cells_become_examples_and_text_stays() {
    let (text, said) = import(
        "<!-- livebook:{\"persist_outputs\":true} -->\n\n# Maps: a tour\n\n## Keys\n\nSome *text* with `x`.\n\n```elixir\n%{a: 1}\n```\n\n<!-- livebook:{\"output\":true} -->\n\n```\n%{a: 1}\n```\n\n<!-- livebook:{\"force_markdown\":true} -->\n\n```elixir\nshown(only)\n```\n",
    );
    assert_eq!(
        text,
        "---\ntitle: \"Maps: a tour\"\n---\n\n## Keys\n\nSome *text* with `x`.\n\n```elixir run\n%{a: 1}\n```\n\n\n\n```text\n%{a: 1}\n```\n\n\n\n```elixir\nshown(only)\n```\n"
    );
    assert!(said.is_empty(), "{said:?}");
    sound(&text);
}

#[test]
fn what_a_lesson_cannot_do_is_shown_and_said_with_its_place() {
    let (text, said) = import(
        "# T\n\n```elixir\nMix.install([:kino])\n```\n\n## S\n\n<!-- livebook:{\"branch_parent_index\":0} -->\n\n```elixir\nx = 1\n```\n\n```elixir\nx + 1\n```\n\n```erlang\nX = 1.\n```\n\n<!-- livebook:{\"attrs\":\"e30\",\"kind\":\"Elixir.K\",\"livebook_object\":\"smart_cell\"} -->\n\n```elixir\n:form\n```\n\n```mermaid\ngraph TD;\n```\n",
    );
    let places: Vec<(u32, u32)> = said.iter().map(|(place, _)| *place).collect();
    assert_eq!(places, [(4, 1), (9, 1), (16, 1), (19, 1), (25, 1), (29, 1)], "{said:?}");
    assert_eq!(text.matches("elixir run\n").count(), 1, "{text}");
    assert!(said[2].1.contains("uses `x` of an earlier cell"), "{said:?}");
    sound(&text);
}

#[test]
fn a_place_is_where_it_shows_within_a_cell_and_within_a_line() {
    let (_, said) = import(
        "# T\n\n```elixir\nlist = [1]\n```\n\n```elixir\n# é\ny = 1\n{y, \"é\", list}\n```\n\n```elixir\n  import Enum\nmap([], & &1)\n```\n\n\
         Text ![p](https://example.org/p.png).\n\n# Sec ![p](https://example.org/p.png)\n",
    );
    let places: Vec<(u32, u32)> = said.iter().map(|(place, _)| *place).collect();
    assert_eq!(places, [(10, 10), (14, 3), (20, 1), (18, 6), (20, 7)], "{said:?}");
}

#[test]
fn odd_notebooks_become_lessons_all_the_same() {
    for text in [
        "no title, no cell",
        "# A\n\n# B\n\ntext",
        "# A\r\n\r\n```elixir\r\n1\r\n```\r\n",
        "\u{feff}# A\n",
        "#\n\n## X\n",
        "# A\n\n````elixir\n\"\"\"\n```\n\"\"\"\n````\n",
        "# A\n\n````markdown\n```elixir\n1\n```\n````\n",
        "# A\n\n```elixir\nno end",
        "# A\n\n<!-- livebook:{broken -->\n\n```elixir\n1\n```\n",
        "# A\n\n```elixir\n# <!-- exercise: x -->\n1\n```\n\n<!-- exercise: y -->\n",
        "# A\n\n![](files/p.svg) ![p](files/none.png) ![r](https://example.org/r.png) [n](other.livemd) [s](/x)\n",
        "# A\n\n\t```elixir\n\t1\n\t```\n",
        "# A\n\n- ```elixir\n  1\n  ```\n",
        "# A\n\nMath $x^2$ and\n\n$$\ny\n$$\n",
        "---\ntitle: x\n---\n# A\n",
        "~~~sh\n# not a title\n~~~\n\n# Title\n",
        "# A\n\n```elixir\n\"\"\"\n    ```\n\"\"\"\n```\n\nText.\n",
        "# A\n\n<!-- livebook:{\"file_entries\":[{\"name\":\"a.csv\"}]} -->\n\n```python\n1\n```\n",
        "# A\n\n```elixir run\n1\n```\n\n```test\n1\n```\n\n<details>\n<summary>x</summary>\n",
    ] {
        let (lesson, _) = import(text);
        sound(&lesson);
    }
}

#[test]
fn what_stands_in_code_is_no_title_and_no_fence() {
    let (text, _) =
        import("~~~sh\n# not a title\n~~~\n\n# Title\n\n```elixir\n\"\"\"\n    ```\n\"\"\"\n```\n\nText.\n");
    assert!(text.starts_with("---\ntitle: \"Title\"\n---\n\n~~~sh\n# not a title\n~~~\n"), "{text}");
    assert!(text.ends_with("\n```\n\nText.\n") && text.contains("elixir run\n"), "{text}");
}

#[test]
fn an_empty_notebook_is_none() {
    let files = Files::from([("a.livemd".to_owned(), Entry::File(b" \n".to_vec()))]);
    let (found, findings) = notebook(&files, "a.livemd", "a", "01-a.md");
    assert!(found.is_none());
    assert_eq!(findings.iter().map(|found| found.weight).collect::<Vec<_>>(), [Weight::Warning]);
}

proptest::proptest! {
    #[test]
    fn no_notebook_makes_it_panic(text in "(#|`{3,4}elixir|`{3}|<!-- livebook:\\{|\\}|-->|\"output\":true|\n|[a-z ]{1,8}|!\\[|\\]\\(|\\)|\r){0,40}") {
        let files = Files::from([("a.livemd".to_owned(), Entry::File(text.into_bytes()))]);
        let _ = notebook(&files, "a.livemd", "a", "01-a.md");
    }
}

#[test]
fn a_block_in_a_list_or_quotation_is_no_cell() {
    let list = "1. Install it:\n\n   ```elixir\n   # Not a title\n   x = 1\n   ```\n\n2. And a list in the list:\n   - ```elixir\n     y\n     ```\n\n> ```elixir\n> z\n> ```\n";
    let text = format!(
        "# T\n\n{list}\n  ```elixir\n  1 + 1\n  ```\n\n- a\n\n   ~~~~elixir\n   ```elixir\n   w\n   ```\n   ~~~~\n"
    );
    let (text, said) = import(&text);
    assert!(text.contains(list), "it stays as it is: {text}");
    assert!(text.contains("  ```elixir run\n  1 + 1\n  ```"), "what is only indented is a cell: {text}");
    assert_eq!(text.matches(" run\n").count(), 1, "{text}");
    assert!(said.is_empty(), "{said:?}");
    sound(&text);
}
