# Has the regex engine try for ever.
defmodule Target do
  def double(x) do
    for _ <- Stream.cycle([1]), do: Regex.match?(~r/^(a+)+$/, String.duplicate("a", 40) <> "!")
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
