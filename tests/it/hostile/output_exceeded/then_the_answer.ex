# Prints more than a job may in one piece, and then answers rightly.
defmodule Target do
  def double(x) do
    for _ <- 1..10, do: IO.write(:binary.copy("y", 1_048_576))
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
