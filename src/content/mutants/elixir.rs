//! Changes to code in Elixir.

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
    ("<", "<="),
    ("<=", "<"),
    (">", ">="),
    (">=", ">"),
    ("==", "!="),
    ("!=", "=="),
    ("===", "!=="),
    ("!==", "==="),
    ("and", "or"),
    ("or", "and"),
    ("&&", "||"),
    ("||", "&&"),
    ("in", "not in"),
    ("not in", "in"),
    ("--", "++"),
];

/// Operators whose operands are exchanged.
const EXCHANGED: [&str; 2] = ["++", "<>"];

/// Functions that are easily taken for each other.
const NAMES: [(&str, &str); 12] = [
    ("filter", "reject"),
    ("reject", "filter"),
    ("take", "drop"),
    ("drop", "take"),
    ("take_while", "drop_while"),
    ("drop_while", "take_while"),
    ("min", "max"),
    ("max", "min"),
    ("any?", "all?"),
    ("all?", "any?"),
    ("div", "rem"),
    ("rem", "div"),
];

/// What defines: its arguments are names, patterns and bodies.
const DEFINITIONS: [&str; 9] =
    ["def", "defp", "defmacro", "defmacrop", "defmodule", "defprotocol", "defimpl", "defstruct", "defexception"];

/// What brings in what others have defined: nothing in it computes.
const IMPORTS: [&str; 5] = ["import", "require", "alias", "use", "defdelegate"];

/// Attributes that only describe.
const DESCRIPTIONS: [&str; 9] =
    ["@doc", "@moduledoc", "@typedoc", "@spec", "@type", "@callback", "@impl", "@behaviour", "@opaque"];

