//! Front matter that is a map in Elixir, as some sites for Elixir write it:
//!
//! ```text
//! %{
//!   title: "Enum",
//!   excerpt: """
//!   What to do with a collection.
//!   """
//! }
//! ---
//! ```

use std::ops::Range;

use tree_sitter::Node;

use super::syntax;
use super::yaml::Yaml;

/// An entry: its key and its value, each with its place in the text that was given.
pub(super) struct Entry {
    pub key: String,
    pub key_span: Range<usize>,
    pub value: Yaml,
    pub value_span: Range<usize>,
}

/// Reads a map with words as keys. Texts are read; of other values only the kind is told.
///
/// # Errors
/// The place of the first thing that is no such map.
pub(super) fn read(text: &str) -> Result<Vec<Entry>, Range<usize>> {
    let whole = 0..text.trim_end().len();
    let Some(tree) = syntax::tree(text) else { return Err(whole) };
    let root = tree.root_node();
    if root.has_error() {
        return Err(first_error(root).unwrap_or(whole));
    }
    let Some(map) = root.named_child(0).filter(|node| node.kind() == "map" && root.named_child_count() == 1) else {
        return Err(whole);
    };
    let Some(content) = child(map, "map_content") else { return Ok(Vec::new()) };
    let Some(keywords) = child(content, "keywords") else { return Err(content.byte_range()) };
    let mut entries = Vec::new();
    let mut cursor = keywords.walk();
    for pair in keywords.named_children(&mut cursor).filter(|node| node.kind() == "pair") {
        let (Some(key), Some(value)) = (pair.child_by_field_name("key"), pair.child_by_field_name("value")) else {
            return Err(pair.byte_range());
        };
        // The key's own text ends with its colon.
        let name = slice(text, key).trim_end().trim_end_matches(':').trim_matches('"').to_owned();
        entries.push(Entry {
            key_span: key.start_byte()..key.start_byte() + name.len(),
            key: name,
            value: self::value(text, value),
            value_span: value.byte_range(),
        });
    }
    Ok(entries)
}

fn value(text: &str, node: Node<'_>) -> Yaml {
    match node.kind() {
        "string" => words(text, node).map_or(Yaml::Other, Yaml::Text),
        "integer" | "float" => Yaml::Number,
        "boolean" => Yaml::Bool,
        "nil" => Yaml::Null,
        "map" => Yaml::Map,
        _ => Yaml::Other,
    }
}

/// What a string says; nothing where a part of it is computed.
fn words(text: &str, string: Node<'_>) -> Option<String> {
    let mut said = String::new();
    let mut cursor = string.walk();
    for part in string.named_children(&mut cursor) {
        match (part.kind(), slice(text, part)) {
            ("quoted_content", part) => said.push_str(part),
            ("escape_sequence", "\\n" | "\\r" | "\\t" | "\\\n") => said.push(' '),
            ("escape_sequence", escaped) => said.push_str(escaped.strip_prefix('\\')?),
            _ => return None,
        }
    }
    Some(said)
}

fn slice<'t>(text: &'t str, node: Node<'_>) -> &'t str {
    text.get(node.byte_range()).unwrap_or_default()
}

fn child<'n>(node: Node<'n>, kind: &str) -> Option<Node<'n>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).find(|child| child.kind() == kind)
}

/// The place of the first thing that the parser could not read. Walks without recursion: a text may nest as deep as it is long.
fn first_error(root: Node<'_>) -> Option<Range<usize>> {
    let mut left = vec![root];
    while let Some(node) = left.pop() {
        if node.is_error() || node.is_missing() {
            return Some(node.byte_range());
        }
        let mut cursor = node.walk();
        let mut children: Vec<_> = node.children(&mut cursor).filter(|child| child.has_error()).collect();
        children.reverse();
        left.extend(children);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(String, Option<String>)> {
        let entries = read(text).unwrap_or_default();
        let said = |entry: Entry| match entry.value {
            Yaml::Text(text) => (entry.key, Some(text.split_whitespace().collect::<Vec<_>>().join(" "))),
            _ => (entry.key, None),
        };
        entries.into_iter().map(said).collect()
    }

    #[test]
    fn strings_and_heredocs_are_read_and_the_rest_is_only_named() {
        let map = "%{\n  version: \"1.0\",\n  title: \"A \\\"b\\\" é\",\n  excerpt: \"\"\"\n  Two\n  lines.\n  \"\"\",\n  \
                   tags: [\"a\"],\n  n: 3,\n  at: ~D[2026-01-01]\n}\n";
        let text = |key: &str, said: &str| (key.to_owned(), Some(said.to_owned()));
        let other = |key: &str| (key.to_owned(), None);
        assert_eq!(
            texts(map),
            [
                text("version", "1.0"),
                text("title", "A \"b\" é"),
                text("excerpt", "Two lines."),
                other("tags"),
                other("n"),
                other("at")
            ]
        );
        assert_eq!(texts("%{title: \"a #{b}\"}"), [other("title")], "what is computed is not read");
        assert_eq!(texts("%{}"), []);
    }

    #[test]
    fn what_is_no_map_with_words_as_keys_is_refused() {
        for bad in ["", "%{", "%{title: }", "%{\"title\" => \"x\"}", "[title: \"x\"]", "%{} %{}", "%{title: \"x}"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(read(&"%{a: [".repeat(50_000)).is_err(), "however deep");
    }
}
