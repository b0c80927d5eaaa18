# Raises an exception whose message raises, throws and exits.
defmodule Fights do
  defexception [:x]
  def message(%{x: 21}), do: raise("a message in a message")
  def message(_), do: exit(:from_message)
end

defmodule Target do
  def double(x) do
    raise Fights, x: x
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