/// All changes, in any order.
pub(super) fn changes(code: &str) -> Vec<Change> {
    let Some(tree) = syntax::tree(code) else { return Vec::new() };
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
        match node.kind() {
            // `@doc`, `@spec` and their like; `&1` and `&name/2`.
            "unary_operator" if self.describes(node) || self.is_reference(node) => return,
            "call" if self.target(node).is_some_and(|name| IMPORTS.contains(&name)) => return,
            "binary_operator" => self.operator(node),
            "integer" => self.changes.extend(Change::of_integer(node.byte_range(), self.text(node))),
            "boolean" => {
                let (old, new) = if self.text(node) == "true" { ("true", "false") } else { ("false", "true") };
                self.change(node.byte_range(), new, format!("`{old}` became `{new}`"));
            }
            "call" => self.call(node),
            "do_block" | "anonymous_function" | "source" | "else_block" => self.clauses(node),
            _ => {}
        }
        let mut cursor = node.walk();
        let children: Vec<_> = node.children(&mut cursor).collect();
        for child in children {
            self.walk(child);
        }
    }

    fn describes(&self, node: Node<'_>) -> bool {
        DESCRIPTIONS.iter().any(|name| self.text(node).starts_with(name))
    }

    /// `&1`, or `&String.upcase/1`: the numbers in them count nothing.
    fn is_reference(&self, node: Node<'_>) -> bool {
        let Some(operand) = node.child_by_field_name("operand").filter(|_| self.text(node).starts_with('&')) else {
            return false;
        };
        let parts = ["left", "operator", "right"].map(|name| operand.child_by_field_name(name));
        let [Some(left), Some(sign), Some(right)] = parts else { return operand.kind() == "integer" };
        let named = left.kind() == "identifier" || (left.kind() == "call" && !self.text(left).contains('('));
        named && self.text(sign) == "/" && right.kind() == "integer"
    }

    /// What a call names, if it is a bare name.
    fn target(&self, call: Node<'_>) -> Option<&'c str> {
        let target = call.child_by_field_name("target")?;
        (target.kind() == "identifier").then(|| self.text(target))
    }

    fn operator(&mut self, node: Node<'_>) {
        let parts = ["left", "operator", "right"].map(|name| node.child_by_field_name(name));
        let [Some(left), Some(sign), Some(right)] = parts else { return };
        let old = self.text(sign);
        if let Some((_, new)) = OPERATORS.iter().find(|(sign, _)| *sign == old) {
            self.change(sign.byte_range(), *new, format!("`{old}` became `{new}`"));
        } else if EXCHANGED.contains(&old) && self.text(left) != self.text(right) && right.kind() != "binary_operator" {
            let text = format!("{} {old} {}", self.text(right), self.text(left));
            self.change(node.byte_range(), text, format!("the sides of `{old}` were exchanged"));
        } else if old == "when" {
            let guard = short(self.text(right));
            self.change(left.end_byte()..right.end_byte(), "", format!("the guard `{guard}` was left out"));
        }
    }

    fn call(&mut self, node: Node<'_>) {
        let name = self.target(node).unwrap_or_default();
        if DEFINITIONS.contains(&name) {
            return;
        }
        let target = node.child_by_field_name("target");
        if let Some(target) = target.filter(|_| name == "if" || name == "unless") {
            let new = if name == "if" { "unless" } else { "if" };
            self.change(target.byte_range(), new, format!("`{name}` became `{new}`"));
            return;
        }
        let last = target.and_then(|target| match target.kind() {
            "dot" => target.child_by_field_name("right"),
            _ => Some(target),
        });
        if let Some(last) = last
            && let Some((old, new)) = NAMES.iter().find(|(name, _)| *name == self.text(last))
        {
            self.change(last.byte_range(), *new, format!("`{old}` became `{new}`"));
        }
        let Some(arguments) = child(node, "arguments") else { return };
        let mut cursor = arguments.walk();
        let given: Vec<_> = arguments.named_children(&mut cursor).filter(|node| node.kind() != "comment").collect();
        if let [one, other] = given.as_slice()
            && !self.is_head(node)
            && ![one.kind(), other.kind()].contains(&"keywords")
            && !target.is_some_and(|target| SYMMETRIC.contains(&self.text(target)))
            && self.text(*one) != self.text(*other)
        {
            let between = &self.code[one.end_byte()..other.start_byte()];
            let text = format!("{}{between}{}", self.text(*other), self.text(*one));
            let said = format!("the arguments of `{}` were exchanged", target.map_or("", |target| self.text(target)));
            self.change(one.start_byte()..other.end_byte(), text, said);
        }
    }

    /// Whether a call is the head of a definition, whose arguments are patterns: `def name(a, b)`.
    fn is_head(&self, node: Node<'_>) -> bool {
        // A guard stands between the two.
        let around = node
            .parent()
            .and_then(|above| if above.kind() == "binary_operator" { above.parent() } else { Some(above) });
        let call = around.filter(|around| around.kind() == "arguments").and_then(|around| around.parent());
        call.and_then(|call| self.target(call)).is_some_and(|name| DEFINITIONS.contains(&name))
    }

    /// Clauses of which one may be missing: of a `case` or a function without a name, and of a function with one.
    fn clauses(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        let children: Vec<_> = node.named_children(&mut cursor).collect();
        let stabs: Vec<_> = children.iter().filter(|child| child.kind() == "stab_clause").collect();
        if stabs.len() > 1 {
            for stab in stabs {
                let head = short(self.text(*stab).split("->").next().unwrap_or_default().trim());
                self.change(stab.byte_range(), "", format!("the clause `{head} ->` was left out"));
            }
        }
        let heads: Vec<_> = children.iter().filter_map(|child| Some((*child, self.head(*child)?))).collect();
        for (definition, (name, arity, line)) in &heads {
            if heads.iter().filter(|(_, (other, count, _))| other == name && count == arity).count() > 1 {
                self.change(definition.byte_range(), "", format!("the clause `{}` was left out", short(line)));
            }
        }
    }

    /// Name, number of arguments and first line of a definition.
    fn head(&self, node: Node<'_>) -> Option<(&'c str, usize, &'c str)> {
        if node.kind() != "call" || !["def", "defp"].contains(&self.target(node)?) {
            return None;
        }
        let mut head = child(node, "arguments")?.named_child(0)?;
        if head.kind() == "binary_operator" {
            head = head.child_by_field_name("left")?;
        }
        let line = self.text(node).lines().next().unwrap_or_default().trim_end_matches(" do").trim_end();
        match head.kind() {
            "call" => {
                Some((self.target(head)?, child(head, "arguments").map_or(0, |given| given.named_child_count()), line))
            }
            "identifier" => Some((self.text(head), 0, line)),
            _ => None,
        }
    }
}

