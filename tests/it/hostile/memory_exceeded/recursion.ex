# A recursion that never returns.
defmodule Target do
  def deep(x), do: [x | List.wrap(deep([x, x, x, x]))] ++ [x]

  def double(x) do
    1 + deep(x)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
