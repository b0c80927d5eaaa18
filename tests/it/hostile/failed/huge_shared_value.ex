# Returns a small value that is exponentially large once it is written out.
defmodule Target do
  def double(x) do
    Enum.reduce(1..24, [x], fn _, acc -> [acc, acc] end)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
