# Makes atoms until the VM has had enough.
defmodule Target do
  def double(x) do
    Stream.iterate(0, &(&1 + 1)) |> Enum.each(&String.to_atom("atom_#{x}_#{&1}"))
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
