# Answers with things that only look right: an improper list, a negative zero, a bit string.
defmodule Target do
  def double(21), do: [42 | []] |> List.wrap() |> hd() |> Kernel.*(1.0)
  def double(_), do: -0.0

  def first_or([], _), do: <<1::1>>
  def first_or(_, _), do: [nil | 1]
end
