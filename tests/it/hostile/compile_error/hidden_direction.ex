# Text that turns its reading direction, so that it reads otherwise than it runs.
defmodule Target do
  # ‮ } ;x nruter { ⁦
  def double(x), do: x * 2

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
