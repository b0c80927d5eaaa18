# Writes to /tmp until it is full, and everywhere else.
defmodule Target do
  def double(x) do
    chunk = :binary.copy(<<0>>, 1_048_576)
    full = Enum.find_value(1..40, fn i -> with :ok <- File.write("/tmp/#{i}", chunk), do: nil end)
    {full, File.write("/athanor/ebin/x", "x"), File.write("/dev/shm/x", "x"), File.write("/x", "x"), x * 2}
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
