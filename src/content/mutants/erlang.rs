//! Changes to code in Erlang.

use std::ops::Range;

use tree_sitter::Node;

use super::super::syntax;
use super::{Change, SYMMETRIC, short};

/// Operators, and what becomes of them.
const OPERATORS: [(&str, &str); 19] = [
    ("+", "-"),
    ("-", "+"),
    ("*", "+"),
    ("/", "*"),
    ("div", "rem"),
    ("rem", "div"),
    ("<", "=<"),
    ("=<", "<"),
    (">", ">="),
    (">=", ">"),
    ("==", "/="),
    ("/=", "=="),
    ("=:=", "=/="),
    ("=/=", "=:="),
    ("and", "or"),
    ("or", "and"),
    ("andalso", "orelse"),
    ("orelse", "andalso"),
    ("--", "++"),
];

/// Functions that are easily taken for each other. Not the two folds: of most that is folded they make the same.
const NAMES: [(&str, &str); 8] = [
    ("takewhile", "dropwhile"),
    ("dropwhile", "takewhile"),
    ("min", "max"),
    ("max", "min"),
    ("any", "all"),
    ("all", "any"),
    ("hd", "tl"),
    ("tl", "hd"),
];

/// What declares and describes: nothing in it computes.
const DECLARATIONS: [&str; 8] =
    ["spec", "callback", "type_alias", "opaque", "nominal", "arity", "macro_lhs", "field_type"];

/// What may have several clauses, with a semicolon between each two.
const CLAUSES: [&str; 5] = ["cr_clause", "if_clause", "fun_clause", "catch_clause", "fun_decl"];

/// All changes, in any order.
pub(super) fn changes(code: &str) -> Vec<Change> {
    let Some(tree) = syntax::erlang_tree(code) else { return Vec::new() };
    let mut maker = Maker { code, changes: Vec::new() };
    maker.walk(tree.root_node());
    maker.changes
}

struct Maker<'c> {
    code: &'c str,
    changes: Vec<Change>,
}

