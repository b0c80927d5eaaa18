# Honest: ten thousand processes at once, as books on Elixir like to show.
defmodule Target do
  def double(x) do
    parent = self()
    pids = for _ <- 1..10_000, do: spawn(fn -> receive do: (:go -> send(parent, :done)) end)
    for pid <- pids, do: send(pid, :go)
    for _ <- pids, do: receive(do: (:done -> :ok))
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
