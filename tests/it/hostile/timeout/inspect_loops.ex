# Returns at once, and loops when it is shown.
defimpl Inspect, for: Integer do
  def inspect(value, options), do: again(value, options)
  def again(value, options), do: again(value, options)
end

defmodule Target do
  def double(x) do
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