impl<'c> Maker<'c> {
    fn text(&self, node: Node<'_>) -> &'c str {
        &self.code[node.byte_range()]
    }

    fn change(&mut self, at: Range<usize>, text: impl Into<String>, said: String) {
        self.changes.push(Change::new(at, text, said));
    }

    fn walk(&mut self, node: Node<'_>) {
        let kind = node.kind();
        if DECLARATIONS.contains(&kind) || kind.ends_with("_attribute") {
            return;
        }
        match kind {
            "binary_op_expr" => self.operator(node),
            "unary_op_expr" => self.negation(node),
            "integer" => self.changes.extend(Change::of_integer(node.byte_range(), self.text(node))),
            "atom" => {
                if let Some((old, new)) =
                    [("true", "false"), ("false", "true")].into_iter().find(|it| it.0 == self.text(node))
                {
                    self.change(node.byte_range(), new, format!("`{old}` became `{new}`"));
                }
            }
            "call" => self.call(node),
            _ => {}
        }
        self.guard(node);
        let mut cursor = node.walk();
        let children: Vec<_> = node.children(&mut cursor).collect();
        self.clauses(&children);
        for child in children {
            self.walk(child);
        }
    }

    fn operator(&mut self, node: Node<'_>) {
        let parts = ["lhs", "rhs"].map(|name| node.child_by_field_name(name));
        let [Some(left), Some(right)] = parts else { return };
        let mut cursor = node.walk();
        let Some(sign) = node.children(&mut cursor).find(|child| !child.is_named()) else { return };
        let old = self.text(sign);
        if let Some((_, new)) = OPERATORS.iter().find(|(sign, _)| *sign == old) {
            self.change(sign.byte_range(), *new, format!("`{old}` became `{new}`"));
        } else if old == "++" && self.text(left) != self.text(right) && right.kind() != "binary_op_expr" {
            let text = format!("{} {old} {}", self.text(right), self.text(left));
            self.change(node.byte_range(), text, format!("the sides of `{old}` were exchanged"));
        }
    }

    fn negation(&mut self, node: Node<'_>) {
        let Some(operand) = node.child_by_field_name("operand").filter(|_| self.text(node).starts_with("not")) else {
            return;
        };
        self.change(node.start_byte()..operand.start_byte(), "", "`not` was left out".to_owned());
    }

    fn call(&mut self, node: Node<'_>) {
        let Some(called) = node.child_by_field_name("expr") else { return };
        let name = if called.kind() == "remote" { called.child_by_field_name("fun") } else { Some(called) };
        if let Some(name) = name
            && let Some((old, new)) = NAMES.iter().find(|(old, _)| *old == self.text(name))
        {
            self.change(name.byte_range(), *new, format!("`{old}` became `{new}`"));
        }
        if name.is_some_and(|name| SYMMETRIC.contains(&self.text(name))) {
            return;
        }
        let Some(arguments) = node.child_by_field_name("args") else { return };
        let mut cursor = arguments.walk();
        let given: Vec<_> = arguments.named_children(&mut cursor).filter(|node| node.kind() != "comment").collect();
        if let [one, other] = given.as_slice()
            && self.text(*one) != self.text(*other)
        {
            let between = &self.code[one.end_byte()..other.start_byte()];
            let text = format!("{}{between}{}", self.text(*other), self.text(*one));
            // The grammar takes `lists:nth(…)` for a module and a call.
            let remote = node.parent().filter(|around| around.kind() == "remote");
            let start = remote.map_or(called.start_byte(), |remote| remote.start_byte());
            let said = format!("the arguments of `{}` were exchanged", short(&self.code[start..called.end_byte()]));
            self.change(one.start_byte()..other.end_byte(), text, said);
        }
    }

    /// A guard that is left out, with its `when`; the condition of an `if`, which has none, comes true instead.
    fn guard(&mut self, clause: Node<'_>) {
        const GUARDED: [&str; 5] = ["function_clause", "cr_clause", "if_clause", "fun_clause", "catch_clause"];
        let guard = clause.child_by_field_name("guard").filter(|_| GUARDED.contains(&clause.kind()));
        let Some(guard) = guard else { return };
        let said = short(self.text(guard));
        let mut cursor = clause.walk();
        let when = clause.children(&mut cursor).find(|child| child.kind() == "when");
        match when.and_then(|when| when.prev_sibling()) {
            Some(before) => {
                let at = before.end_byte()..guard.end_byte();
                self.change(at, "", format!("the guard `{said}` was left out"));
            }
            None if clause.kind() == "if_clause" && self.text(guard) != "true" => {
                self.change(guard.byte_range(), "true", format!("the condition `{said}` became `true`"));
            }
            None => {}
        }
    }

    /// Clauses of which one may be missing, each group of those that belong together.
    fn clauses(&mut self, children: &[Node<'_>]) {
        let clauses: Vec<Node<'_>> = children.iter().filter(|child| CLAUSES.contains(&child.kind())).copied().collect();
        let together =
            |one: &Node<'_>, other: &Node<'_>| one.kind() == other.kind() && self.head(*one) == self.head(*other);
        let groups: Vec<&[Node<'_>]> = clauses.chunk_by(together).filter(|group| group.len() > 1).collect();
        for group in groups {
            (0..group.len()).for_each(|place| self.leave_out(group, place));
        }
    }

    /// Leaves out one clause of several with the semicolon that it no longer needs.
    fn leave_out(&mut self, group: &[Node<'_>], place: usize) {
        let clause = group[place];
        let line = self.text(clause).split("->").next().unwrap_or_default().trim();
        let said = format!("the clause `{} ->` was left out", short(line));
        // The mark at the end of a function's clause is part of it.
        let marked = clause.kind() == "fun_decl";
        let (at, text) = match (group.get(place + 1), place.checked_sub(1).map(|before| group[before])) {
            (Some(next), _) => (clause.start_byte()..next.start_byte(), ""),
            (None, Some(before)) if marked => (before.end_byte() - 1..clause.end_byte(), "."),
            (None, Some(before)) => (before.end_byte()..clause.end_byte(), ""),
            (None, None) => return,
        };
        self.changes.push(Change { place: clause.start_byte(), ..Change::new(at, text, said) });
    }

    /// Name and number of arguments of a function's clause.
    fn head(&self, node: Node<'_>) -> Option<(&'c str, usize)> {
        let clause = node.child_by_field_name("clause")?;
        let (name, arguments) = (clause.child_by_field_name("name")?, clause.child_by_field_name("args")?);
        Some((self.text(name), arguments.named_child_count()))
    }
}

#[cfg(test)]
mod tests {
    use crate::content::mutants::{Mutant, mutants};
    use crate::content::syntax;
    use crate::domain::exercise::Language;

    /// All mutants of some code; each still is Erlang.
    fn made(code: &str) -> Vec<Mutant> {
        let made = mutants(Language::Erlang, code);
        for mutant in &made {
            let tree = syntax::erlang_tree(&mutant.code).expect("a tree");
            assert!(!tree.root_node().has_error(), "{}\n{}", mutant.change, mutant.code);
        }
        made
    }

    fn changes(code: &str) -> Vec<String> {
        made(code).into_iter().map(|mutant| format!("{}:{} {}", mutant.line, mutant.column, mutant.change)).collect()
    }

    #[test]
    fn operators_boundaries_and_guards_are_changed_where_they_compute() {
        let code = "-module(a).\n-export([f/2]).\n-spec f(3, integer()) -> 1.\n%% 1 + 1\nf(X, Y) when X < 10, not is_atom(Y) -> {X + Y, fun f/2, true, 16#ff}.\n";
        assert_eq!(
            changes(code),
            [
                "5:8 the guard `X < 10, not is_atom(Y)` was left out",
                "5:16 `<` became `=<`",
                "5:18 `10` became `11`",
                "5:18 `10` became `9`",
                "5:22 `not` was left out",
                "5:43 `+` became `-`",
                "5:57 `true` became `false`",
            ]
        );
    }

    #[test]
    fn a_clause_of_a_function_is_left_out_and_the_last_one_ends_it() {
        let code = "f([]) -> none;\nf([X | _]) -> X;\nf(_) -> x.\nf(_, _) -> y.\ng() -> z.\n";
        let made = made(code);
        let said: Vec<_> = made.iter().map(|it| format!("{}:{} {}", it.line, it.column, it.change)).collect();
        assert_eq!(
            said,
            [
                "1:1 the clause `f([]) ->` was left out",
                "2:1 the clause `f([X | _]) ->` was left out",
                "3:1 the clause `f(_) ->` was left out",
            ]
        );
        assert_eq!(made[1].code, "f([]) -> none;\nf(_) -> x.\nf(_, _) -> y.\ng() -> z.\n");
        assert_eq!(made[2].code, "f([]) -> none;\nf([X | _]) -> X.\nf(_, _) -> y.\ng() -> z.\n");
    }

    #[test]
    fn a_clause_of_a_case_an_if_a_fun_or_a_receive_is_left_out() {
        for (body, left) in [
            ("case X of a -> b; _ -> c end", 2),
            ("if X -> b; true -> c end", 2),
            ("fun(a) -> b; (_) -> c end", 2),
            ("receive a -> b; c -> d after X -> e end", 2),
            ("try X of a -> b; _ -> c catch error:d -> e; exit:f -> g end", 4),
            ("case X of a -> b end", 0),
        ] {
            let changes = changes(&format!("f(X) -> {body}.\n"));
            let found = changes.iter().filter(|change| change.contains("was left out")).count();
            assert_eq!(found, left, "{body}: {changes:?}");
        }
        let made = made("f(X) -> if X > a -> b; true -> c end.\n");
        assert!(made.iter().any(|it| it.change == "the condition `X > a` became `true`"), "{made:?}");
    }

    #[test]
    fn arguments_sides_and_names_are_exchanged() {
        let code = "f(L, N) -> lists:nth(N, L) ++ lists:map(fun hd/1, L), g(L, L), max(N, M), hd(L).\n";
        assert_eq!(
            changes(code),
            [
                "1:12 the sides of `++` were exchanged",
                "1:22 the arguments of `lists:nth` were exchanged",
                "1:41 the arguments of `lists:map` were exchanged",
                "1:64 `max` became `min`",
                "1:75 `hd` became `tl`",
            ]
        );
    }

    #[test]
    fn the_types_of_a_record_are_left_alone() {
        assert_eq!(
            changes("-record(p, {x = 3 :: 0..10, ok :: true}).\n"),
            ["1:17 `3` became `4`", "1:17 `3` became `2`"]
        );
    }

    #[test]
    fn what_cannot_be_parsed_gives_none_or_is_parsed_around() {
        let _ = mutants(Language::Erlang, "-module(a).\nf(X -> X + .\n");
        assert_eq!(mutants(Language::Erlang, ""), []);
    }
}
