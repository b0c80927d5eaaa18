# Names with question marks, quotes and letters of other alphabets.
defmodule Target do
  def double(число), do: ещё_два?(число)
  defp ещё_два?(x), do: apply(Target, :"with spaces", [x])
  def unquote(:"with spaces")(x), do: :"Elixir.Ünïcode".twice(x)

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end

defmodule :"Elixir.Ünïcode" do
  def twice(x), do: x + x
end
