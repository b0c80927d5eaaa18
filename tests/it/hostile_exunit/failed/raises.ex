# Honest, and raises.
defmodule Target do
  def double(_x), do: raise("not yet")
  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
