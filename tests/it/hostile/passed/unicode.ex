# Honest: names and texts in other alphabets.
defmodule Target do
  def double(x) do
    größe = x
    "Ελληνικά 漢字 🎉" |> String.graphemes() |> Enum.join("-") |> IO.puts()
    größe * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
