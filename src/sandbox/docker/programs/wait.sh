# Process 1 of a program's container. It waits for a line with the program's size in bytes (and in characters), takes the
# program from its standard input, and starts the interpreter with what is left of it.
file=$1
shift
echo ready
read -r bytes characters || exit 0
head -c "$bytes" >"$file"
# Not exec: process 1 is deaf to signals that a program may send itself.
"$@"
exit $?
