# Kills its own children and asks the group leader strange things.
defmodule Target do
  def double(x) do
    children = for _ <- 1..50, do: spawn(fn -> Process.sleep(:infinity) end)
    Enum.each(children, &Process.exit(&1, :kill))
    send(Process.group_leader(), :hello)
    send(Process.group_leader(), {:io_request, self(), :ref, :nonsense})
    :io.columns()
    :io.getopts()
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
