# Sets compiler options that every later compilation goes through: a tracer that raises. Cases are evaluated all the same.
defmodule Target do
  def trace(_, _), do: raise("traced")

  def double(x) do
    Code.put_compiler_option(:tracers, [Target])
    Code.put_compiler_option(:ignore_module_conflict, true)
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
