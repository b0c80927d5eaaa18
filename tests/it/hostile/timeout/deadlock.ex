# Two servers that wait for each other, with no limit.
defmodule Target do
  use GenServer
  def init(x), do: {:ok, x}
  def handle_call({:ask, other}, _, x), do: {:reply, GenServer.call(other, {:ask, self()}, :infinity), x}

  def double(x) do
    {:ok, one} = GenServer.start(Target, x)
    {:ok, other} = GenServer.start(Target, x)
    GenServer.call(one, {:ask, other}, :infinity)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
