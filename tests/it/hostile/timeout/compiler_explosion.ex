# Code whose expansion doubles with every line.
defmodule Target do
  defmacro twice(ast, 0), do: ast
  defmacro twice(ast, n), do: quote(do: {Target.twice(unquote(ast), unquote(n - 1)), Target.twice(unquote(ast), unquote(n - 1))})
  def double(x), do: x * 2

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end

defmodule Boom do
  require Target
  def boom, do: Target.twice(1, 40)
end
