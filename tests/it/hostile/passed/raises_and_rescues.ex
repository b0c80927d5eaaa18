# Raises, throws and exits, and catches all of it.
defmodule Target do
  defmodule Oops, do: defexception([:message])

  def double(x) do
    try do
      raise Oops, "no"
    rescue
      Oops -> catch_throw(x)
    after
      IO.puts("after")
    end
  end

  defp catch_throw(x) do
    throw(catch_exit(x))
  catch
    value -> value
  end

  defp catch_exit(x) do
    exit(x)
  catch
    :exit, n -> n * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
