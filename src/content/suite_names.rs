//! The tests of ExUnit modules by name, as far as these can be told without running anything.

use tree_sitter::Node;

use super::syntax;
use crate::domain::exercise::SourceFile;

/// The names in the order of the source, as a verdict has them. None at all where one cannot be told (it is computed, a test
/// is skipped, doctests make their own): a list that is not the one that comes would mislead.
pub(super) fn suite_names(files: &[SourceFile]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let Some(tree) = syntax::whole_tree(&file.text) else { return Vec::new() };
        if file.text.contains("skip") || add(tree.root_node(), &file.text, None, &mut found).is_none() {
            return Vec::new();
        }
    }
    let mut names: Vec<String> = Vec::with_capacity(found.len());
    for name in found {
        // Two modules may have tests of one name; the verdict numbers them alike.
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !names.contains(name));
        names.extend(free);
    }
    names
}

/// `None` where a name cannot be told.
fn add(node: Node<'_>, code: &str, describe: Option<&str>, found: &mut Vec<String>) -> Option<()> {
    let mut describe = describe;
    if node.kind() == "call" {
        let target = node.child_by_field_name("target").and_then(|target| code.get(target.byte_range()));
        match target {
            Some("test") => {
                let own = first_text(node, code)?;
                found.push(describe.map_or_else(|| own.to_owned(), |describe| format!("{describe} {own}")));
                return Some(());
            }
            Some("describe") => describe = Some(first_text(node, code)?),
            Some("doctest" | "property" | "for") => return None,
            _ => {}
        }
    }
    let mut cursor = node.walk();
    let children: Vec<_> = node.named_children(&mut cursor).collect();
    children.into_iter().try_for_each(|child| add(child, code, describe, found))
}

/// The first argument of a call, if that is a text in which nothing is computed or escaped.
fn first_text<'c>(call: Node<'_>, code: &'c str) -> Option<&'c str> {
    let mut cursor = call.walk();
    let arguments = call.named_children(&mut cursor).find(|child| child.kind() == "arguments")?;
    let text = arguments.named_child(0).filter(|first| first.kind() == "string" && first.named_child_count() == 1)?;
    let content = text.named_child(0).filter(|content| content.kind() == "quoted_content")?;
    code.get(content.byte_range())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(body: &str) -> Vec<String> {
        let text = format!("defmodule StackTest do\n  use ExUnit.Case\n{body}\nend\n");
        suite_names(&[SourceFile { file: "stack_test.exs".to_owned(), text }])
    }

    #[test]
    fn tests_are_named_as_a_verdict_names_them() {
        let body = "@tag :pending\ntest \"is empty\" do\n  assert for(x <- [], do: x) == []\nend\n
                    describe \"push/2\" do\n  setup do\n    %{a: 1}\n  end\n  test \"grows\", %{a: a} do\n    assert a\n  end\nend";
        assert_eq!(names(body), ["is empty", "push/2 grows"]);
        let text = "defmodule A do\n  test \"x\" do\n  end\nend\n".to_owned();
        let two = [text.clone(), text].map(|text| SourceFile { file: "a_test.exs".to_owned(), text });
        assert_eq!(suite_names(&two), ["x", "x (2)"]);
    }

    #[test]
    fn where_one_cannot_be_told_none_is() {
        for body in [
            "test \"a #{1}\" do\nend",
            "test \"a \\\" b\" do\nend",
            "test name() do\nend",
            "for n <- 1..2 do\n  test \"x\" do\n  end\nend",
            "@tag :skip\ntest \"x\" do\nend",
            "doctest Stack\ntest \"x\" do\nend",
            "test \"x\" do\n",
        ] {
            assert_eq!(names(body), Vec::<String>::new(), "{body}");
        }
    }
}
