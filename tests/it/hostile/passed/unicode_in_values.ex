# Lists that print as text, and text that is none.
defmodule Target do
  def double(x), do: x * 2
  def text, do: [~c"abc", <<255>>, "\u0000", :"a b"]

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
