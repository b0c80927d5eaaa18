# Honest: several modules with a struct, a protocol and a behaviour.
defmodule Target.Box do
  defstruct [:value]
end

defprotocol Target.Twice do
  def twice(box)
end

defimpl Target.Twice, for: Target.Box do
  def twice(box), do: box.value * 2
end

defmodule Target do
  def double(x) do
    Target.Twice.twice(%Target.Box{value: x})
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
