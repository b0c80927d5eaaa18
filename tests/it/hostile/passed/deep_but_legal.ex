# Recursion a million deep, and a number of ten thousand digits.
defmodule Target do
  def double(x) do
    1_000_000 = count(1_000_000)
    digits = Integer.to_string(Integer.pow(10, 10_000))
    x + x + byte_size(digits) - 10_001
  end

  defp count(0), do: 0
  defp count(n), do: 1 + count(n - 1)

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
