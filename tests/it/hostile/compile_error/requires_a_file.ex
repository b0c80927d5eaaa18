# Requires a file of the system as if it was code.
defmodule Target do
  Code.require_file("/etc/passwd")
  def double(x), do: x * 2

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
