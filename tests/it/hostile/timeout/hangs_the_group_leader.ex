# Has its function formatted by the process that collects the output, where it loops.
defmodule Target do
  def loop(x), do: loop(x)

  def double(x) do
    send(Process.group_leader(), {:io_request, self(), make_ref(), {:put_chars, :unicode, __MODULE__, :loop, [x]}})
    loop(x)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
