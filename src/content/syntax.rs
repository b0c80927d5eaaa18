//! Elixir code as a tree: one parser a thread, since a course has thousands of pieces of code.

use std::cell::RefCell;

use tree_sitter::{Parser, Tree};

thread_local! {
    /// `None` if the grammar does not fit the parser, which the tests of everything that reads code rule out.
    static PARSER: RefCell<Option<Parser>> = RefCell::new(parser());
}

fn parser() -> Option<Parser> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_elixir::LANGUAGE.into()).ok()?;
    Some(parser)
}

/// The tree of some code, as far as it can be read.
pub(super) fn tree(code: &str) -> Option<Tree> {
    PARSER.with_borrow_mut(|parser| parser.as_mut()?.parse(code, None))
}

/// The tree of code without mistakes.
pub(super) fn whole_tree(code: &str) -> Option<Tree> {
    tree(code).filter(|tree| !tree.root_node().has_error())
}
