//! What can be written better without asking: missing ids, unformatted code, expected values that are not written as
//! `inspect` writes them. Where it is, and what to write; the code of others decides what formatted code looks like.

use std::collections::BTreeSet;

use tree_sitter::Node;

use crate::domain::exercise::{Exercise, Expect, Language};
use crate::domain::ids::ExerciseId;
use crate::domain::verdict::ExpectedSet;

use super::edits::Edit;
use super::front_matter;
use super::opening::kebab;
use super::problem::Problems;
use super::scan::{Piece, scan};
use super::source::Source;
use super::syntax;

/// Ids for the exercises without one, made of their headings. `taken` are the ids of the course, and grows.
#[must_use]
pub fn missing_ids(source: &Source, taken: &mut BTreeSet<ExerciseId>) -> Vec<Edit> {
    let mut problems = Problems::new(source);
    let (_, body) = front_matter::read(&mut problems);
    let pieces = scan(body, &mut problems);
    let mut edits = Vec::new();
    for piece in pieces {
        let Piece::Open { span, attributes } = piece else { continue };
        if source.text[attributes.clone()].trim().is_empty() {
            let id = unused(&heading_after(source, span.end), taken);
            edits.push(Edit { range: span, text: format!("<!-- exercise: {id} -->") });
            taken.insert(id);
        }
    }
    edits
}

/// The text of the first heading after a place, before the exercise ends.
fn heading_after(source: &Source, at: usize) -> String {
    let lines = source.text[at..].lines().take_while(|line| !line.starts_with("<!-- /exercise"));
    let heading = lines.map(str::trim).find(|line| line.starts_with('#'));
    heading.unwrap_or_default().trim_matches(['#', ' ']).to_owned()
}

fn unused(heading: &str, taken: &BTreeSet<ExerciseId>) -> ExerciseId {
    let first = kebab(heading).unwrap_or_else(|| "exercise".to_owned());
    let numbered = (2_u32..).map(|number| format!("{first}-{number}"));
    let ids = std::iter::once(first.clone()).chain(numbered).filter_map(|id| ExerciseId::parse(&id).ok());
    // A number is always free before they end.
    ids.into_iter().find(|id| !taken.contains(id)).unwrap_or_else(|| unused("exercise", taken))
}

/// The Elixir code of a lesson that has a role other than a test: each with its place and its text.
#[must_use]
pub fn code_blocks(source: &Source) -> Vec<Edit> {
    let mut problems = Problems::new(source);
    let (_, body) = front_matter::read(&mut problems);
    let mut blocks = Vec::new();
    for piece in scan(body, &mut problems) {
        let Piece::Block(role, fence) = piece else { continue };
        if role.is_code() && fence.language == Language::Elixir && fence.closed && !fence.is_blank() {
            let (Some(first), Some(last)) = (fence.lines.first(), fence.lines.last()) else { continue };
            let range = first.at..last.at + last.text.len() + 1;
            // Within an indented fence the lines are not what they look like.
            if source.text.get(range.clone()) == Some(fence.text().as_str()) {
                blocks.push(Edit { range, text: fence.text() });
            }
        }
    }
    blocks
}

/// Expected values as `inspect` writes them, where the author wrote the same value by other words. What is computed
/// stays, and so does what only the author's words say: `1_000_000`, `0xFF`, a list of numbers that would become text.
#[must_use]
pub fn canonical_values(source: &Source, exercise: &Exercise, expected: &ExpectedSet) -> Vec<Edit> {
    // A hidden case of the private tree has its lines in another file.
    let cases = exercise.tests.cases.iter().zip(&expected.values).filter(|(case, _)| case.file.is_none());
    let steps = cases.flat_map(|(case, values)| case.steps.iter().zip(values));
    steps
        .filter_map(|(step, value)| {
            let (Some(Expect::Value(written)), Some(value)) = (&step.expect, value) else { return None };
            if *written == value.text || !same_by_words(written, &value.text) {
                return None;
            }
            let first = source.line_range(source.offset(step.expect_line as usize, 1));
            let indent = source.text[first.clone()].len() - source.text[first.clone()].trim_start().len();
            let indent = source.text[first.start..first.start + indent].to_owned();
            let lines = written.lines().count();
            let last = source.line_range(source.offset(step.expect_line as usize + lines - 1, 1));
            let there = &source.text[first.start..last.end];
            let is_there = there.lines().map(str::trim).eq(written.lines().map(str::trim));
            let text = value.text.lines().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n");
            is_there.then_some(Edit { range: first.start..last.end, text })
        })
        .collect()
}

