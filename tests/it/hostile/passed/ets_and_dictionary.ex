# Honest: keeps state in a named table and in the process dictionary, made anew in every case.
defmodule Target do
  def double(x) do
    :ets.new(:memo, [:named_table, :public])
    :ets.insert(:memo, {:x, x})
    Process.put(:y, x)
    [{:x, value}] = :ets.lookup(:memo, :x)
    value + Process.get(:y)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
