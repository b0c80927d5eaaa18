# Prints what a careless page would run.
defmodule Target do
  def double(x) do
    IO.puts("<script>alert(1)</script><img src=x onerror=alert(1)>&amp;\"'")
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
