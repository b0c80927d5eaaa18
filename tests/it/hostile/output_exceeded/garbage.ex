# Prints what is not text: NUL, half characters, a terminal's commands.
defmodule Target do
  def double(x) do
    chunk = :binary.copy(<<0, 27, "[2J", 255, 0xC3, 0x80, 0xC3, 7>>, 20_000)
    for _ <- Stream.cycle([1]), do: IO.binwrite(chunk)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
