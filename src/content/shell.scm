; What is coloured in a shell's commands, by the classes of `elixir.scm`.

[(string) (raw_string) (heredoc_body)] @string
(command_name) @function
(function_definition name: (word) @function)
(variable_name) @variable
(comment) @comment
[(command_substitution) (expansion)] @embedded
["case" "do" "done" "elif" "else" "esac" "export" "fi" "for" "function" "if" "in" "then" "until" "while"] @keyword
["&&" "||" ">" ">>" "<" "|"] @operator
((word) @symbol (#match? @symbol "^-"))
