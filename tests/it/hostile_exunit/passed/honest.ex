# Honest, for comparison.
defmodule Target do
  def double(x), do: x * 2
  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
