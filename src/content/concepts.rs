//! What lessons teach, and where code uses it: functions (`Enum.map`), words of the language (`with`), operators (`|>`),
//! modules (`Task`).

use std::collections::BTreeMap;
use std::ops::Range;

use tree_sitter::Node;

use super::fence::Fence;
use super::roles::Role;
use super::syntax;

/// Each word of code and where a lesson uses it first.
pub(super) type Words = BTreeMap<String, Range<usize>>;

/// Adds the words of a block. In a test they are those of the expressions: what is expected is data.
pub(super) fn add(words: &mut Words, role: &Role, fence: &Fence<'_>) {
    for (code, at) in pieces(role, fence) {
        let Some(tree) = syntax::tree(&code) else { continue };
        walk(tree.root_node(), &code, &mut |word, place| {
            words.entry(word.to_owned()).or_insert_with(|| at(place));
        });
    }
}

/// From a place in a piece of code to its place in the file.
type Place = Box<dyn Fn(Range<usize>) -> Range<usize>>;

fn pieces(role: &Role, fence: &Fence<'_>) -> Vec<(String, Place)> {
    if !role.is_code() {
        let prompts = fence.lines.iter().filter_map(|line| {
            let rest = ["iex>", "...>"].into_iter().find_map(|prompt| line.text.trim_start().strip_prefix(prompt))?;
            let start = line.at + line.text.len() - rest.len();
            let place: Place = Box::new(move |range| start + range.start..start + range.end);
            Some((rest.to_owned(), place))
        });
        return prompts.collect();
    }
    // Lines of a fence may be indented in the file, so each has a place of its own.
    let starts: Vec<(usize, usize)> = fence
        .lines
        .iter()
        .scan(0, |at, line| {
            let start = *at;
            *at += line.text.len() + 1;
            Some((start, line.at))
        })
        .collect();
    let place = move |range: Range<usize>| {
        let line = starts.partition_point(|(start, _)| *start <= range.start).max(1) - 1;
        let start = starts.get(line).map_or(range.start, |(start, at)| at + range.start - start);
        start..start + range.len()
    };
    vec![(fence.text(), Box::new(place) as Place)]
}

fn walk(node: Node<'_>, code: &str, found: &mut impl FnMut(&str, Range<usize>)) {
    let text = |node: Node<'_>| code.get(node.byte_range()).unwrap_or_default();
    match node.kind() {
        "comment" | "quoted_content" => return,
        // `Enum.map`, and `:lists.sort` too. A field of a variable is not a function.
        "dot" if node.child(0).is_some_and(|left| matches!(left.kind(), "alias" | "atom")) => {
            found(text(node), node.byte_range());
        }
        "alias" => {
            // `Task.Supervisor` is more than `Task`.
            found(text(node), node.byte_range());
        }
        "binary_operator" | "unary_operator" => {
            let mut cursor = node.walk();
            for operator in node.children(&mut cursor).filter(|child| !child.is_named()) {
                found(text(operator), operator.byte_range());
            }
        }
        // What is called without a module is a function of Kernel or a word of the language.
        "call" => {
            if let Some(target) = node.child_by_field_name("target").filter(|target| target.kind() == "identifier") {
                found(text(target), target.byte_range());
            }
        }
        "sigil" => {
            if let Some(name) = node.named_child(0) {
                found(&format!("~{}", text(name)), node.start_byte()..name.end_byte());
            }
        }
        _ => {}
    }
    if !node.is_named() && matches!(node.kind(), "fn" | "rescue" | "after" | "catch" | "else" | "when" | "<-") {
        found(node.kind(), node.byte_range());
    }
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        walk(child, code, found);
    }
}

/// A concept as code has it: without the number of arguments.
pub(super) fn word(concept: &str) -> &str {
    match concept.rsplit_once('/') {
        Some((name, arity)) if !name.is_empty() && !arity.is_empty() && arity.bytes().all(|b| b.is_ascii_digit()) => {
            name
        }
        _ => concept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::problem::Problems;
    use crate::content::scan::{Piece, scan};
    use crate::content::source::Source;

    fn words(text: &str) -> (Words, Source) {
        let source = Source::new("a.md", text);
        let mut words = Words::new();
        for piece in scan(0, &mut Problems::new(&source)) {
            if let Piece::Block(role, fence) = piece {
                add(&mut words, &role, &fence);
            }
        }
        (words, source)
    }

    #[test]
    fn words_are_those_of_code_and_not_of_text_in_it() {
        let (words, source) = words(
            "```elixir run\n# with\n\"receive\" |> String.upcase()\nwith {:ok, x} <- f(user.name), do: ~r/a/\nfn -> %Shop.Cart{} end\n```\n",
        );
        let has: Vec<&str> = words.keys().map(String::as_str).collect();
        for word in ["|>", "String.upcase", "String", "with", "<-", "f", "~r", "fn", "Shop.Cart"] {
            assert!(has.contains(&word), "{word}: {has:?}");
            assert_eq!(&source.text[words[word].clone()], word);
        }
        assert!(!has.contains(&"receive") && !has.contains(&"user.name"), "{has:?}");
    }

    #[test]
    fn a_test_uses_what_its_expressions_use() {
        let (words, source) = words("```elixir test\niex> Enum.map([1], &f/1)\nTask\n```\n");
        assert_eq!(&source.text[words["Enum.map"].clone()], "Enum.map");
        assert!(!words.contains_key("Task"));
    }

    #[test]
    fn the_number_of_arguments_does_not_count() {
        assert_eq!((word("Enum.map/2"), word("/"), word("|>"), word("a/b")), ("Enum.map", "/", "|>", "a/b"));
    }
}
