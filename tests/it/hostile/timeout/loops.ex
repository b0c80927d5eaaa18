# Loops.
defmodule Target do
  def loop(x), do: loop(x)

  def bomb do
    try do
      spawn(&bomb/0)
    rescue
      _ -> :full
    end

    bomb()
  end

  def double(x) do
    loop(x)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
