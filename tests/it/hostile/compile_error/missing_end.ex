# An `end` is missing.
defmodule Target do
  def double(x) do
    x * 2
end
