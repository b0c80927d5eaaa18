# Ends the VM by an abort.
defmodule Target do
  def double(x) do
    :erlang.halt(:abort)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
