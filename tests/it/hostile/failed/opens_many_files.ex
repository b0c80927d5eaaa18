# Opens files until there are no more descriptors.
defmodule Target do
  def double(x) do
    opened = Enum.map(1..3000, fn _ -> File.open("/dev/null") end)
    {Enum.count(opened, &match?({:ok, _}, &1)) > 2000, x}
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
