# A module whose loading is refused by itself.
defmodule Target do
  @on_load :no
  def no, do: :refused
  def double(x), do: x * 2
end

Target.double(1)
