# Honest: slow, but within the limit of each case.
defmodule Target do
  def double(x) do
    Process.sleep(300)
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
