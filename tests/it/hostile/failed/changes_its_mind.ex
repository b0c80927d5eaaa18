# Answers rightly once, and otherwise later: state that survives a case must not help.
defmodule Target do
  def double(x) do
    count = :persistent_term.get(:count, 0)
    :persistent_term.put(:count, count + 1)
    if count == 0, do: x * 2, else: x * 3
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
