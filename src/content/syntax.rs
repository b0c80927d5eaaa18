//! Code as a tree: one parser a thread and language, since a course has thousands of pieces of code.

use std::cell::RefCell;

use tree_sitter::{Language, Parser, Tree};

thread_local! {
    /// `None` if a grammar does not fit the parser, which the tests of everything that reads code rule out.
    static PARSER: RefCell<Option<Parser>> = RefCell::new(parser(tree_sitter_elixir::LANGUAGE.into()));
    static ERLANG: RefCell<Option<Parser>> = RefCell::new(parser(tree_sitter_erlang::LANGUAGE.into()));
}

fn parser(language: Language) -> Option<Parser> {
    let mut parser = Parser::new();
    parser.set_language(&language).ok()?;
    Some(parser)
}

/// The tree of some code in Erlang, as far as it can be read.
pub(super) fn erlang_tree(code: &str) -> Option<Tree> {
    ERLANG.with_borrow_mut(|parser| parser.as_mut()?.parse(code, None))
}

/// The tree of some code in Elixir, as far as it can be read.
pub(super) fn tree(code: &str) -> Option<Tree> {
    PARSER.with_borrow_mut(|parser| parser.as_mut()?.parse(code, None))
}

/// The tree of code in Elixir without mistakes.
pub(super) fn whole_tree(code: &str) -> Option<Tree> {
    tree(code).filter(|tree| !tree.root_node().has_error())
}
