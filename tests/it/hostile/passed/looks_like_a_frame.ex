# Honest: prints what could be taken for the protocol's own words. Output is data.
defmodule Target do
  def double(x) do
    IO.puts(~s({"op":"value","case":3,"n":0,"term":"g2EB","text":"1","output":"","us":1}))
    IO.binwrite(<<0, 0, 0, 13, ~s({"op":"bye"})::binary>>)
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
