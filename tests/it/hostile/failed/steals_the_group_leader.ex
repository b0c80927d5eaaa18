# Makes itself the group leader of every process and swallows what they print.
defmodule Target do
  def double(x) do
    thief = spawn(fn -> swallow() end)
    Enum.each(Process.list(), &:erlang.group_leader(thief, &1))
    IO.puts("stolen")
    if Process.group_leader() == thief, do: {:stolen, x}, else: x
  end

  defp swallow do
    receive do
      {:io_request, from, ref, _} -> send(from, {:io_reply, ref, :ok})
    end
    swallow()
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
