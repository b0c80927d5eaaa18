# Honest: an editor put a byte-order mark at the beginning.
defmodule Target do
  def double(x) do
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
