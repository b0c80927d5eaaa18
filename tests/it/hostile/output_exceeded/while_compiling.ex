# Prints for ever while it is compiled.
chunk = String.duplicate("0123456789abcdef", 8192)
for _ <- Stream.cycle([1]), do: IO.write(chunk)
