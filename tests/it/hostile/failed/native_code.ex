# Loads native code, as a NIF and as a driver. The answer is right only if it can.
defmodule Target do
  def double(x) do
    File.write!("/tmp/library.so", <<0x7F, "ELF", 2, 1, 1, 0::size(72)>>)

    loaded = [
      :erlang.load_nif(~c"/tmp/library", 0),
      :erlang.load_nif(~c"/lib/x86_64-linux-gnu/libc", 0),
      :erl_ddll.load_driver(~c"/tmp", ~c"library"),
      :erl_ddll.load_driver(~c"/lib/x86_64-linux-gnu", ~c"libc")
    ]

    if :ok in loaded, do: x * 2, else: :refused
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
