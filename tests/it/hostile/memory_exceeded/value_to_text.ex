# Takes its memory while it is shown.
defimpl Inspect, for: Integer do
  def inspect(_value, _options), do: grow([])
  def grow(list), do: grow([List.duplicate(1, 100_000) | list])
end

defmodule Target do
  def double(x) do
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
