# Writes a frame of JSON nested thousands deep.
defmodule Target do
  def double(x) do
    port = Port.open({:fd, 4, 4}, [:out, :binary])
    Port.command(port, <<100_000::32, String.duplicate("[", 100_000)::binary>>)
    Process.sleep(:infinity)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
