# Raises while it is compiled.
defmodule Target do
  raise "at compile time"
end
