# Honest: a thousand processes, as books on Elixir like to show.
defmodule Target do
  def double(x) do
    1..1000
    |> Enum.map(fn i -> Task.async(fn -> i end) end)
    |> Task.await_many()
    |> length()
    |> then(fn 1000 -> x * 2 end)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
