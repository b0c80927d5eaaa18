# Answers with the text of the right answer.
defmodule Target do
  def double(x), do: "#{x * 2}"

  def first_or([], default), do: inspect(default)
  def first_or(_, _), do: "nil"
end
