# Announces a frame of 4 GB on the descriptor of the channel.
defmodule Target do
  def double(x) do
    port = Port.open({:fd, 4, 4}, [:out, :binary])
    Port.command(port, <<0xFFFFFFFF::32>>)
    Process.sleep(:infinity)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
