# Returns a value of 3 MB.
defmodule Target do
  def double(x) do
    String.duplicate("x", 3_000_000)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
