# Honest: prints, warns, keeps state of its own, leaves a process running.
defmodule Target do
  def double(x) do
    unused = IO.puts("doubling #{x}")
    spawn(fn -> Process.sleep(:infinity) end)
    Process.put(:seen, [x | Process.get(:seen, [])])
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
