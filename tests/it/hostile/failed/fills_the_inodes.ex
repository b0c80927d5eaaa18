# Makes files until there are no more inodes.
defmodule Target do
  def double(x) do
    full = Enum.find_value(1..5000, fn i -> with :ok <- File.touch("/tmp/#{i}"), do: nil end)
    {full, x * 2}
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
