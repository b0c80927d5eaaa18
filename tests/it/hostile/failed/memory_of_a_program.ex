# A program beside the VM takes all memory. The kernel ends it, and the VM lives on.
# on runsc: memory_exceeded
defmodule Target do
  def double(21) do
    System.cmd("/bin/sh", ["-c", "dd if=/dev/zero of=/dev/null bs=400M count=1"], stderr_to_stdout: true)
  end

  def double(x), do: x * 2

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
