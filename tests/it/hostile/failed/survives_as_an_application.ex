# Starts an application, whose processes are OTP's own children, so that one outlives its case. It keeps what it saw, which
# is not what comes.
defmodule Target do
  use Application
  def start(_, _), do: {:ok, spawn_link(fn -> remember([]) end)}

  defp remember(seen) do
    receive do
      {:saw, value} -> remember([value | seen])
      {:what, from} -> send(from, {:seen, seen}) && remember(seen)
    end
  end

  def double(x) do
    :application.load({:application, :target, [mod: {Target, []}, vsn: ~c"1", registered: [], modules: [Target]]})
    :application.start(:target)
    Enum.each(Process.list(), &send(&1, {:saw, x}))
    if x == 21, do: 42, else: hd(ask() ++ [:nothing])
  end

  defp ask do
    Enum.each(Process.list(), &send(&1, {:what, self()}))
    receive do
      {:seen, seen} -> seen
    after
      100 -> []
    end
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