/// Whether nothing is lost when `shown` stands for `written`.
fn same_by_words(written: &str, shown: &str) -> bool {
    let digits = |text: &str| {
        let based = ["0x", "0b", "0o", "?"].iter().any(|word| text.contains(word));
        let bytes = text.as_bytes();
        based || bytes.windows(3).any(|w| w[0].is_ascii_digit() && w[1] == b'_' && w[2].is_ascii_digit())
    };
    let charlist = |text: &str| text.contains("~c");
    is_literal(written)
        && is_literal(shown)
        && !digits(written)
        && charlist(written) == charlist(shown)
        && shown.lines().all(|line| !line.trim().is_empty() && !line.trim_start().starts_with("iex>"))
}

/// Whether an expression is only written, not computed.
fn is_literal(code: &str) -> bool {
    syntax::whole_tree(code).is_some_and(|tree| all_literal(tree.root_node()))
}

fn all_literal(node: Node<'_>) -> bool {
    const COMPUTED: [&str; 9] = [
        "call",
        "identifier",
        "binary_operator",
        "interpolation",
        "anonymous_function",
        "access_call",
        "dot",
        "comment",
        "unary_operator",
    ];
    let negative = |node: Node<'_>| {
        node.kind() == "unary_operator" && node.child(0).is_some_and(|operator| operator.kind() == "-")
    };
    let mut cursor = node.walk();
    (!COMPUTED.contains(&node.kind()) || negative(node)) && node.named_children(&mut cursor).all(all_literal)
}

#[cfg(test)]
mod tests {
    use super::super::edits::edited;
    use super::*;

    #[test]
    fn an_exercise_without_an_id_is_called_after_its_heading() {
        let text = "---\ntitle: T\n---\n<!-- exercise: -->\n### Two Heads?\n<!-- /exercise -->\n\n<!-- exercise: x -->\n### X\n<!-- /exercise -->\n\n<!-- exercise: -->\n<!-- /exercise -->\n";
        let source = Source::new("a.md", text);
        let mut taken = BTreeSet::from([ExerciseId::parse("two-heads").expect("an id")]);
        let edits = missing_ids(&source, &mut taken);
        let after = edited(text, &edits);
        assert!(after.contains("<!-- exercise: two-heads-2 -->\n### Two Heads?"), "{after}");
        assert!(after.contains("<!-- exercise: exercise -->\n<!-- /exercise -->"), "{after}");
        assert!(after.contains("<!-- exercise: x -->"), "{after}");
    }

    #[test]
    fn only_code_with_a_role_is_formatted() {
        let text =
            "---\ntitle: T\n---\n```elixir run\na  = 1\n```\n\n```elixir\nb  = 1\n```\n\n```erlang support\nc.\n```\n";
        let blocks = code_blocks(&Source::new("a.md", text));
        assert_eq!(blocks.iter().map(|block| block.text.as_str()).collect::<Vec<_>>(), ["a  = 1\n"]);
        assert_eq!(&text[blocks[0].range.clone()], "a  = 1\n");
    }

    #[test]
    fn what_only_the_author_says_stays() {
        assert!(same_by_words("[1,2]", "[1, 2]") && same_by_words("%{b: 1, a: -2}", "%{a: -2, b: 1}"));
        for (written, shown) in [
            ("1_000", "1000"),
            ("0xFF", "255"),
            ("1 + 1", "2"),
            ("[7]", "~c\"\\a\""),
            ("Date.utc_today()", "~D[2026-01-01]"),
        ] {
            assert!(!same_by_words(written, shown), "{written}");
        }
    }
}
