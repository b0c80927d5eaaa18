# Raises with a message of 5 MB.
defmodule Target do
  def double(x) do
    raise String.duplicate("é", 2_500_000)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
