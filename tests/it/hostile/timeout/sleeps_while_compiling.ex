# Waits for ever while it is compiled.
defmodule Target do
  Process.sleep(:infinity)
end
