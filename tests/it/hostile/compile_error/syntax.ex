# Not Elixir.
defmodule Target do
  def double(x), do: x *** 2
end
