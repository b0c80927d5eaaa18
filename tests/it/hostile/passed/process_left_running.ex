# Honest, if untidy: leaves named processes running, one of which restarts itself.
defmodule Target do
  def double(x) do
    pid = spawn(fn -> Process.sleep(:infinity) end)
    Process.register(pid, :left_running)
    {:ok, _} = Agent.start(fn -> x end, name: Target.Agent)
    phoenix(2)
    x * 2
  end

  defp phoenix(0), do: :ok

  defp phoenix(lives) do
    spawn(fn ->
      pid = phoenix(lives - 1)
      if is_pid(pid), do: Process.monitor(pid)
      Process.sleep(:infinity)
    end)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
