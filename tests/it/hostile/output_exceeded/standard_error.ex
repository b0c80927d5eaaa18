# Prints for ever on the device of standard error.
defmodule Target do
  def double(x) do
    chunk = String.duplicate("0123456789abcdef", 8192)
    for _ <- Stream.cycle([1]), do: IO.write(:stderr, chunk)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
