# Traps exits and lets a linked process fall.
defmodule Target do
  def double(x) do
    Process.flag(:trap_exit, true)
    pid = spawn_link(fn -> exit({:result, x * 2}) end)
    receive do
      {:EXIT, ^pid, {:result, result}} -> result
    end
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
