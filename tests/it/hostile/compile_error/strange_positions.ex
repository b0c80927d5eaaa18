# Errors with positions and texts that no compiler would write.
defmodule Target do
  defmacro __before_compile__(_), do: nil
  raise %CompileError{file: String.duplicate("f", 100_000), line: -7, description: String.duplicate("\0", 100_000)}
end
