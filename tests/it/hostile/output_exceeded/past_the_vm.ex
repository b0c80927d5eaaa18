# Prints past the VM, straight to the container's standard error.
defmodule Target do
  def double(x) do
    System.cmd("/bin/sh", ["-c", "exec yes 1>&2"])
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
