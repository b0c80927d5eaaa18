# Ends its process as if all were well.
defmodule Target do
  def double(x) do
    exit(:normal)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
