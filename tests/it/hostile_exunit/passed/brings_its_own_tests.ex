# Honest: starts ExUnit itself and brings tests of its own.
ExUnit.start()

defmodule OwnTest do
  use ExUnit.Case

  test "doubles" do
    assert Target.double(1) == 2
  end
end

defmodule Target do
  def double(x), do: x * 2
  def first_or([], default), do: default
  def first_or([head | _], _default), do: head
end
