# Waits for a program that never ends.
defmodule Target do
  def double(x) do
    System.cmd("/bin/sleep", ["infinity"])
    x
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
