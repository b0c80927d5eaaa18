# Process 1 of a program's container. It waits for a line with the program's size in bytes (and in characters), takes the
# program from its standard input, and starts the interpreter with what is left of it.
file=$1
shift
echo ready
read -r bytes characters || exit 0
head -c "$bytes" >"$file"
# Not as process 1 itself, which is deaf to signals that a program may send itself. What the shell has to say of how it
# ended is not the program's output.
exec 3>&2 2>/dev/null
(exec 2>&3 3>&-; exec "$@")
exit $?
