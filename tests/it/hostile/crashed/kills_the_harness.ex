# Kills the process that talks to the host.
defmodule Target do
  def double(x) do
    Process.exit(Process.whereis(:athanor), :kill)
    Process.sleep(:infinity)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
