# A supervisor with a child that falls twice and is started again.
defmodule Target do
  def double(x) do
    {:ok, _} = Supervisor.start_link([%{id: :a, start: {Agent, :start_link, [fn -> x end, [name: Fallen]]}}], strategy: :one_for_one)
    Process.exit(Process.whereis(Fallen), :kill)
    wait()
    Agent.get(Fallen, &(&1 * 2))
  end

  defp wait do
    pid = Process.whereis(Fallen)
    unless pid && Process.alive?(pid), do: wait()
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
