# Kills the helper through which the VM starts programs, and the VM with it.
defmodule Target do
  def double(_) do
    System.cmd("/bin/sh", ["-c", "kill -9 $PPID; sleep 5"])
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
