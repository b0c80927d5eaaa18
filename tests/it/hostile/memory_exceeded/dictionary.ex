# Fills the process dictionary.
defmodule Target do
  def double(x) do
    Stream.iterate(0, &(&1 + 1)) |> Enum.each(&Process.put(&1, Enum.to_list(1..1000)))
    x
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
