# Leaves the VM with a heap limit that no later process can live under.
defmodule Target do
  def double(x) do
    :erlang.system_flag(:max_heap_size, %{size: 300, kill: true, error_logger: false})
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
