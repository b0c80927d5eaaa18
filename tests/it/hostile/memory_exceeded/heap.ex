# A list without an end.
defmodule Target do
  def grow(list), do: grow([List.duplicate(1, 100_000) | list])

  def double(x) do
    grow([])
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
