# Makes more files than there may be. The answer is right only if it can. gVisor does not count them, but takes a page of what
# /tmp may hold for each.
# on runsc: passed
defmodule Target do
  def double(21) do
    full = Enum.find_value(1..1_030, fn i -> with :ok <- :prim_file.write_file("/tmp/#{i}", ""), do: nil end)
    if full, do: {:refused, full}, else: 42
  end

  def double(x), do: x * 2

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
