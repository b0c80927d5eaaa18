# Honest: a process beside the answer crashes, with a report.
defmodule Target do
  def double(x) do
    {pid, monitor} = spawn_monitor(fn -> raise "not my answer" end)
    receive do
      {:DOWN, ^monitor, :process, ^pid, _} -> x * 2
    end
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
