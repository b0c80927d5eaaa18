//! Cuts a block of a lesson into its expressions, so that each can show its value, as in a session of `iex`.

use super::syntax;

/// Expressions of a block that are run one by one. A longer block is run as a whole.
const MOST: usize = 100;

/// The expressions of some Elixir code, in order and without comments between them. Each has as many empty lines before it
/// as bring it to its own line, so that what the compiler says of a line is right. Code that cannot be cut, because it
/// has mistakes, is one expression: then the compiler says what is wrong.
#[must_use]
pub fn expressions(code: &str) -> Vec<String> {
    cut(code).filter(|cut| !cut.is_empty() && cut.len() <= MOST).unwrap_or_else(|| vec![code.to_owned()])
}

fn cut(code: &str) -> Option<Vec<String>> {
    let tree = syntax::whole_tree(code)?;
    let root = tree.root_node();
    let mut cursor = root.walk();
    root.named_children(&mut cursor)
        .filter(|node| node.kind() != "comment")
        .map(|node| Some("\n".repeat(node.start_position().row) + code.get(node.byte_range())?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_expression_stands_on_its_own_line() {
        let code = "a = 1 # => 1\n\nif a == 1 do\n  :one\nend\n# so\n[1, 2]\n|> Enum.sum()\n";
        assert_eq!(expressions(code), ["a = 1", "\n\nif a == 1 do\n  :one\nend", "\n\n\n\n\n\n[1, 2]\n|> Enum.sum()"]);
    }

    #[test]
    fn what_cannot_be_cut_is_left_whole() {
        for code in ["if true do\n  1\n", "1 +", "# nothing\n", "\"é", &"1\n".repeat(101)] {
            assert_eq!(expressions(code), [code]);
        }
    }
}
