# Prints from a process beside the case, and answers.
defmodule Target do
  def double(x) do
    leader = Process.group_leader()
    spawn(fn -> Stream.repeatedly(fn -> IO.write(leader, String.duplicate("x", 100_000)) end) |> Stream.run() end)
    Process.sleep(900)
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
