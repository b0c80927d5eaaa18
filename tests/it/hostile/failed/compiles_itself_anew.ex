# Replaces its own code between two cases.
defmodule Target do
  def double(x) do
    Code.put_compiler_option(:ignore_module_conflict, true)
    Code.compile_string("defmodule Target do\n  def double(_), do: 42\n  def first_or(_, _), do: :none\nend")
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
