# Honest: an editor on Windows ended the lines.
defmodule Target do
  def double(x) do
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
