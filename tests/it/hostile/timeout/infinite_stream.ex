# Takes the last element of a stream that has none.
defmodule Target do
  def double(x), do: Stream.cycle([x]) |> Stream.filter(&(&1 < 0)) |> Enum.take(1)

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
