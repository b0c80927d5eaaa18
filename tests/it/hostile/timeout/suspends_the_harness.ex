# Suspends the process that talks to the host.
defmodule Target do
  def double(x) do
    :erlang.suspend_process(Process.whereis(:athanor))
    Process.sleep(:infinity)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
