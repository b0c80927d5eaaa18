# Honest: reads standard input, which is empty, at compile time and later.
IO.gets("your name? ")

defmodule Target do
  def double(x) do
    :eof = IO.gets("x? ")
    :eof = IO.read(:stdio, :line)
    {:error, _} = :io.getopts(:nobody) |> then(fn _ -> {:error, :enoent} end)
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
