; What is coloured in Erlang, by the classes of `elixir.scm` and as short. A later pattern wins over an earlier.

["(" ")" "[" "]" "{" "}" "<<" ">>" "," ";" "." "||" "#"] @punctuation

(atom) @symbol
[(integer) (float)] @number
(char) @constant
(string) @string
(var) @variable
((var) @unused (#match? @unused "^_"))
(comment) @comment

; Calls: f(X), m:f(X), fun f/1, fun m:f/1, -export([f/1]), and where functions are defined.
(call expr: (atom) @function)
(call expr: (remote fun: (atom) @function))
(remote_module module: (atom) @module)
(module name: (atom) @module)
(internal_fun fun: (atom) @function)
(external_fun fun: (atom) @function)
(fa fun: (atom) @function)
(function_clause name: (atom) @function)
(spec fun: (atom) @function)

; Attributes: -module(m), -export(…), -define(NAME, …), ?NAME
(module_attribute name: (atom) @module)
(attr_name name: (atom) @attribute)
(macro_call_expr name: (_) @constant)
(macro_lhs name: (_) @constant)
["module" "export" "export_type" "import" "behaviour" "behavior" "record" "type" "opaque" "spec" "callback" "define"
  "include" "include_lib" "ifdef" "ifndef" "endif" "undef" "compile" "deprecated" "feature" "file"] @attribute

; Records: #person{name = X}
(record_name name: (atom) @module)
(record_decl name: (atom) @module)
(record_field name: (atom) @property)
(record_field_name name: (atom) @property)

["->" "=" "=>" ":=" ":" "::" "|" "!" "<-" "<=" "+" "-" "*" "/" "++" "--" "==" "/=" "=:=" "=/=" "<" ">" "=<" ">=" "?"
  "?=" ".." "&&"] @operator

["after" "and" "andalso" "band" "begin" "bnot" "bor" "bsl" "bsr" "bxor" "case" "catch" "div" "else" "end" "fun" "if"
  "maybe" "not" "of" "or" "orelse" "receive" "rem" "try" "when" "xor"] @keyword
