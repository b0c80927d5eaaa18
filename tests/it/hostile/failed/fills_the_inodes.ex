# Makes more files than there may be. gVisor does not count them; there they take the container's memory and time.
# on runsc: timeout
defmodule Target do
  def double(21) do
    full = Enum.find_value(1..1_000_000, fn i -> with :ok <- File.touch("/tmp/#{i}"), do: nil end)
    {full, 42}
  end

  def double(x), do: x * 2

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
