# Loops in the body of a module.
defmodule Target do
  Stream.run(Stream.cycle([1]))
end
