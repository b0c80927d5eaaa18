# Prints colours, bells, NULs, and moves the cursor.
defmodule Target do
  def double(x) do
    IO.write([IO.ANSI.red(), "\e[2J\e[1;1H\a\0\b\r", "\e]0;title\a", IO.ANSI.reset()])
    IO.binwrite(<<0xFF, 0xFE, 0, 0x80>>)
    IO.puts("\u202ereversed\u2066")
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
