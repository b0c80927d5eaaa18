# Writes a frame that the protocol has, but not in this direction.
defmodule Target do
  def double(x) do
    port = Port.open({:fd, 4, 4}, [:out, :binary])
    Port.command(port, <<12::32, ~s({"op":"end"} )::binary>>)
    Process.sleep(:infinity)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
