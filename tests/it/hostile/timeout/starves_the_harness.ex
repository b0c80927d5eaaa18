# Takes the one scheduler for itself, at the highest priority.
defmodule Target do
  def loop(x), do: loop(x)

  def double(x) do
    Process.flag(:priority, :max)
    loop(x)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
