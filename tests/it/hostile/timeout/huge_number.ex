# Computes a number that no memory holds, slowly.
defmodule Target do
  def double(x) do
    Enum.reduce(Stream.cycle([7]), 3, fn n, acc -> rem(acc * acc + n, Integer.pow(10, 20_000)) end)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
