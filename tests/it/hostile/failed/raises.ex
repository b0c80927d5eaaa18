# Raises.
defmodule Target do
  def double(x) do
    raise ArgumentError, "no double for #{x}"
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