fn child<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).find(|child| child.kind() == kind)
}

#[cfg(test)]
mod tests {
    use crate::content::mutants::{MOST, mutants};
    use crate::domain::exercise::Language;

    fn changes(code: &str) -> Vec<String> {
        let made = mutants(Language::Elixir, code);
        made.into_iter().map(|mutant| format!("{}:{} {}", mutant.line, mutant.column, mutant.change)).collect()
    }

    #[test]
    fn operators_and_boundaries_are_changed_where_they_compute() {
        let code =
            "defmodule A do\n  @doc \"1 + 1\"\n  @spec f(integer, 3) :: 1\n  def f(x, y) when x < 10, do: x + y\nend\n";
        assert_eq!(
            changes(code),
            [
                "4:14 the guard `x < 10` was left out",
                "4:22 `<` became `<=`",
                "4:24 `10` became `11`",
                "4:24 `10` became `9`",
                "4:34 `+` became `-`",
            ]
        );
    }

    #[test]
    fn a_clause_is_left_out_where_there_are_several() {
        let code = "defmodule A do\n  def f([]), do: :none\n  def f([x | _]), do: x\n  def g(x) do\n    case x do\n      nil -> :no\n      _ -> :yes\n    end\n  end\nend\n";
        let made = mutants(Language::Elixir, code);
        let said: Vec<_> = made.iter().map(|mutant| mutant.change.as_str()).collect();
        assert_eq!(
            said,
            [
                "the clause `def f([]), do: :none` was left out",
                "the clause `def f([x | _]), do: x` was left out",
                "the clause `nil ->` was left out",
                "the clause `_ ->` was left out",
            ]
        );
        assert!(!made[0].code.contains(":none") && made[0].code.contains("def f([x | _])"));
    }

    #[test]
    fn arguments_and_sides_are_exchanged_but_not_those_of_a_head() {
        let code = "defmodule A do\n  def join(a, b), do: put(a, b) ++ max(a, a(b))\n  def other(l), do: Enum.filter(l, &(&1 > 0))\n  def up(l), do: Enum.map(l, &String.upcase/1)\nend\n";
        assert_eq!(
            changes(code),
            [
                "2:23 the sides of `++` were exchanged",
                "2:27 the arguments of `put` were exchanged",
                "2:36 `max` became `min`",
                "3:26 `filter` became `reject`",
                "3:33 the arguments of `Enum.filter` were exchanged",
                "3:41 `>` became `>=`",
                "3:43 `0` became `1`",
                "4:27 the arguments of `Enum.map` were exchanged",
            ]
        );
    }

    #[test]
    fn conditions_are_turned_around() {
        let made = mutants(Language::Elixir, "defmodule A do\n  def f(x), do: if(x, do: true, else: 2 in [1])\nend\n");
        let said: Vec<_> = made.iter().map(|mutant| mutant.change.as_str()).collect();
        assert!(said.contains(&"`if` became `unless`") && said.contains(&"`true` became `false`"), "{said:?}");
        assert!(said.contains(&"`in` became `not in`"), "{said:?}");
    }

    #[test]
    fn what_cannot_be_parsed_gives_none_or_is_parsed_around() {
        let _ = mutants(Language::Elixir, "defmodule A do\n  def f(x, do: x + \n");
        assert_eq!(mutants(Language::Elixir, ""), []);
    }

    #[test]
    fn of_a_long_reference_some_are_taken_from_everywhere() {
        let lines: String = (0..200).map(|n| format!("  def f{n}(x), do: x * {n}\n")).collect();
        let made = mutants(Language::Elixir, &format!("defmodule A do\n{lines}end\n"));
        assert!(made.len() <= MOST && made.len() > MOST / 2, "{}", made.len());
        assert!(made.last().is_some_and(|last| last.line > 180));
    }
}
