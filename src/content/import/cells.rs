//! What the cells of a notebook need of each other.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::super::{hexdocs, syntax};

/// Why a cell cannot stand alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Needs {
    /// It can.
    Nothing,
    /// It installs packages.
    Packages,
    /// A module that neither Elixir nor the cell has.
    Module(String),
    /// Something that an earlier cell made.
    Earlier(String),
    /// It has mistakes.
    Unread,
}

/// What earlier cells have made.
#[derive(Debug, Default)]
pub(super) struct Session {
    bound: BTreeSet<String>,
    modules: BTreeSet<String>,
}

/// What a piece of code makes and uses.
#[derive(Debug, Default)]
struct Names {
    bound: BTreeSet<String>,
    /// Names that it uses before it binds them, and calls without arguments, which look the same; and where they stand first.
    used: BTreeMap<String, usize>,
    modules: BTreeSet<String>,
    named: BTreeMap<String, usize>,
}

impl Session {
    /// What a cell needs beside Elixir, and the byte of its code where that shows, if it is one place.
    pub fn needs(&self, code: &str) -> (Needs, Option<usize>) {
        if let Some(at) = code.find("Mix.install") {
            return (Needs::Packages, Some(at));
        }
        let Some(names) = Names::of(code) else { return (Needs::Unread, None) };
        let earlier = names.used.iter().filter(|(name, _)| self.bound.contains(*name));
        if let Some((name, at)) = earlier.min_by_key(|(_, at)| **at) {
            return (Needs::Earlier(name.clone()), Some(*at));
        }
        let foreign = names.named.iter().filter(|(module, _)| !names.has(module) && !hexdocs::is_known(module));
        match foreign.min_by_key(|(module, at)| (!self.modules.contains(*module), **at)) {
            Some((module, at)) if self.modules.contains(module) => (Needs::Earlier(module.clone()), Some(*at)),
            Some((module, at)) => (Needs::Module(module.clone()), Some(*at)),
            None => (Needs::Nothing, None),
        }
    }

    /// Adds what a cell makes.
    pub fn remember(&mut self, code: &str) {
        let names = Names::of(code).unwrap_or_default();
        self.bound.extend(names.bound);
        self.modules.extend(names.modules);
    }
}

impl Names {
    fn of(code: &str) -> Option<Self> {
        let tree = syntax::whole_tree(code)?;
        let mut names = Self::default();
        names.walk(tree.root_node(), code);
        Some(names)
    }

    /// A module of its own, or one below or above it, as in `defmodule Shop.Cart` and `Cart`.
    fn has(&self, module: &str) -> bool {
        let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
        self.modules.iter().any(|own| own == module || last(own) == *module || module.starts_with(&format!("{own}.")))
    }

