# Takes the one scheduler for itself, at the highest priority.
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
    Process.flag(:priority, :max)
    loop(x)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
