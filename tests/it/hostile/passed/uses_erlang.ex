# Erlang's modules instead of Elixir's.
defmodule Target do
  def double(x) do
    table = :ets.new(:numbers, [:named_table, :public])
    :ets.insert(table, {:x, x})
    :lists.sum(for {:x, n} <- :ets.tab2list(:numbers), _ <- [1, 2], do: n)
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
