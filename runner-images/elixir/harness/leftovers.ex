defmodule Athanor.Harness.Leftovers do
  @moduledoc "Processes that learner code leaves behind."

  @doc "The processes that were there before any learner code."
  def baseline, do: MapSet.new(Process.list())

  @doc """
  Ends all others and waits until they have ended, so that their names and tables are free again.

  What a process of the baseline started (bar the main one) is OTP's own, started late: the timer server for one.
  """
  def kill(baseline, rounds \\ 5) do
    case Enum.filter(Process.list(), &leftover?(&1, baseline)) do
      [] ->
        :ok

      pids ->
        monitors = for pid <- pids, do: Process.monitor(pid)
        for pid <- pids, do: Process.exit(pid, :kill)

        for monitor <- monitors do
          receive do
            {:DOWN, ^monitor, :process, _, _} -> :ok
          after
            100 -> :ok
          end
        end

        if rounds > 1, do: kill(baseline, rounds - 1), else: :ok
    end
  end

  defp leftover?(pid, baseline) do
    not MapSet.member?(baseline, pid) and
      case Process.info(pid, :parent) do
        {:parent, parent} when is_pid(parent) and parent != self() -> not MapSet.member?(baseline, parent)
        {:parent, _} -> true
        nil -> false
      end
  end
end
