# Links itself to the harness and falls.
defmodule Target do
  def double(_) do
    Process.link(Process.whereis(:athanor))
    Process.exit(self(), :kill)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
