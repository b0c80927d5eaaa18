# A macro that fails with an exception that has no message.
defmodule Bad do
  defexception []
  def message(_), do: throw(:none)
end

defmodule Macros do
  defmacro boom, do: raise(Bad)
end

defmodule Target do
  require Macros
  def double(_), do: Macros.boom()
end
