# Removes parts of the harness from the VM, which loads them again, and then answers honestly.
for name <- [Frame, Value, Runner, Trouble] do
  module = Module.concat(Athanor.Harness, name)
  :code.purge(module)
  :code.delete(module)
  :code.purge(module)
end

defmodule Target do
  def double(x) do
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
