# Writes to the descriptor of the channel what is no frame.
defmodule Target do
  def double(x) do
    port = Port.open({:fd, 4, 4}, [:out, :binary])
    Port.command(port, <<0, 0, 0, 5, "hello">>)
    Process.sleep(:infinity)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
