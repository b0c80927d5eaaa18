# An Enumerable that never ends.
defmodule Target do
  defstruct [:x]

  defimpl Enumerable do
    def reduce(it, acc, fun), do: reduce(it, acc, fun)
    def count(_), do: {:error, __MODULE__}
    def member?(_, _), do: {:error, __MODULE__}
    def slice(_), do: {:error, __MODULE__}
  end

  def double(x), do: Enum.to_list(%Target{x: x})

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
