# Dates, random numbers, regular expressions, sorting, maps and sets.
defmodule Target do
  def double(x) do
    :rand.seed(:exsss, {1, 2, 3})
    shuffled = Enum.shuffle(1..100)
    ^shuffled = Enum.map(shuffled, & &1)
    5050 = Enum.sum(MapSet.new(shuffled))
    7 = Date.diff(~D[2026-01-08], ~D[2026-01-01])
    [_, number] = Regex.run(~r/(-?\d+)/, "x = #{x}")
    String.to_integer(number) * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