    fn walk(&mut self, node: Node<'_>, code: &str) {
        let text = |node: Node<'_>| code.get(node.byte_range()).unwrap_or_default().to_owned();
        match node.kind() {
            "binary_operator" if node.child(1).is_some_and(|operator| matches!(operator.kind(), "=" | "<-" | "->")) => {
                // What stands on the right is evaluated first.
                if let Some(right) = node.child(2) {
                    self.walk(right, code);
                }
                if let Some(left) = node.child(0) {
                    self.bind(left, code);
                }
                return;
            }
            // What a clause binds is known within it only.
            "stab_clause" => {
                let outside = self.bound.clone();
                if let Some(arguments) = node.child_by_field_name("left") {
                    self.bind(arguments, code);
                }
                if let Some(body) = node.child_by_field_name("right") {
                    self.walk(body, code);
                }
                self.bound = outside;
                return;
            }
            "call" => {
                let target = node.child_by_field_name("target").map(text).unwrap_or_default();
                let mut before = None;
                match target.as_str() {
                    "defmodule" | "defprotocol" => {
                        let name = arguments(node).and_then(|arguments| arguments.named_child(0));
                        self.modules.extend(name.map(text));
                    }
                    "alias" => {
                        let name = arguments(node).and_then(|arguments| arguments.named_child(0)).map(text);
                        self.modules.extend(name.and_then(|name| Some(name.rsplit('.').next()?.to_owned())));
                    }
                    // The parameters of a function bind its names.
                    "def" | "defp" | "defmacro" | "defmacrop" => {
                        before = Some(self.bound.clone());
                        if let Some(head) = arguments(node).and_then(|arguments| arguments.named_child(0)) {
                            self.bind(head, code);
                        }
                    }
                    _ => {}
                }
                let mut cursor = node.walk();
                let inside: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
                // So is what is bound between `do` and `end`, or in a comprehension.
                let closed = SCOPES.contains(&target.as_str()) || inside.iter().any(|child| child.kind() == "do_block");
                let outside = closed.then(|| before.unwrap_or_else(|| self.bound.clone()));
                for child in inside {
                    self.walk(child, code);
                }
                self.bound = outside.unwrap_or_else(|| std::mem::take(&mut self.bound));
                return;
            }
            "alias" => {
                self.named.entry(text(node)).or_insert(node.start_byte());
            }
            // On its right stands the name of a function or a field.
            "dot" => {
                if let Some(left) = node.child_by_field_name("left") {
                    self.walk(left, code);
                }
                return;
            }
            "identifier" => {
                let name = text(node);
                if !self.bound.contains(&name) {
                    self.used.entry(name).or_insert(node.start_byte());
                }
            }
            _ => {}
        }
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            self.walk(child, code);
        }
    }

    fn bind(&mut self, pattern: Node<'_>, code: &str) {
        // `^x` asks what `x` is.
        if pattern.kind() == "unary_operator" && pattern.child(0).is_some_and(|operator| operator.kind() == "^") {
            self.walk(pattern, code);
            return;
        }
        if pattern.kind() == "identifier" {
            self.bound.insert(code.get(pattern.byte_range()).unwrap_or_default().to_owned());
        }
        if pattern.kind() == "alias" {
            let module = code.get(pattern.byte_range()).unwrap_or_default().to_owned();
            self.named.entry(module).or_insert(pattern.start_byte());
        }
        // What is called there, as in the head of a function, is no name that it binds.
        let called = pattern.child_by_field_name("target");
        let mut cursor = pattern.walk();
        for child in pattern.named_children(&mut cursor).filter(|child| Some(*child) != called) {
            self.bind(child, code);
        }
    }
}

/// Words whose parts bind names for themselves.
const SCOPES: [&str; 6] = ["for", "with", "def", "defp", "defmacro", "defmacrop"];

fn arguments(call: Node<'_>) -> Option<Node<'_>> {
    let mut cursor = call.walk();
    call.named_children(&mut cursor).find(|child| child.kind() == "arguments")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_stands_alone_unless_it_uses_what_others_made() {
        let mut session = Session::default();
        for (code, needs) in [
            ("x = 1\ny = x + 1", Needs::Nothing),
            ("x * 2", Needs::Earlier("x".to_owned())),
            ("x = 3\nEnum.map([1], fn y -> x + y end)", Needs::Nothing),
            ("defmodule Shop.Cart do\n  def total(x), do: x\nend\nCart.total(1)\nShop.Cart.total(1)", Needs::Nothing),
            ("Shop.Cart.total(2)", Needs::Earlier("Shop.Cart".to_owned())),
            ("Kino.Input.text(\"a\")", Needs::Module("Kino.Input".to_owned())),
            ("Mix.install([:kino])", Needs::Packages),
            ("def (", Needs::Unread),
            ("for n <- 1..3, do: n", Needs::Nothing),
            ("^x = 1", Needs::Earlier("x".to_owned())),
            ("Enum.map([1], fn x -> x end)\nx + 1", Needs::Earlier("x".to_owned())),
            ("if true do\n  y = 1\nend\ny", Needs::Earlier("y".to_owned())),
            ("\"x\" <> \"y\" # x", Needs::Nothing),
        ] {
            assert_eq!(session.needs(code).0, needs, "{code}");
            session.remember(code);
        }
        assert_eq!(session.needs("z = 1\nz + x").1, Some(10), "where it stands");
    }
}
