# Many processes with a large heap each.
defmodule Target do
  def double(x) do
    for _ <- 1..200, do: spawn(fn -> list = List.duplicate(x, 1_000_000); Process.sleep(:infinity); list end)
    Process.sleep(:infinity)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
