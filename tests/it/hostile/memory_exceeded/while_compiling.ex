# Takes its memory while it is compiled.
defmodule Target do
  for i <- Stream.iterate(0, &(&1 + 1)), do: {i, :binary.copy(<<0::8_000_000>>, 16)}
end
