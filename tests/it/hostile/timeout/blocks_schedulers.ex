# Has the VM stop all other processes.
defmodule Target do
  def loop(x), do: loop(x)

  def double(x) do
    :erlang.system_flag(:multi_scheduling, :block_normal)
    loop(x)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
