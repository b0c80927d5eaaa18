# Prints from a thousand processes at once what nobody has taken yet.
defmodule Target do
  def double(x) do
    leader = Process.group_leader()
    text = :binary.copy("x", 1_000)
    :erlang.suspend_process(leader)
    Stream.repeatedly(fn -> send(leader, {:io_request, self(), make_ref(), {:put_chars, :unicode, text <> "y"}}) end) |> Stream.run()
    x
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
