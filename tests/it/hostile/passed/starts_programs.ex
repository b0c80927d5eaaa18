# Starts a few programs, which is not forbidden.
defmodule Target do
  def double(x) do
    {sum, 0} = System.cmd("/bin/sh", ["-c", "echo $((#{x} * 2))"])
    sum |> String.trim() |> String.to_integer()
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
