# A variable that does not exist.
defmodule Target do
  def double(x), do: y * 2
end
