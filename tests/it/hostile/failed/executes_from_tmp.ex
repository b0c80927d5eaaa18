# Writes a program to /tmp and starts it.
defmodule Target do
  def double(x) do
    File.write!("/tmp/program", "#!/bin/sh\necho started")
    File.chmod!("/tmp/program", 0o755)
    System.cmd("/tmp/program", [])
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
