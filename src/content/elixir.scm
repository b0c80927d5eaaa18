; What is coloured in Elixir. Shorter than the grammar's own query on purpose: the time to compile a query grows with
; every pattern that looks at children, and the site compiles it at each start. A later pattern wins over an earlier.

["%"] @punctuation
["," ";"] @punctuation
["(" ")" "[" "]" "{" "}" "<<" ">>"] @punctuation

[(boolean) (nil) (char)] @constant
[(integer) (float)] @number

(identifier) @variable
((identifier) @unused (#match? @unused "^_"))
((identifier) @constant
  (#any-of? @constant "__MODULE__" "__DIR__" "__ENV__" "__CALLER__" "__STACKTRACE__"))

(comment) @comment

(interpolation "#{" @embedded "}" @embedded) @embedded
(escape_sequence) @escape
[(string) (charlist) (sigil)] @string
[(atom) (quoted_atom) (keyword) (quoted_keyword)] @symbol

; Calls: f(x), M.f(x), and a map's field, which has neither arguments nor a block.
(call target: (identifier) @function)
(call target: (dot right: (identifier) @function))
(call target: (dot right: (identifier) @property) .)

(call target: (identifier) @keyword
  (#any-of? @keyword
    "def" "defdelegate" "defexception" "defguard" "defguardp" "defimpl" "defmacro" "defmacrop" "defmodule"
    "defoverridable" "defp" "defprotocol" "defstruct" "alias" "case" "cond" "for" "if" "import" "quote" "raise"
    "receive" "require" "reraise" "super" "throw" "try" "unless" "unquote" "unquote_splicing" "use" "with"))

; A definition without parentheses: def name do
(call target: (identifier) @keyword
  (arguments [(identifier) @function (binary_operator left: (identifier) @function operator: "when")])
  (#any-of? @keyword "def" "defdelegate" "defguard" "defguardp" "defmacro" "defmacrop" "defp"))

(operator_identifier) @operator
["=" "|>" "->" "<-" "=>" "." "|" "::" "&" "!" "^" "@"
  "+" "-" "*" "/" "++" "--" "**" "<>" ".." "//" "\\\\"
  "==" "!=" "===" "!==" "=~" "<" ">" "<=" ">=" "&&" "||"] @operator

(unary_operator operator: "@" @attribute operand: (identifier) @attribute)
(unary_operator operator: "@" @attribute operand: (call target: (identifier) @attribute))

(alias) @module

["when" "and" "or" "not" "in" "not in" "fn" "do" "end" "catch" "rescue" "after" "else"] @keyword
