# Honest: looks at its values on the way, on every device there is.
defmodule Target do
  def double(x) do
    IO.inspect(x, label: "x")
    IO.puts(:stderr, "to standard error")
    IO.write(["io", ?l, "ist"])
    IO.binwrite(<<0, 27, "[31m", 255, 254>>)
    :io.format(~c"~p ~ts~n", [x, "äöü"])
    dbg(x)
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
