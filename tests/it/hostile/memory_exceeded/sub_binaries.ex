# Keeps a small part of each of many large binaries.
defmodule Target do
  def double(x), do: keep([], x)
  defp keep(parts, x), do: keep([binary_part(<<x::8_000_000>>, 0, 100) | parts], x)

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
