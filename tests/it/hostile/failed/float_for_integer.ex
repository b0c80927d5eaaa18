# Returns a number that is equal by `==` but is another term.
defmodule Target do
  def double(x) do
    x * 2.0
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
