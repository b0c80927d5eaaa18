# Two processes that keep each other awake at the highest priority.
defmodule Target do
  def double(x) do
    Process.flag(:priority, :max)
    other = :erlang.spawn_opt(fn -> bounce() end, priority: :max)
    send(other, self())
    bounce()
    x
  end

  defp bounce do
    receive do
      pid -> send(pid, self())
    end
    bounce()
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
