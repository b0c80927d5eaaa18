# Never answers in one of its tests.
defmodule Target do
  def double(_x), do: Process.sleep(:infinity)
  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
