# Ends the VM with the exit code of the kernel's out-of-memory kill.
defmodule Target do
  def double(x) do
    System.halt(137)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
