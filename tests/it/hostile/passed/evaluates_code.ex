# Evaluates text, calls by name and reads its own docs.
defmodule Target do
  @doc "Twice."
  @spec double(number) :: number
  def double(x) do
    {two, _} = Code.eval_string("1 + one", one: 1)
    apply(Kernel, :*, [x, two])
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
