# Loads a native library as NIF and as driver.
defmodule Target do
  def double(x) do
    File.write!("/tmp/evil.so", <<0x7F, "ELF", 2, 1, 1, 0::72>>)
    {:erlang.load_nif(~c"/tmp/evil", 0), :erl_ddll.load(~c"/tmp", ~c"evil"), x * 2}
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
