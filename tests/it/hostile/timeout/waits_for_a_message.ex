# Waits for a message that nobody sends.
defmodule Target do
  def double(x) do
    receive do
      :never -> x * 2
    end
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
