# Binaries, off the heap.
defmodule Target do
  def double(x) do
    Stream.iterate(0, &(&1 + 1)) |> Enum.map(fn i -> :binary.copy(<<0::8_000_000>>, 16) |> then(&{i, &1}) end)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
