# Throws while it is compiled.
defmodule Target do
  throw(:at_compile_time)
end
