# Looks for a network: sockets, names, the metadata address of clouds.
defmodule Target do
  def double(x) do
    [
      :gen_tcp.connect({169, 254, 169, 254}, 80, [], 500),
      :gen_tcp.connect({127, 0, 0, 1}, 5432, [], 500),
      :gen_tcp.listen(0, []),
      :gen_udp.open(0),
      :inet.getaddrs(~c"example.org", :inet),
      :socket.open(:inet6, :stream),
      x * 2
    ]
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
