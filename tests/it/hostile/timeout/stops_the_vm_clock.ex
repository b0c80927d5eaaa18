# Puts the VM to sleep with a signal to its own process.
defmodule Target do
  def double(x) do
    System.cmd("/bin/sh", ["-c", "kill -STOP $PPID; sleep 60"])
    x
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
