# A bracket is closed by another.
defmodule Target do
  def double(x), do: [x * 2)
end
