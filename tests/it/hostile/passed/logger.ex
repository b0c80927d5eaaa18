# Honest: logs.
require Logger

defmodule Target do
  def double(x) do
    Logger.warning("doubling #{x}")
    :logger.error(~c"from Erlang ~p", [x])
    x * 2
  end

  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
