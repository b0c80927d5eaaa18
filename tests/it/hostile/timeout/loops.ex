# Loops.
defmodule Target do
  def loop(x), do: loop(x)

  def double(x) do
    loop(x)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
