# Returns a value that cannot be written down.
defmodule Target do
  def double(x) do
    fn -> x * 2 end
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
