# Kills the process it is evaluated in.
defmodule Target do
  def double(x) do
    Process.exit(self(), :kill)
    Process.sleep(:infinity)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
