# Throws what might be taken for a result.
defmodule Target do
  def double(_x), do: throw({:ok, nil})
  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
