# Honest: the compiler warns about almost every line.
defmodule Target do
  @unused_attribute 1
  def double(x) do
    unused = 1
    x * 2
  end

  defp never_called(a, b), do: a

  def first_or([], default), do: default
  def first_or([head | tail], default), do: head
end
