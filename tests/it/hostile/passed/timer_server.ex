# Honest: starts a system process of OTP that is only started when needed. It must not be swept away with the rest.
defmodule Target do
  def double(x) do
    {:ok, _} = :timer.apply_after(10_000, IO, :puts, ["never"])
    true = is_pid(Process.whereis(:timer_server))
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
