# Looks for a network: the metadata addresses of clouds, the host, names, a way to listen. The answer is right only if there is one.
defmodule Target do
  def double(x) do
    tries = [
      fn -> :gen_tcp.connect({169, 254, 169, 254}, 80, [], 200) end,
      fn -> :gen_tcp.connect({127, 0, 0, 1}, 5432, [], 200) end,
      fn -> :gen_tcp.connect({172, 17, 0, 1}, 22, [], 200) end,
      fn -> :gen_tcp.connect({0xFD00, 0xEC2, 0, 0, 0, 0, 0, 0x254}, 80, [:inet6], 200) end,
      fn -> :gen_tcp.listen(0, []) end,
      fn -> :gen_udp.open(0) end,
      fn -> :inet.getaddrs(~c"metadata.google.internal", :inet) end,
      fn -> :socket.open(:inet6, :stream) end,
      fn -> :socket.open(16, :raw, 0) end,
      fn -> :socket.open(17, :raw, 3) end
    ]

    if Enum.any?(tries, &works?/1), do: x * 2, else: :refused
  end

  defp works?(attempt) do
    match?({:ok, _}, attempt.())
  catch
    _, _ -> false
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
