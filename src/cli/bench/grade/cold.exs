ExUnit.start(autorun: false)

defmodule Measured do
  def double(n), do: n * 2

  def first([], default), do: default
  def first([head | _tail], _default), do: head

  def sum(numbers), do: Enum.reduce(numbers, 0, fn number, total -> number + total end)

  def greet(name), do: "Hello, #{name}!"
end

defmodule MeasuredTest do
  use ExUnit.Case

  test("double", do: assert(Measured.double(21) == 42))
  test("first", do: assert(Measured.first([1, 2, 3], 0) == 1))
  test("default", do: assert(Measured.first([], :none) == :none))
  test("sum", do: assert(Measured.sum([1, 2, 3, 4]) == 10))
  test("greet", do: assert(Measured.greet("Ada") == "Hello, Ada!"))
end

%{total: 5, failures: 0} = ExUnit.run()
