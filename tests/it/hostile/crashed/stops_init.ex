# Has the VM shut itself down in good order.
defmodule Target do
  def double(x) do
    :init.stop()
    Process.sleep(:infinity)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
