# Sleeps.
defmodule Target do
  def double(x) do
    Process.sleep(:infinity)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
