# Kills every process of the VM.
defmodule Target do
  def double(x) do
    for pid <- Process.list(), pid != self(), do: Process.exit(pid, :kill)
    Process.sleep(:infinity)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
