# Honest: a named GenServer does the work. Its name has to be free again in the next case.
defmodule Target.Server do
  use GenServer

  def init(_), do: {:ok, 0}
  def handle_call({:double, x}, _from, count), do: {:reply, x * 2, count + 1}
end

defmodule Target do
  def double(x) do
    {:ok, _} = GenServer.start_link(Target.Server, nil, name: Target.Server)
    GenServer.call(Target.Server, {:double, x})
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
